//! `cargo xtask soak`: what takes too long for CI. A release server is killed at random moments,
//! fed with hostile requests, filled with sessions, and held to its own description; each run ends
//! by itself and says what it saw.

mod hostile;
mod kills;
mod random;
mod schemathesis;
mod volume;

use anyhow::Result;
use clap::{Args, Subcommand};
use verifa_postgres_fixture::{Durability, PostgresServer};

use crate::report::Report;
use crate::verifa::{Installation, release_program};

#[derive(Args, Debug, Clone)]
pub(crate) struct Options {
    #[command(subcommand)]
    run: Option<Run>,
    /// Where the random choices start; the same number makes the same choices.
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    /// Use PostgreSQL in place of SQLite.
    #[arg(long, global = true)]
    postgres: bool,
}

/// All of them, when none is named.
#[derive(Subcommand, Debug, Clone)]
enum Run {
    /// kill -9 at random moments; afterwards nothing may be lost or doubled.
    Kills {
        /// How many kills.
        #[arg(long, default_value_t = 100)]
        count: u32,
    },
    /// Broken and malicious requests; no answer may be a 5xx and memory stays bounded.
    Hostile {
        /// How many requests.
        #[arg(long, default_value_t = 20_000)]
        count: u64,
    },
    /// Many sessions; reading stays as fast as with few.
    Volume {
        /// How many sessions.
        #[arg(long, default_value_t = 200_000)]
        count: u64,
    },
    /// Schemathesis over the served description, stateful links on; no answer outside of it.
    Schemathesis {
        /// How many cases at least.
        #[arg(long, default_value_t = 5_000)]
        count: u64,
    },
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let program = release_program()?;
    let postgres = if options.postgres {
        Some(PostgresServer::start(Durability::Durable)?)
    } else {
        None
    };
    let runs = match &options.run {
        Some(run) => vec![run.clone()],
        None => vec![
            Run::Kills { count: 100 },
            Run::Hostile { count: 20_000 },
            Run::Volume { count: 200_000 },
            Run::Schemathesis { count: 5_000 },
        ],
    };
    let mut report = Report::new();
    for (number, run) in runs.iter().enumerate() {
        // Each run has a database of its own, so that one's leftovers are not another's findings.
        let database = format!("soak_{number}");
        let url = match &postgres {
            Some(server) => {
                server.create_database(&database)?;
                Some(server.url(&database))
            }
            None => None,
        };
        let installation = Installation::init(&program, url)?;
        match run {
            Run::Kills { count } => report.step(&format!("{count} kills"), || {
                kills::run(&installation, *count, options.seed)
            }),
            Run::Hostile { count } => report.step(&format!("{count} hostile requests"), || {
                hostile::run(&installation, *count, options.seed)
            }),
            Run::Volume { count } => report.step(&format!("{count} sessions"), || {
                volume::run(&installation, *count)
            }),
            Run::Schemathesis { count } => report.step(&format!("{count} described cases"), || {
                schemathesis::run(&installation, *count, options.seed)
            }),
        };
    }
    report.finish()
}
