//! `verifa quickstart`: from nothing to a decided session, through the server's own HTTP API.

mod story;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use verifa_app::actor::{Actor, Who};
use verifa_app::api_keys::NewApiKey;
use verifa_client::Client;
use verifa_core::tenant::{Environment, Scopes, Tenant};
use verifa_vault::ApiKeyKind;

use super::arguments::Arguments;
use super::{init, models, serve};
use crate::config::{Config, Log, LogFormat};
use crate::{telemetry, terminal, wire};

/// The address of the demo server.
const ADDRESS: &str = "127.0.0.1:8080";
/// How long the demo server lets calls finish.
const GRACE: Duration = Duration::from_secs(3);

/// What `quickstart` is called with.
#[derive(Args)]
pub(crate) struct QuickstartArguments {
    /// Where the demo's data is made; used again when it is there
    #[arg(long, value_name = "DIR", default_value = "verifa-quickstart")]
    data_dir: PathBuf,
    /// Address and port of the API; a free port when the usual one is taken
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Take the model packages from here, without network
    #[arg(long, value_name = "DIR")]
    models_from: Option<PathBuf>,
    /// End after the story instead of leaving the server up
    #[arg(long)]
    exit: bool,
}

/// Tells the story and leaves the server up.
///
/// # Errors
/// When a step fails; the message says which and what to do.
pub(crate) async fn quickstart(arguments: &QuickstartArguments) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    let config = configuration(arguments).await?;
    telemetry::start_logging(&Log {
        format: LogFormat::Text,
        filter: "warn".to_owned(),
    });

    terminal::note("Verifa quickstart\n");
    prepare_directory(&config)?;
    models::fetch(&config, arguments.models_from.clone()).await?;
    let key = demo_key(&config).await?;
    let running = serve::start(&config, serve::Role::Serve).await?;
    let base = format!("http://{}", running.address);
    terminal::note(format_args!("  server   {base}\n"));
    let client = Client::new(&base, &key)?;
    let outcome = tokio::select! {
        outcome = story::tell(&client) => outcome,
        _ = terminate.recv() => Ok(None),
        _ = tokio::signal::ctrl_c() => Ok(None),
    };
    let story = match outcome {
        Ok(story) => story,
        Err(error) => {
            running.stop().await;
            return Err(error);
        }
    };
    if let Some(story) = story {
        terminal::out(table::render(&story));
        if !arguments.exit {
            terminal::out(next_steps(&base, &key, &config));
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
    }
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

async fn configuration(arguments: &QuickstartArguments) -> anyhow::Result<Config> {
    let listen = match &arguments.listen {
        Some(listen) => listen.clone(),
        None => free_address().await?,
    };
    let flags = Arguments {
        data_dir: Some(arguments.data_dir.clone()),
        listen: Some(listen),
        ..Arguments::default()
    };
    let mut config = flags.load()?;
    config.server.shutdown_grace = GRACE;
    Ok(config)
}

/// The usual address, or the same host with a port that is free.
async fn free_address() -> anyhow::Result<String> {
    if TcpListener::bind(ADDRESS).await.is_ok() {
        return Ok(ADDRESS.to_owned());
    }
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .context("no port is free")?;
    Ok(free.local_addr()?.to_string())
}

fn prepare_directory(config: &Config) -> anyhow::Result<()> {
    let directory = &config.data.dir;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("the data directory `{}` can't be made", directory.display()))
}

/// Makes the demo installation and answers its key; in one that is there already, a new key.
async fn demo_key(config: &Config) -> anyhow::Result<String> {
    if !config.data.dir.join(wire::SQLITE_FILE).exists() {
        let (app, made) = init::make(config, "Demo").await?;
        app.db.close().await;
        terminal::note(format_args!("  data     {}", config.data.dir.display()));
        return Ok(made.live.secret.reveal().to_owned());
    }
    let db = wire::open_database(config).await?;
    wire::migrate(&db).await?;
    let app = wire::build_app(config, db).await?;
    let organization = app.organization_named(None).await?;
    let organization = organization.context("the directory holds several organizations")?;
    let tenant = Tenant {
        organization,
        environment: Environment::Live,
    };
    let actor = Actor {
        tenant,
        who: Who::CommandLine,
        request: None,
    };
    let new = NewApiKey {
        label: Some("Quickstart".to_owned()),
        scopes: Some(Scopes::all()),
        expires_at: None,
    };
    let made = app.create_api_key(&actor, ApiKeyKind::Secret, new).await?;
    app.db.close().await;
    terminal::note(format_args!(
        "  data     {} (used again)",
        config.data.dir.display()
    ));
    Ok(made.secret.reveal().to_owned())
}

fn next_steps(base: &str, key: &str, config: &Config) -> String {
    format!(
        "The server is up at {base}; Ctrl-C stops it. Its reference is at {base}/docs.\n\
         Try it, in another terminal:\n\n\
         export VERIFA_KEY={key}\n\
         curl -s -X POST {base}/api/v1/sessions -H \"X-API-Key: $VERIFA_KEY\" \\\n     \
         -H 'Content-Type: application/json' -d '{{\"external_ref\": \"customer-42\"}}'\n\
         curl -s {base}/api/v1/sessions -H \"X-API-Key: $VERIFA_KEY\"\n\
         curl -s {base}/api/v1/verification-policies -H \"X-API-Key: $VERIFA_KEY\"\n\n\
         Data: {}. Master key: beside it, with `.master-key` added. Remove both to start anew.",
        config.data.dir.display()
    )
}
