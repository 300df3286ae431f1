//! `verifa init`: the master key, the database, the first organization and its keys.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use verifa_app::App;
use verifa_app::admin_tokens::MadeAdminToken;
use verifa_app::organizations::{MadeOrganization, make_server_keys};
use verifa_vault::{MasterKey, MasterKeyError};

use super::arguments::Arguments;
use crate::config::{Config, MasterKeySource};
use crate::system::{SystemClock, SystemRandom};
use crate::{telemetry, terminal, wire};

/// What `init` is called with.
#[derive(Args)]
pub(crate) struct InitArguments {
    #[command(flatten)]
    pub(crate) arguments: Arguments,
    /// Name of the first organization
    #[arg(long, default_value = "My organization")]
    pub(crate) name: String,
    /// Print the organization and its keys as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Sets an installation up and prints its keys, once.
///
/// # Errors
/// When there is an installation already, or something can't be made.
pub(crate) async fn init(arguments: &InitArguments) -> anyhow::Result<()> {
    let config = arguments.arguments.load()?;
    telemetry::start_logging(&config.log);
    let (app, made) = make(&config, &arguments.name).await?;
    let label = Some("First admin token".to_owned());
    let token = app.make_admin_token(label, None).await?;
    app.db.close().await;
    if arguments.json {
        let mut printed = as_json(&made);
        if let Some(printed) = printed.as_object_mut() {
            printed.insert("admin_token".to_owned(), json!(token.secret.reveal()));
        }
        terminal::out(printed);
    } else {
        print(&config, &made, &token);
    }
    Ok(())
}

/// Makes an installation: key, schema, organization.
///
/// # Errors
/// When there is one already, or something can't be made.
pub(crate) async fn make(
    config: &Config,
    name: &str,
) -> anyhow::Result<(Arc<App>, MadeOrganization)> {
    let directory = &config.data.dir;
    make_directory(directory)
        .with_context(|| format!("the data directory `{}` can't be made", directory.display()))?;
    let db = wire::open_database(config).await?;
    wire::migrate(&db).await?;
    let organizations = db.query(verifa_store::organizations::all()).await?;
    anyhow::ensure!(
        organizations.is_empty(),
        "there is an installation already. \
         hint: use it, or name another place with --data-dir or --database-url"
    );
    let master = make_master_key(config)?;
    // An `init` that broke off after its keys is taken further.
    let has_keys = !db.query(verifa_store::keys::all_server()).await?.is_empty();
    if !has_keys {
        make_server_keys(&db, &master, &SystemClock, &SystemRandom).await?;
    }
    let app = wire::build_app(config, db).await?;
    let made = app.make_organization(name).await?;
    Ok((app, made))
}

/// Makes a directory that is its owner's alone.
///
/// # Errors
/// When the system refuses.
pub(super) fn make_directory(directory: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

/// Makes the master key's file; a key that is there already, such as one that several machines
/// share, is used.
fn make_master_key(config: &Config) -> anyhow::Result<MasterKey> {
    let MasterKeySource::File(path) = config.data.master_key_source() else {
        return wire::master_key(config);
    };
    match MasterKey::create_file(&path, &SystemRandom) {
        Ok(key) => Ok(key),
        Err(MasterKeyError::Exists { .. }) => wire::master_key(config),
        Err(error) => Err(error).with_context(|| format!("the master key `{}`", path.display())),
    }
}

/// What `--json` prints of a new organization.
pub(super) fn as_json(made: &MadeOrganization) -> serde_json::Value {
    json!({
        "organization": made.id,
        "slug": made.record.slug,
        "keys": {
            "live": made.live.secret.reveal(),
            "sandbox": made.sandbox.secret.reveal(),
            "publishable_live": made.publishable_live.secret.reveal(),
            "publishable_sandbox": made.publishable_sandbox.secret.reveal(),
        },
        "default_workflow": made.default_workflow,
    })
}

fn print(config: &Config, made: &MadeOrganization, token: &MadeAdminToken) {
    print_keys(made);
    terminal::out(format_args!(
        "Admin token          {}",
        token.secret.reveal()
    ));
    if let MasterKeySource::File(path) = config.data.master_key_source() {
        terminal::note(format_args!("The master key is in `{}`.", path.display()));
        terminal::note("Keep a copy of it apart from the data: without it nothing can be read.");
    }
    terminal::note("The API keys and the admin token are shown this once.");
}

/// Prints a new organization and its keys.
pub(super) fn print_keys(made: &MadeOrganization) {
    terminal::out(format_args!("Organization         {}", made.id));
    terminal::out(format_args!(
        "Live key             {}",
        made.live.secret.reveal()
    ));
    terminal::out(format_args!(
        "Sandbox key          {}",
        made.sandbox.secret.reveal()
    ));
    terminal::out(format_args!(
        "Publishable, live    {}",
        made.publishable_live.secret.reveal()
    ));
    terminal::out(format_args!(
        "Publishable, sandbox {}",
        made.publishable_sandbox.secret.reveal()
    ));
}
