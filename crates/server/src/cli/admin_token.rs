//! `verifa admin-token`: tokens of whoever runs the server.

use clap::{Args, Subcommand};
use serde_json::json;
use verifa_core::id::AdminTokenId;
use verifa_core::time::Timestamp;

use super::arguments::Arguments;
use super::keys::open;
use crate::terminal;

/// What to do with admin tokens.
#[derive(Subcommand)]
pub(crate) enum AdminTokenCommand {
    /// Make an admin token and print it, once
    Create(CreateArguments),
    /// List the admin tokens
    List(ListArguments),
    /// Stop an admin token for good
    Revoke(RevokeArguments),
}

/// What `admin-token create` is called with.
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Short name
    #[arg(long)]
    label: Option<String>,
    /// When it stops working, such as 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `admin-token list` is called with.
#[derive(Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `admin-token revoke` is called with.
#[derive(Args)]
pub(crate) struct RevokeArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The token's id
    id: String,
}

/// Does it.
///
/// # Errors
/// When the installation can't be opened, or the input is wrong.
pub(crate) async fn admin_token(command: AdminTokenCommand) -> anyhow::Result<()> {
    match command {
        AdminTokenCommand::Create(arguments) => create(arguments).await,
        AdminTokenCommand::List(arguments) => list(arguments).await,
        AdminTokenCommand::Revoke(arguments) => revoke(arguments).await,
    }
}

async fn create(arguments: CreateArguments) -> anyhow::Result<()> {
    let expires_at = arguments.expires_at.as_deref().map(str::parse::<Timestamp>);
    let expires_at = expires_at
        .transpose()
        .map_err(|_| anyhow::anyhow!("--expires-at: not an ISO 8601 time in UTC"))?;
    let app = open(&arguments.arguments).await?;
    let made = app.make_admin_token(arguments.label, expires_at).await?;
    app.db.close().await;
    if arguments.json {
        terminal::out(json!({
            "id": made.record.id,
            "secret": made.secret.reveal(),
            "label": made.record.label,
            "expires_at": made.record.expires_at,
            "created_at": made.record.created_at,
        }));
    } else {
        terminal::out(made.secret.reveal());
        terminal::note(format_args!(
            "{}: makes and changes organizations. It is shown this once.",
            made.record.id
        ));
    }
    Ok(())
}

async fn list(arguments: ListArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let tokens = app.list_admin_tokens().await?;
    let now = app.clock.now();
    app.db.close().await;
    if arguments.json {
        let shown: Vec<_> = tokens
            .iter()
            .map(|token| {
                json!({
                    "id": token.id,
                    "token_prefix": token.token_prefix,
                    "label": token.label,
                    "is_active": token.is_active(now),
                    "created_at": token.created_at,
                    "last_used_at": token.last_used_at,
                })
            })
            .collect();
        terminal::out(json!(shown));
        return Ok(());
    }
    for token in &tokens {
        let state = if token.is_active(now) {
            "active "
        } else {
            "stopped"
        };
        let label = token.label.as_deref().unwrap_or("");
        terminal::out(format_args!(
            "{}  {state}  {}…  {label}",
            token.id, token.token_prefix
        ));
    }
    Ok(())
}

async fn revoke(arguments: RevokeArguments) -> anyhow::Result<()> {
    let id: AdminTokenId = arguments
        .id
        .parse()
        .map_err(|_| anyhow::anyhow!("`{}` is no admin token's id", arguments.id))?;
    let app = open(&arguments.arguments).await?;
    app.revoke_admin_token(id).await?;
    app.db.close().await;
    terminal::out(format_args!("{id} is stopped."));
    Ok(())
}
