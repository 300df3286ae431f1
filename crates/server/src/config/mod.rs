//! The configuration: one small struct per section, read from the compiled-in defaults, a file,
//! the environment and flags.
//!
//! `config.default.toml` is the manual and the defaults at once. Each section validates itself and
//! names the key and the source of what is wrong.

mod blobs;
mod data;
mod database;
mod limits;
mod listen;
mod log;
mod mail;
mod problem;
mod rate_limits;
mod secret;
mod server;
mod sessions;
mod sources;
#[cfg(test)]
mod tests;
mod text;
mod tls;
mod webhooks;
mod worker;

use std::path::PathBuf;

use serde::Deserialize;

pub(crate) use blobs::{BlobStoreKind, Blobs};
pub(crate) use data::{Data, MasterKeySource};
pub(crate) use database::{Database, DatabaseTarget};
pub(crate) use limits::Limits;
pub(crate) use log::{Log, LogFormat};
pub(crate) use mail::Mail;
pub(crate) use problem::ConfigErrors;
pub(crate) use rate_limits::RateLimits;
pub(crate) use server::Server;
pub(crate) use sessions::Sessions;
pub(crate) use sources::{Flag, Sources};
pub(crate) use tls::Tls;
pub(crate) use webhooks::Webhooks;
pub(crate) use worker::Worker;

use problem::Report;

/// The commented defaults.
pub(crate) const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Listeners, TLS, proxies.
    pub(crate) server: Server,
    /// The data directory and the master key.
    pub(crate) data: Data,
    /// SQLite or PostgreSQL.
    pub(crate) database: Database,
    /// Where images lie.
    pub(crate) blobs: Blobs,
    /// What uploads may take.
    pub(crate) limits: Limits,
    /// How often a caller may call.
    pub(crate) rate_limits: RateLimits,
    /// Workflows and background jobs.
    pub(crate) worker: Worker,
    /// Lifetimes of capture tokens.
    pub(crate) sessions: Sessions,
    /// Who sends mail, and how.
    pub(crate) mail: Mail,
    /// How events are sent.
    pub(crate) webhooks: Webhooks,
    /// What is logged, and how.
    pub(crate) log: Log,
    /// The file that was read besides the defaults.
    #[serde(skip)]
    pub(crate) file: Option<PathBuf>,
}

impl Config {
    /// Reads all layers and validates the result.
    ///
    /// # Errors
    /// Everything that is wrong, each with its key, its source and a hint where there is one.
    pub(crate) fn load(sources: &Sources) -> Result<Self, ConfigErrors> {
        let layers = sources.layers()?;
        let mut config: Self = layers.extract()?;
        config.file.clone_from(&layers.file);
        config.data.credentials.clone_from(&sources.credentials);
        let mut report = Report::new(&layers);
        config.read_secret_files(&mut report);
        config.validate(&mut report);
        layers.check_data_directory(&config.data.dir, &mut report);
        report.finish(config)
    }

    fn read_secret_files(&mut self, report: &mut Report<'_>) {
        self.database.read_secret_file(report);
        self.blobs.s3.read_secret_file(report);
        self.mail.read_secret_files(report);
    }

    fn validate(&self, report: &mut Report<'_>) {
        self.server.validate(report);
        self.data.validate(report);
        self.database.validate(report);
        self.blobs.validate(report);
        self.limits.validate(report);
        self.rate_limits.validate(report);
        self.worker.validate(report);
        self.sessions.validate(report);
        self.mail.validate(report);
        self.webhooks.validate(report);
        self.log.validate(report);
        if !self.worker.in_process
            && matches!(self.database.target(&self.data), DatabaseTarget::Sqlite(_))
        {
            report.problem(
                "worker.in_process",
                "is false, but nothing else can run jobs on SQLite",
                "set `database.url`, or leave `worker.in_process` true",
            );
        }
    }
}
