//! `verifa keys`: API keys from the command line, also beside a running server.

use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use verifa_app::App;
use verifa_app::actor::{Actor, Who};
use verifa_app::api_keys::{NewApiKey, parse_scopes};
use verifa_core::id::{ApiKeyId, OrganizationId};
use verifa_core::tenant::{Environment, Scope, Tenant};
use verifa_vault::ApiKeyKind;

use super::arguments::Arguments;
use crate::{telemetry, terminal, wire};

/// What to do with keys.
#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make an API key and print its secret, once
    Create(CreateArguments),
    /// List API keys
    List(ListArguments),
    /// Stop an API key for good
    Revoke(RevokeArguments),
    /// Wrap all keys under a new master key
    RotateMaster(RotateArguments),
    /// Sign download links with a new key; links that are out live on until they expire
    RotateUrl(Arguments),
}

/// What `keys create` is called with.
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// `live` or `sandbox`
    #[arg(long)]
    environment: Environment,
    /// Scopes joined by commas, or `*` for all
    #[arg(long)]
    scopes: Option<String>,
    /// Make a publishable key, which may only create sessions
    #[arg(long, conflicts_with = "scopes")]
    publishable: bool,
    /// Short name
    #[arg(long)]
    label: Option<String>,
    /// The organization, where the server holds several
    #[arg(long)]
    organization: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `keys list` is called with.
#[derive(Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The organization, where the server holds several
    #[arg(long)]
    organization: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `keys revoke` is called with.
#[derive(Args)]
pub(crate) struct RevokeArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The key's id
    id: String,
}

/// What `keys rotate-master` is called with.
#[derive(Args)]
pub(crate) struct RotateArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Where to make the new master key's file
    #[arg(long, value_name = "PATH")]
    new: std::path::PathBuf,
}

/// Does it.
///
/// # Errors
/// When the installation can't be opened, or the input is wrong.
pub(crate) async fn keys(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create(arguments) => create(arguments).await,
        KeysCommand::List(arguments) => list(arguments).await,
        KeysCommand::Revoke(arguments) => revoke(arguments).await,
        KeysCommand::RotateMaster(arguments) => rotate(arguments).await,
        KeysCommand::RotateUrl(arguments) => rotate_url(&arguments).await,
    }
}

async fn open(arguments: &Arguments) -> anyhow::Result<Arc<App>> {
    let config = arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    wire::build_app(&config, db).await
}

async fn organization(app: &App, named: Option<&str>) -> anyhow::Result<OrganizationId> {
    app.organization_named(named).await?.context(
        "which organization? hint: name it with --organization, by its id or its short name",
    )
}

async fn create(arguments: CreateArguments) -> anyhow::Result<()> {
    let scopes = arguments.scopes.as_deref().map(parse_scopes).transpose();
    let scopes = scopes.map_err(|fault| anyhow::anyhow!("--scopes: {}", fault.message))?;
    let app = open(&arguments.arguments).await?;
    let tenant = Tenant {
        organization: organization(&app, arguments.organization.as_deref()).await?,
        environment: arguments.environment,
    };
    let kind = if arguments.publishable {
        ApiKeyKind::Publishable
    } else {
        ApiKeyKind::Secret
    };
    let new = NewApiKey {
        label: arguments.label,
        scopes,
        expires_at: None,
    };
    let actor = Actor {
        tenant,
        who: Who::CommandLine,
        request: None,
    };
    let made = app.create_api_key(&actor, kind, new).await?;
    app.db.close().await;
    let scopes: Vec<_> = made.record.scopes.iter().map(Scope::as_str).collect();
    if arguments.json {
        terminal::out(json!({
            "id": made.record.id,
            "secret": made.secret.reveal(),
            "environment": tenant.environment,
            "organization": tenant.organization,
            "scopes": scopes,
            "label": made.record.label,
            "created_at": made.record.created_at,
        }));
    } else {
        terminal::out(made.secret.reveal());
        terminal::note(format_args!(
            "{} ({}): {}",
            made.record.id,
            tenant.environment,
            scopes.join(", ")
        ));
        terminal::note("The secret is shown this once.");
    }
    Ok(())
}

async fn list(arguments: ListArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let organization = organization(&app, arguments.organization.as_deref()).await?;
    let keys = app.list_api_keys(organization).await?;
    app.db.close().await;
    if arguments.json {
        let shown: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "id": key.id,
                    "environment": key.tenant.environment,
                    "key_prefix": key.key_prefix,
                    "label": key.label,
                    "is_active": key.revoked_at.is_none(),
                    "created_at": key.created_at,
                    "last_used_at": key.last_used_at,
                })
            })
            .collect();
        terminal::out(json!(shown));
        return Ok(());
    }
    for key in &keys {
        let state = if key.revoked_at.is_none() {
            "active "
        } else {
            "revoked"
        };
        let label = key.label.as_deref().unwrap_or("");
        terminal::out(format_args!(
            "{}  {state}  {:7}  {}…  {label}",
            key.id,
            key.tenant.environment.as_str(),
            key.key_prefix
        ));
    }
    Ok(())
}

async fn revoke(arguments: RevokeArguments) -> anyhow::Result<()> {
    let id: ApiKeyId = arguments
        .id
        .parse()
        .map_err(|_| anyhow::anyhow!("`{}` is no key's id", arguments.id))?;
    let app = open(&arguments.arguments).await?;
    app.revoke_api_key(id).await?;
    app.db.close().await;
    terminal::out(format_args!("{id} is revoked."));
    Ok(())
}

async fn rotate(arguments: RotateArguments) -> anyhow::Result<()> {
    let config = arguments.arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    let app = wire::build_app(&config, db).await?;
    let random = crate::system::SystemRandom;
    let new = verifa_vault::MasterKey::create_file(&arguments.new, &random)
        .with_context(|| format!("the new master key `{}`", arguments.new.display()))?;
    let wrapped = app.rotate_master_key(&new).await?;
    app.db.close().await;
    terminal::out(format_args!(
        "{wrapped} keys are wrapped under the new master key."
    ));
    terminal::note(format_args!(
        "Start the server with --master-key {}. The old key opens older backups only.",
        arguments.new.display()
    ));
    Ok(())
}

async fn rotate_url(arguments: &Arguments) -> anyhow::Result<()> {
    let app = open(arguments).await?;
    app.rotate_url_key().await?;
    app.db.close().await;
    terminal::out("Download links are signed with a new key from the next start on.");
    terminal::note("Restart every server. Links that are out open until they expire.");
    Ok(())
}
