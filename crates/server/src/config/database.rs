//! `[database]`: SQLite in the data directory, or PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::data::Data;
use super::problem::Report;
use super::secret::{self, SecretText};
use super::text;

/// The database and its connections.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// A PostgreSQL URL. Read through [`Database::target`].
    pub(crate) url: Option<SecretText>,
    /// A file with the URL.
    pub(crate) url_file: Option<PathBuf>,
    /// Threads that read the SQLite file.
    pub(crate) sqlite_readers: usize,
    /// Connections to PostgreSQL.
    pub(crate) postgres_connections: usize,
    /// Wait for a free connection.
    #[serde(rename = "acquire_timeout_seconds", deserialize_with = "text::seconds")]
    pub(crate) acquire_timeout: Duration,
    /// Limit of one PostgreSQL statement.
    #[serde(
        rename = "statement_timeout_seconds",
        deserialize_with = "text::seconds"
    )]
    pub(crate) statement_timeout: Duration,
}

/// Which database is meant.
#[derive(Debug)]
pub(crate) enum DatabaseTarget<'a> {
    /// This SQLite file.
    Sqlite(PathBuf),
    /// The PostgreSQL server at this URL.
    Postgres(&'a SecretText),
}

impl Database {
    /// PostgreSQL when there is a URL, else `verifa.db` in the data directory.
    pub(crate) fn target(&self, data: &Data) -> DatabaseTarget<'_> {
        match &self.url {
            Some(url) => DatabaseTarget::Postgres(url),
            None => DatabaseTarget::Sqlite(data.dir.join("verifa.db")),
        }
    }

    pub(super) fn read_secret_file(&mut self, report: &mut Report<'_>) {
        secret::read_file(
            &mut self.url,
            self.url_file.as_deref(),
            "database.url",
            report,
        );
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        let known = ["postgres://", "postgresql://"];
        if let Some(url) = &self.url
            && !known.iter().any(|scheme| url.expose().starts_with(scheme))
        {
            report.problem(
                "database.url",
                "does not begin with postgres://",
                "leave it out for SQLite in the data directory",
            );
        }
        report.range("database.sqlite_readers", self.sqlite_readers, &(1..=64));
        report.range(
            "database.postgres_connections",
            self.postgres_connections,
            &(1..=1000),
        );
        report.seconds(
            "database.acquire_timeout_seconds",
            self.acquire_timeout,
            &(1..=300),
        );
        report.seconds(
            "database.statement_timeout_seconds",
            self.statement_timeout,
            &(1..=600),
        );
    }
}
