//! `verifa openapi`: the document that `/openapi.json` serves, without a server.

use crate::terminal;

/// Prints the document.
///
/// # Errors
/// When it can't be written as JSON.
pub(crate) fn print() -> anyhow::Result<()> {
    terminal::out(verifa_api::openapi_json()?.trim_end());
    Ok(())
}
