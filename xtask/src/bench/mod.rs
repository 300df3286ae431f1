//! `cargo xtask bench`: measures a release server on loopback, from outside, through its HTTP API.
//! Load generator and server share the machine; their shares of its time are part of the result.

pub(crate) mod latencies;
mod load;
mod machine;
mod mrz;
mod page;
mod sessions;
mod start_up;
mod webhooks;
mod workflow;

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use verifa_postgres_fixture::{Durability, PostgresServer};

use crate::verifa::{Installation, release_program};
use page::Table;

/// What to measure, and for how long.
#[derive(Args, Debug, Clone)]
pub(crate) struct Options {
    /// Only on this database (default: both, one after the other).
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Seconds of load per figure.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    seconds: u64,
    /// Keep-alive connections, one request at a time on each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32, 128])]
    connections: Vec<usize>,
    /// Measure only this (default: everything).
    #[arg(long, value_enum)]
    scenario: Option<Scenario>,
    /// Write the tables into docs/benchmarks.md.
    #[arg(long, conflicts_with = "scenario")]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    StartUp,
    Requests,
    Workflow,
    Webhooks,
    Mrz,
}

impl Options {
    fn wants(&self, scenario: Scenario) -> bool {
        self.scenario.is_none_or(|only| only == scenario)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let program = release_program()?;
    let mut tables = Tables::default();
    for database in [Database::Sqlite, Database::Postgres] {
        if options.database.is_none_or(|only| only == database) {
            measure(&program, database, options, &mut tables)
                .with_context(|| format!("on {}", database.name()))?;
        }
    }
    if options.database != Some(Database::Postgres) && options.wants(Scenario::Mrz) {
        mrz::measure(&program, &mut tables.mrz)?;
    }
    let page = page::rendered(&machine::description()?, options, &tables.into_list());
    println!("\n{page}");
    if options.write {
        page::write(&page)
    } else {
        Ok(())
    }
}

/// One table a subject; each database adds its rows.
struct Tables {
    requests: Table,
    workflow: Table,
    start_up: Table,
    webhooks: Table,
    mrz: Table,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            requests: sessions::table(),
            workflow: workflow::table(),
            start_up: start_up::table(),
            webhooks: webhooks::table(),
            mrz: mrz::table(),
        }
    }
}

impl Tables {
    fn into_list(self) -> Vec<Table> {
        vec![
            self.requests,
            self.workflow,
            self.webhooks,
            self.start_up,
            self.mrz,
        ]
    }
}

fn measure(
    program: &Path,
    database: Database,
    options: &Options,
    tables: &mut Tables,
) -> Result<()> {
    let postgres = match database {
        Database::Sqlite => None,
        Database::Postgres => Some(PostgresServer::start(Durability::Durable)?),
    };
    let url = postgres.as_ref().map(|server| server.url("postgres"));
    let installation = Installation::init(program, url)?;
    let name = database.name();
    if options.wants(Scenario::StartUp) {
        start_up::measure(&installation, name, &mut tables.start_up)?;
    }
    if options.wants(Scenario::Requests) {
        sessions::measure(&installation, name, options, &mut tables.requests)?;
    }
    if options.wants(Scenario::Workflow) {
        workflow::measure(&installation, name, &mut tables.workflow)?;
    }
    // Last: its endpoints would hear of what the others do.
    if options.wants(Scenario::Webhooks) {
        webhooks::measure(&installation, name, &mut tables.webhooks)?;
    }
    Ok(())
}
