//! The command line: one subcommand a file.

mod admin_token;
mod arguments;
mod audit;
mod backup;
mod connections;
pub mod doctor;
mod init;
mod kept_checkpoints;
mod keys;
mod listen;
mod migrate;
mod models;
mod openapi;
mod organizations;
mod quickstart;
mod reference_secret;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::{telemetry, terminal};
use arguments::Arguments;

/// Verifa: open, self-hosted identity verification.
#[derive(Parser)]
#[command(name = "verifa", version, about, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the capture pages; runs a worker in-process unless configured otherwise
    Serve(Arguments),
    /// Run jobs only; needs PostgreSQL
    Worker(Arguments),
    /// Make the master key, the database, the first organization and its keys
    Init(init::InitArguments),
    /// Try it out: models, a demo organization, a server, and a session from start to end
    Quickstart(quickstart::QuickstartArguments),
    /// Examine an installation and explain each fault with its remedy
    Doctor(DoctorArguments),
    /// Bring the database schema up to date
    Migrate(Arguments),
    /// API keys and the master key
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The organizations of the server
    #[command(subcommand)]
    Organizations(organizations::OrganizationsCommand),
    /// What an organization decides for itself
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// Tokens that manage organizations through the API
    #[command(subcommand)]
    AdminToken(admin_token::AdminTokenCommand),
    /// The model pack
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// The audit chain
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Forward a sandbox's events to a local address, signed like deliveries
    Listen(listen::ListenArguments),
    /// Back up database and images while the server runs; the keys into a file of their own
    Backup(backup::BackupArguments),
    /// Restore a backup into an empty installation, with the erasure log replayed
    Restore(backup::RestoreArguments),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(clap::Args)]
struct DoctorArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Print findings as JSON
    #[arg(long)]
    json: bool,
}

/// Parses the command line and does what it says.
pub fn run() -> ExitCode {
    let command = CommandLine::parse().command;
    // One provider of cryptography for every TLS client of the process; a second call is harmless.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::note(format_args!("error: the runtime does not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(perform(command));
    // Checks beyond their time limit must not keep the process from ending.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            terminal::note(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => {
            serve::serve(&configured(&arguments)?, serve::Role::Serve).await?;
        }
        Command::Worker(arguments) => {
            serve::serve(&configured(&arguments)?, serve::Role::Worker).await?;
        }
        Command::Init(arguments) => init::init(&arguments).await?,
        Command::Quickstart(arguments) => return quickstart::quickstart(&arguments).await,
        Command::Doctor(arguments) => return Ok(examine(&arguments).await),
        Command::Migrate(arguments) => migrate::migrate(&configured(&arguments)?).await?,
        Command::Keys(command) => keys::keys(command).await?,
        Command::Organizations(command) => organizations::organizations(command).await?,
        Command::Settings(command) => settings::settings(command).await?,
        Command::AdminToken(command) => admin_token::admin_token(command).await?,
        Command::Models(command) => models::models(command).await?,
        Command::Audit(command) => return audit::audit(command).await,
        Command::Listen(arguments) => return Box::pin(listen::listen(arguments)).await,
        Command::Backup(arguments) => backup::backup(&arguments).await?,
        Command::Restore(arguments) => backup::restore_backup(&arguments).await?,
        Command::Openapi => openapi::print()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the configuration and starts logging by it.
fn configured(arguments: &Arguments) -> anyhow::Result<Config> {
    let config = arguments.load()?;
    telemetry::start_logging(&config.log);
    Ok(config)
}

async fn examine(arguments: &DoctorArguments) -> ExitCode {
    let loaded = Config::load(&arguments.arguments.sources());
    let clock = crate::system::SystemClock;
    let random = crate::system::SystemRandom;
    let surroundings = doctor::Surroundings::of_machine(&clock, &random);
    let report = doctor::run(loaded.as_ref(), &surroundings).await;
    if arguments.json {
        terminal::out(report.to_json());
    } else {
        terminal::out(report.to_text().trim_end());
    }
    ExitCode::from(report.exit_code())
}
