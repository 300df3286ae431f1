//! The database: reachable, new enough, migrated, and of the same time.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use verifa_core::time::Timestamp;
use verifa_store::db::{DatabaseKind, Db, DbError, PostgresOptions, SqliteOptions};
use verifa_store::server_facts::{self, ServerFacts};

use super::Examination;
use super::fault::FaultKind;
use crate::config::DatabaseTarget;

const SUBJECT: &str = "database";
/// How far this clock and the database's may be apart.
const SKEW: Duration = Duration::from_secs(30);
/// The oldest PostgreSQL that works, as `server_version_num` tells it.
const OLDEST_POSTGRES: i64 = 150_000;

pub(super) async fn examine(examination: &mut Examination<'_>) {
    let config = examination.config;
    let opened = match config.database.target(&config.data) {
        DatabaseTarget::Sqlite(path) => {
            if !examination.directory {
                examination
                    .report
                    .skipped(SUBJECT, "there is no data directory");
                return;
            }
            if !path.is_file() {
                let detail = format!("there is no `{}`", path.display());
                examination
                    .report
                    .fault(SUBJECT, FaultKind::NotInitialised, detail);
                return;
            }
            examine_file_time(examination, &path);
            let readers = 1;
            Db::open_sqlite(
                &path,
                SqliteOptions {
                    readers,
                    ..SqliteOptions::default()
                },
            )
            .await
        }
        DatabaseTarget::Postgres(url) => {
            let options = PostgresOptions {
                connections: 1,
                acquire_timeout: config.database.acquire_timeout,
                statement_timeout: config.database.statement_timeout,
                listen: false,
            };
            Db::connect_postgres(url.expose(), options).await
        }
    };
    let database = match opened {
        Ok(database) => database,
        Err(error) => {
            let kind = FaultKind::DatabaseUnreachable;
            examination.report.fault(SUBJECT, kind, error.to_string());
            return;
        }
    };
    let usable = examine_server(examination, &database).await
        && examine_schema(examination, &database).await;
    if usable {
        examination.database = Some(database);
    } else {
        database.close().await;
    }
}

/// A file from the future means that the clock was set back.
fn examine_file_time(examination: &mut Examination<'_>, path: &Path) {
    let modified = path.metadata().and_then(|metadata| metadata.modified());
    let Some(modified) = modified
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
    else {
        return;
    };
    let modified = Timestamp::from_seconds(0).plus(modified);
    let now = examination.surroundings.clock.now();
    if modified > now.plus(SKEW) {
        let detail = format!("it shows {now}, but the database was written at {modified}");
        examination
            .report
            .fault("clock", FaultKind::ClockImplausible, detail);
    }
}

/// Version and clock of a PostgreSQL server. Others that speak its protocol count versions their
/// own way and are taken as they are.
async fn examine_server(examination: &mut Examination<'_>, database: &Db) -> bool {
    let Some(statement) = server_facts::query(database.kind()) else {
        return true;
    };
    let facts = match database.query_opt(statement).await {
        Ok(Some(row)) => ServerFacts::from_row(&row),
        Ok(None) => Err(DbError::Internal(
            "the server tells nothing about itself".into(),
        )),
        Err(error) => Err(error),
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => {
            let kind = FaultKind::DatabaseUnreachable;
            examination.report.fault(SUBJECT, kind, error.to_string());
            return false;
        }
    };
    examine_server_facts(examination, &facts)
}

pub(super) fn examine_server_facts(examination: &mut Examination<'_>, facts: &ServerFacts) -> bool {
    let now = examination.surroundings.clock.now();
    if facts.now > now.plus(SKEW) || now > facts.now.plus(SKEW) {
        let detail = format!("it shows {now}, the database server's {}", facts.now);
        examination
            .report
            .fault("clock", FaultKind::ClockImplausible, detail);
    }
    let postgres = facts.product.starts_with("PostgreSQL");
    if postgres && facts.version < OLDEST_POSTGRES {
        let detail = format!("it is {}", facts.product);
        examination
            .report
            .fault(SUBJECT, FaultKind::PostgresTooOld, detail);
        return false;
    }
    true
}

/// Whether this release can read the tables.
async fn examine_schema(examination: &mut Examination<'_>, database: &Db) -> bool {
    let report = &mut examination.report;
    match database.schema(examination.surroundings.migrations).await {
        Ok(schema) if schema.version == 0 => {
            report.fault(SUBJECT, FaultKind::NotInitialised, "it is empty");
            false
        }
        Ok(schema) if schema.pending > 0 => {
            let detail = format!("version {}, {} pending", schema.version, schema.pending);
            report.fault(SUBJECT, FaultKind::SchemaPending, detail);
            false
        }
        Ok(schema) => {
            let product = match database.kind() {
                DatabaseKind::Sqlite => "SQLite",
                DatabaseKind::Postgres => "PostgreSQL",
            };
            report.ok(
                SUBJECT,
                format!("{product}, schema version {}", schema.version),
            );
            true
        }
        Err(error) => {
            let kind = match error {
                DbError::SchemaNewer { .. } => FaultKind::SchemaNewer,
                DbError::Migration { .. } => FaultKind::MigrationAltered,
                _ => FaultKind::DatabaseUnreachable,
            };
            report.fault(SUBJECT, kind, error.to_string());
            false
        }
    }
}
