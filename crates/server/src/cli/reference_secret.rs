//! `verifa keys reference-secret`: what signs `external_ref` for publishable keys.

use clap::Args;
use serde_json::json;
use verifa_app::actor::Author;
use verifa_core::tenant::{Environment, Tenant};

use super::arguments::Arguments;
use super::keys::{open, organization};
use crate::terminal;

/// What `keys reference-secret` is called with.
#[derive(Args)]
pub(crate) struct ReferenceSecretArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The organization, where the server holds several
    #[arg(long)]
    organization: Option<String>,
    /// Replace it: signatures of the former secret are refused from now on
    #[arg(long)]
    rotate: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Shows the secret, or draws a new one and shows that.
///
/// # Errors
/// When the installation can't be opened, or the organization is not there.
pub(crate) async fn reference_secret(arguments: &ReferenceSecretArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let id = organization(&app, arguments.organization.as_deref()).await?;
    // Both environments share it; what operators do to organizations stands with the live events.
    let actor = Author::command_line().on(Tenant {
        organization: id,
        environment: Environment::Live,
    });
    let decided = if arguments.rotate {
        app.rotate_reference_secret(&actor).await?
    } else {
        app.show_reference_secret(&actor).await?
    };
    app.apply(decided.commit).await?;
    app.db.close().await;
    let secret = decided.answer.secret.reveal();
    if arguments.json {
        terminal::out(json!({ "organization": id, "secret": secret, "rotated": arguments.rotate }));
        return Ok(());
    }
    terminal::out(secret);
    terminal::note(
        "For your server, never for a browser: external_ref_signature is the hexadecimal \
         HMAC-SHA-256 of external_ref under it, in both environments.",
    );
    Ok(())
}
