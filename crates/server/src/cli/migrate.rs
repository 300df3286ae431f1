//! `verifa migrate`: the schema, ahead of a start.

use crate::config::Config;
use crate::{terminal, wire};

/// Applies what is pending.
///
/// # Errors
/// When a migration fails, or the schema is newer than this binary.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let db = wire::open_database(config).await?;
    let applied = wire::migrate(&db).await?;
    db.close().await;
    match applied {
        0 => terminal::out("The schema is up to date."),
        1 => terminal::out("Applied 1 migration."),
        n => terminal::out(format_args!("Applied {n} migrations.")),
    }
    Ok(())
}
