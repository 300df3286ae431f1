//! `verifa keys`: API keys from the command line, also beside a running server.

use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use verifa_app::actor::Author;
use verifa_app::api_keys::{MadeApiKey, parse_scopes};
use verifa_app::{App, AppError};
use verifa_core::id::{ApiKeyId, OrganizationId};
use verifa_core::tenant::{Environment, Scope, Scopes};
use verifa_core::time::Timestamp;
use verifa_store::api_keys::ApiKeyRecord;

use super::arguments::Arguments;
use super::reference_secret::{ReferenceSecretArguments, reference_secret};
use crate::{telemetry, terminal, wire};

/// What to do with keys.
#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make an API key and print its secret, once
    Create(CreateArguments),
    /// List API keys
    List(ListArguments),
    /// Stop an API key for good
    #[command(alias = "revoke")]
    Expire(ExpireArguments),
    /// Make a key with a new secret and everything else as another key has it
    Clone(CloneArguments),
    /// Wrap all keys under a new master key
    RotateMaster(RotateArguments),
    /// Sign download links with a new key; links that are out live on until they expire
    RotateUrl(Arguments),
    /// Show the secret that signs `external_ref` for publishable keys, or replace it
    ReferenceSecret(ReferenceSecretArguments),
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
    /// Free text
    #[arg(long)]
    note: Option<String>,
    /// A network it may be used from, such as 203.0.113.0/24; may be given several times
    #[arg(long = "allowed-ip", value_name = "CIDR")]
    allowed_ips: Vec<String>,
    /// An origin that a publishable key may be used from; may be given several times
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// When it stops working, such as 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
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

/// What `keys expire` is called with.
#[derive(Args)]
pub(crate) struct ExpireArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The key's id
    id: String,
}

/// What `keys clone` is called with.
#[derive(Args)]
pub(crate) struct CloneArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The key's id
    id: String,
    /// Print as JSON
    #[arg(long)]
    json: bool,
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
        KeysCommand::Expire(arguments) => expire(arguments).await,
        KeysCommand::Clone(arguments) => copy(arguments).await,
        KeysCommand::RotateMaster(arguments) => rotate(arguments).await,
        KeysCommand::RotateUrl(arguments) => rotate_url(&arguments).await,
        KeysCommand::ReferenceSecret(arguments) => reference_secret(&arguments).await,
    }
}

pub(super) async fn open(arguments: &Arguments) -> anyhow::Result<Arc<App>> {
    let config = arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    wire::build_app(&config, db).await
}

pub(super) async fn organization(app: &App, named: Option<&str>) -> anyhow::Result<OrganizationId> {
    app.organization_named(named).await?.context(
        "which organization? hint: name it with --organization, by its id or its short name",
    )
}

async fn create(arguments: CreateArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let organization = organization(&app, arguments.organization.as_deref()).await?;
    let author = Author::command_line();
    let made = app
        .issue_api_key_as_operator(&author, organization, &body(&arguments)?)
        .await;
    let made = made.map_err(explained)?;
    app.apply(made.commit).await?;
    app.db.close().await;
    print(&made.answer, arguments.json);
    Ok(())
}

/// The flags as the body of the API's call, which checks them.
fn body(arguments: &CreateArguments) -> anyhow::Result<Value> {
    let scopes = arguments.scopes.as_deref().map(parse_scopes).transpose();
    let scopes = scopes.map_err(|fault| anyhow::anyhow!("--scopes: {}", fault.message))?;
    let names = scopes.map(|scopes| scopes.iter().map(Scope::as_str).collect::<Vec<_>>());
    let unless_empty = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let mut body = json!({
        "environment": arguments.environment,
        "publishable": arguments.publishable,
        "label": arguments.label,
        "note": arguments.note,
        "allowed_ips": unless_empty(&arguments.allowed_ips),
        "allowed_origins": unless_empty(&arguments.allowed_origins),
        "expires_at": arguments.expires_at,
        "scopes": names,
    });
    if let Some(body) = body.as_object_mut() {
        body.retain(|_, value| !value.is_null());
    }
    Ok(body)
}

/// What was wrong with flags, each with its name.
pub(super) fn explained(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(faults) => {
            let each = faults
                .iter()
                .map(|fault| format!("{}: {}", fault.field, fault.message));
            anyhow::anyhow!("{}", each.collect::<Vec<_>>().join(" "))
        }
        error => error.into(),
    }
}

fn print(made: &MadeApiKey, as_json: bool) {
    let record = &made.record;
    let scopes: Vec<_> = record.scopes.iter().map(Scope::as_str).collect();
    if as_json {
        terminal::out(json!({
            "id": record.id,
            "secret": made.secret.reveal(),
            "environment": record.tenant.environment,
            "organization": record.tenant.organization,
            "scopes": scopes,
            "label": record.label,
            "expires_at": record.expires_at,
            "created_at": record.created_at,
        }));
    } else {
        terminal::out(made.secret.reveal());
        terminal::note(format_args!(
            "{} ({}): {}",
            record.id,
            record.tenant.environment,
            scopes.join(", ")
        ));
        terminal::note("The secret is shown this once.");
    }
}

async fn copy(arguments: CloneArguments) -> anyhow::Result<()> {
    let id = id_of(&arguments.id)?;
    let app = open(&arguments.arguments).await?;
    let source = app.any_api_key(id).await?;
    let actor = Author::command_line().on(source.tenant);
    let made = app.clone_api_key(&actor, &Scopes::all(), id).await?;
    app.apply(made.commit).await?;
    app.db.close().await;
    print(&made.answer, arguments.json);
    Ok(())
}

fn id_of(text: &str) -> anyhow::Result<ApiKeyId> {
    text.parse()
        .map_err(|_| anyhow::anyhow!("`{text}` is no key's id"))
}

async fn list(arguments: ListArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let organization = organization(&app, arguments.organization.as_deref()).await?;
    let keys = app.list_api_keys(organization).await?;
    let now = app.clock.now();
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
                    "is_active": is_active(key, now),
                    "created_at": key.created_at,
                    "last_used_at": key.last_used_at,
                })
            })
            .collect();
        terminal::out(json!(shown));
        return Ok(());
    }
    for key in &keys {
        let state = if is_active(key, now) {
            "active "
        } else {
            "stopped"
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

fn is_active(key: &ApiKeyRecord, now: Timestamp) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now)
}

async fn expire(arguments: ExpireArguments) -> anyhow::Result<()> {
    let id = id_of(&arguments.id)?;
    let app = open(&arguments.arguments).await?;
    let key = app.any_api_key(id).await?;
    let actor = Author::command_line().on(key.tenant);
    let decided = app.expire_api_key(&actor, None, id).await?;
    app.apply(decided.commit).await?;
    app.db.close().await;
    terminal::out(format_args!("{id} is stopped."));
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
