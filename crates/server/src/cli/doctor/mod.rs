//! `verifa doctor`: examines an installation and explains each fault with its remedy.
//!
//! Changes nothing but for a lock file, a small file that it writes and removes to see whether it
//! can, and a small object in the blob store that it removes again. It may run beside a server.

mod clock;
mod database;
mod directory;
mod fault;
mod keys;
mod mail;
mod models;
mod network;
mod report;
mod storage;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

use verifa_core::random::Random;
use verifa_core::time::Clock;
use verifa_models::RegistryClients;
use verifa_store::db::{Db, Migration};
use verifa_store::migrations::MIGRATIONS;
use verifa_vault::MasterKey;

pub(crate) use fault::FaultKind;
pub(crate) use report::Report;

use crate::config::{Config, ConfigErrors};

/// Below this much free space the disk counts as nearly full: some hundred uploads.
const MINIMUM_FREE_BYTES: u64 = 1 << 30;

/// What the examinations take from the machine; tests bring their own.
pub(crate) struct Surroundings<'a> {
    /// The clock that is examined.
    pub(crate) clock: &'a dyn Clock,
    /// For names of probe files.
    pub(crate) random: &'a dyn Random,
    /// Programs that fetch models.
    pub(crate) registry_clients: RegistryClients,
    /// The migrations that this release has.
    pub(crate) migrations: &'a [Migration],
    /// Free bytes on the disk of a directory.
    pub(crate) free_space: fn(&Path) -> io::Result<u64>,
}

impl<'a> Surroundings<'a> {
    /// The machine as it is.
    pub(crate) fn of_machine(clock: &'a dyn Clock, random: &'a dyn Random) -> Self {
        Self {
            clock,
            random,
            registry_clients: RegistryClients::default(),
            migrations: MIGRATIONS,
            free_space: |directory| fs4::available_space(directory),
        }
    }
}

/// What later examinations need from earlier ones.
struct Examination<'a> {
    config: &'a Config,
    surroundings: &'a Surroundings<'a>,
    report: Report,
    /// Whether the data directory is there.
    directory: bool,
    /// Whether a server runs on the data directory.
    serving: bool,
    master_key: Option<MasterKey>,
    /// A database whose schema this release can read.
    database: Option<Db>,
}

/// Examines an installation. A configuration that can't be read is the first fault, and the last.
pub(crate) async fn run(
    loaded: Result<&Config, &ConfigErrors>,
    surroundings: &Surroundings<'_>,
) -> Report {
    let config = match loaded {
        Ok(config) => config,
        Err(errors) => {
            let mut report = Report::default();
            report.fault(
                "configuration",
                FaultKind::ConfigurationInvalid,
                errors.to_string(),
            );
            return report;
        }
    };
    let mut examination = Examination {
        config,
        surroundings,
        report: Report::default(),
        directory: false,
        serving: false,
        master_key: None,
        database: None,
    };
    examination.report.ok(
        "configuration",
        match &config.file {
            Some(file) => format!("the defaults and `{}`", file.display()),
            None => "the defaults, environment and flags".to_owned(),
        },
    );
    clock::examine(&mut examination);
    directory::examine(&mut examination);
    keys::examine_master_key(&mut examination);
    database::examine(&mut examination).await;
    keys::examine_stored_keys(&mut examination).await;
    storage::examine(&mut examination).await;
    mail::examine(&mut examination).await;
    models::examine(&mut examination);
    network::examine(&mut examination);
    if let Some(database) = examination.database.take() {
        database.close().await;
    }
    examination.report
}

/// An error's words and those of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Many layers repeat their cause.
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}
