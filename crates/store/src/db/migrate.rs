//! Forward-only migrations, applied at start by whichever server holds the lease row.
//!
//! Each runs in one transaction together with its record and a renewal of the lease, so that a
//! server that lost the lease applies nothing.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use verifa_core::time::Clock;

use super::{Commit, Db, DbError, Row, Stmt};

/// One schema file.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the order, from 1 without gaps.
    pub number: i64,
    /// What it does, from its file name.
    pub name: &'static str,
    /// The text, in PostgreSQL's words (see `dialect.rs`).
    pub sql: &'static str,
}

impl Migration {
    /// SHA-256 of the text, in hexadecimal.
    pub fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql.as_bytes()))
    }
}

/// How far a database's schema is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// Highest migration applied; 0 in an empty database.
    pub version: i64,
    /// Migrations of this binary that are not applied yet.
    pub pending: usize,
}

/// How long a lease holds without renewal. Only a server that died makes others wait so long.
const LEASE: Duration = Duration::from_secs(30);
/// How often a waiting server looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How many looks before it gives up: five minutes.
const LOOKS: u32 = 3000;

const BOOKKEEPING: &str = "\
    CREATE TABLE IF NOT EXISTS schema_migrations (
        number BIGINT PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at BIGINT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS schema_lease (
        id BIGINT PRIMARY KEY,
        holder UUID,
        until BIGINT NOT NULL
    );
    INSERT INTO schema_lease (id, holder, until) VALUES (1, NULL, 0) ON CONFLICT (id) DO NOTHING;";
const TAKE_LEASE: &str = "UPDATE schema_lease SET holder = ?1, until = ?2 \
    WHERE id = 1 AND (holder IS NULL OR holder = ?1 OR until < ?3)";
const KEEP_LEASE: &str = "UPDATE schema_lease SET until = ?2 WHERE id = 1 AND holder = ?1";
const FREE_LEASE: &str = "UPDATE schema_lease SET holder = NULL, until = 0 \
    WHERE id = 1 AND holder = ?1";
const RECORD: &str = "INSERT INTO schema_migrations (number, name, checksum, applied_at) \
    VALUES (?1, ?2, ?3, ?4)";
const APPLIED: &str = "SELECT number, checksum FROM schema_migrations ORDER BY number";

impl Db {
    /// Brings the schema up to the last of `migrations`; answers how many this call applied.
    ///
    /// Servers that start together take turns: one applies, the others wait for it. `holder` is
    /// any id that is this process's own.
    ///
    /// # Errors
    /// [`DbError::SchemaNewer`] when a newer server was here, [`DbError::Migration`] when an
    /// applied file has changed or one fails (nothing of that file is kept),
    /// [`DbError::Locked`] when another server holds the lease for minutes.
    pub async fn migrate(
        &self,
        migrations: &[Migration],
        clock: &dyn Clock,
        holder: Uuid,
    ) -> Result<usize, DbError> {
        self.make_bookkeeping().await?;
        for _ in 0..LOOKS {
            if self.pending(migrations).await?.is_empty() {
                return Ok(0);
            }
            if self.take_lease(clock, holder).await? {
                let applied = self.apply_pending(migrations, clock, holder).await;
                let mut free = Commit::new();
                free.push(Stmt::new(
                    "schema.free_lease",
                    FREE_LEASE,
                    vec![holder.into()],
                ));
                self.commit(free).await?;
                return applied;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(DbError::Locked(
            "another server has been migrating for minutes".into(),
        ))
    }

    /// How far the schema is; changes nothing.
    ///
    /// # Errors
    /// As [`Db::migrate`], for a schema that this binary must not use.
    pub async fn schema(&self, migrations: &[Migration]) -> Result<Schema, DbError> {
        let pending = match self.pending(migrations).await {
            // The bookkeeping table is not there: nothing was ever applied.
            Err(DbError::Internal(_)) if self.prepare_check(APPLIED).await.is_err() => {
                self.ping().await?;
                migrations.iter().collect()
            }
            other => other?,
        };
        let applied = migrations.len().saturating_sub(pending.len());
        let version = applied.checked_sub(1).and_then(|last| migrations.get(last));
        Ok(Schema {
            version: version.map_or(0, |migration| migration.number),
            pending: pending.len(),
        })
    }

    /// Two servers that create the tables at one moment can refuse one another: the second try
    /// finds them there.
    async fn make_bookkeeping(&self) -> Result<(), DbError> {
        let mut made = Ok(());
        for _ in 0..5 {
            made = self.script(None, BOOKKEEPING, None).await;
            if made.is_ok() {
                break;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        made
    }

    async fn pending<'a>(
        &self,
        migrations: &'a [Migration],
    ) -> Result<Vec<&'a Migration>, DbError> {
        let rows = self
            .query(Stmt::new("schema.applied", APPLIED, Vec::new()))
            .await?;
        unapplied(migrations, &rows)
    }

    async fn take_lease(&self, clock: &dyn Clock, holder: Uuid) -> Result<bool, DbError> {
        let now = clock.now();
        let params = vec![holder.into(), now.plus(LEASE).into(), now.into()];
        let mut take = Commit::new();
        take.push(Stmt::new("schema.take_lease", TAKE_LEASE, params).expect(1));
        match self.commit(take).await {
            Ok(()) => Ok(true),
            Err(DbError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn apply_pending(
        &self,
        migrations: &[Migration],
        clock: &dyn Clock,
        holder: Uuid,
    ) -> Result<usize, DbError> {
        let pending = self.pending(migrations).await?;
        for migration in &pending {
            let now = clock.now();
            let keep = vec![holder.into(), now.plus(LEASE).into()];
            let record = vec![
                migration.number.into(),
                migration.name.into(),
                migration.checksum().into(),
                now.into(),
            ];
            self.script(
                Some(Stmt::new("schema.keep_lease", KEEP_LEASE, keep).expect(1)),
                migration.sql,
                Some(Stmt::new("schema.record", RECORD, record).expect(1)),
            )
            .await
            .map_err(|error| match error {
                DbError::Unavailable(_) | DbError::DiskFull => error,
                other => DbError::Migration {
                    number: migration.number,
                    reason: other.to_string(),
                },
            })?;
            tracing::info!(number = migration.number, name = migration.name, "migrated");
        }
        Ok(pending.len())
    }
}

/// The migrations after those that the database records.
fn unapplied<'a>(
    migrations: &'a [Migration],
    applied: &[Row],
) -> Result<Vec<&'a Migration>, DbError> {
    let known = migrations.last().map_or(0, |last| last.number);
    let mut rest = migrations.iter();
    for row in applied {
        let number: i64 = row.get(0)?;
        if number > known {
            return Err(DbError::SchemaNewer {
                found: highest(applied)?,
                known,
            });
        }
        let expected = rest.next().filter(|migration| migration.number == number);
        let same = expected.is_some_and(|migration| {
            row.get::<String>(1)
                .is_ok_and(|checksum| checksum == migration.checksum())
        });
        if !same {
            return Err(DbError::Migration {
                number,
                reason: "the file was changed after it was applied".into(),
            });
        }
    }
    Ok(rest.collect())
}

fn highest(applied: &[Row]) -> Result<i64, DbError> {
    applied.last().map_or(Ok(0), |row| row.get(0))
}
