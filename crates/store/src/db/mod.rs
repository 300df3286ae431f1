//! The database seam: values, statements, commits, and the two drivers behind [`Db`].
//!
//! One SQL text serves both databases; what differs between them stays in `sqlite/`,
//! `postgres/` and `dialect.rs`.

mod commit;
mod dialect;
mod directory_lock;
mod error;
mod migrate;
mod postgres;
mod snapshot;
mod sqlite;
mod value;
mod wakes;

use std::path::Path;
use std::sync::Arc;

pub use commit::{Commit, Expect, Stmt};
pub use directory_lock::DirectoryLock;
pub use error::DbError;
pub use migrate::{Migration, Schema};
pub use postgres::PostgresOptions;
pub use snapshot::Snapshot;
pub use sqlite::{SqliteOptions, Synchronous};
pub use value::{FromValue, Row, Value};
pub use wakes::Wakes;

use postgres::Postgres;
use sqlite::Sqlite;
use wakes::WakeSender;

/// Which database is behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// The embedded one, in one file.
    Sqlite,
    /// A PostgreSQL server, or one that speaks its protocol.
    Postgres,
}

/// A database. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Db {
    backend: Backend,
    wakes: WakeSender,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

impl Db {
    /// Opens the file, making it with mode 0600 where it is absent. Does not migrate.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the file cannot be opened or is no database.
    pub async fn open_sqlite(path: &Path, options: SqliteOptions) -> Result<Self, DbError> {
        let wakes = WakeSender::new();
        let sqlite = Sqlite::open(path, options, wakes.clone()).await?;
        Ok(Self {
            backend: Backend::Sqlite(Arc::new(sqlite)),
            wakes,
        })
    }

    /// Connects to `postgres://user:password@host:port/database`. Does not migrate.
    ///
    /// `sslmode` `disable` (or none) speaks in the clear; `require`, `verify-ca` and
    /// `verify-full` all speak TLS with the server's certificate and name verified against the
    /// system's roots, or against the PEM file that `sslrootcert` names.
    ///
    /// Statements stay prepared on their connections: a pooler in between must pool sessions and
    /// not transactions.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had, [`DbError::Internal`] when the URL
    /// is wrong. Neither shows the URL, which holds a password.
    pub async fn connect_postgres(url: &str, options: PostgresOptions) -> Result<Self, DbError> {
        let wakes = WakeSender::new();
        let postgres = Postgres::connect(url, options, wakes.clone()).await?;
        Ok(Self {
            backend: Backend::Postgres(Arc::new(postgres)),
            wakes,
        })
    }

    /// Which database this is.
    pub fn kind(&self) -> DatabaseKind {
        match &self.backend {
            Backend::Sqlite(_) => DatabaseKind::Sqlite,
            Backend::Postgres(_) => DatabaseKind::Postgres,
        }
    }

    /// The embedded database's file.
    pub fn path(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Sqlite(sqlite) => Some(sqlite.path()),
            Backend::Postgres(_) => None,
        }
    }

    /// The rows of one reading statement; sees every commit that was answered before.
    ///
    /// # Errors
    /// [`DbError::Unavailable`], or [`DbError::Internal`] for a statement that does not parse.
    pub async fn query(&self, stmt: Stmt) -> Result<Vec<Row>, DbError> {
        stmt.check()?;
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.query(stmt).await,
            Backend::Postgres(postgres) => postgres.query(&stmt).await,
        }
    }

    /// The first row of one reading statement.
    ///
    /// # Errors
    /// As [`Db::query`].
    pub async fn query_opt(&self, stmt: Stmt) -> Result<Option<Row>, DbError> {
        Ok(self.query(stmt).await?.into_iter().next())
    }

    /// How the database would answer a statement, in its own words: for tests, and for whoever
    /// examines a slow one.
    ///
    /// # Errors
    /// As [`Db::query`].
    pub async fn plan(&self, stmt: &Stmt) -> Result<String, DbError> {
        let (word, column) = match &self.backend {
            Backend::Sqlite(_) => ("EXPLAIN QUERY PLAN ", 3),
            Backend::Postgres(_) => ("EXPLAIN ", 0),
        };
        let sql = format!("{word}{}", stmt.sql);
        let explain = Stmt::of_schema("db.plan", sql, stmt.params.clone());
        let rows = self.query(explain).await?;
        let lines: Result<Vec<String>, _> = rows.iter().map(|row| row.get(column)).collect();
        Ok(lines?.join("\n"))
    }

    /// Reads several statements as of one moment, row by row: what is committed meanwhile is not
    /// seen, and nobody waits.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had.
    pub async fn snapshot(&self, statements: Vec<Stmt>) -> Result<Snapshot, DbError> {
        for stmt in &statements {
            stmt.check()?;
        }
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.snapshot(statements),
            Backend::Postgres(postgres) => postgres.snapshot(statements).await,
        }
    }

    /// Applies a commit: all of it, durably, before this returns `Ok`; or nothing.
    ///
    /// Dropping the future does not undo the commit once it has begun.
    ///
    /// # Errors
    /// [`DbError::Conflict`], [`DbError::Unique`] and [`DbError::Constraint`] name the statement
    /// that was refused; nothing was applied. After [`DbError::Unavailable`] the outcome is
    /// unknown.
    pub async fn commit(&self, commit: Commit) -> Result<(), DbError> {
        if commit.is_empty() {
            return Ok(());
        }
        self.change(commit).await.map(drop)
    }

    /// Applies one writing statement in a transaction of its own and answers the rows that it
    /// returns.
    ///
    /// # Errors
    /// As [`Db::commit`].
    pub async fn write(&self, stmt: Stmt) -> Result<Vec<Row>, DbError> {
        let mut commit = Commit::new();
        commit.push(stmt);
        self.change(commit).await
    }

    async fn change(&self, commit: Commit) -> Result<Vec<Row>, DbError> {
        for stmt in &commit.statements {
            stmt.check()?;
        }
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.change(commit).await,
            Backend::Postgres(postgres) => postgres.change(commit).await,
        }
    }

    /// A new ear for commits that make jobs due: those of this process, and on PostgreSQL those
    /// of other servers, as far as its notifications arrive.
    pub fn wakes(&self) -> Wakes {
        self.wakes.subscribe()
    }

    /// Whether the database parses the statement and knows what it names.
    ///
    /// # Errors
    /// [`DbError::Internal`] with the database's reason.
    pub async fn prepare_check(&self, sql: &str) -> Result<(), DbError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.prepare(sql).await,
            Backend::Postgres(postgres) => postgres.prepare(sql).await,
        }
    }

    /// Whether the database reads and can write: on SQLite that its threads live. A disk that
    /// hangs makes this wait, so that its caller bounds the time.
    ///
    /// # Errors
    /// [`DbError::Unavailable`].
    pub async fn ping(&self) -> Result<(), DbError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.ping().await,
            Backend::Postgres(postgres) => postgres.ping().await,
        }
    }

    /// Moves SQLite's write-ahead log into the database and empties it, so that erased data is
    /// gone from both; nothing to do on PostgreSQL.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] while a reader still needs the log; it is tried again by the
    /// clock.
    pub async fn checkpoint(&self) -> Result<(), DbError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.checkpoint().await,
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Finishes what was begun, empties the write-ahead log and ends threads and connections.
    /// Later calls fail with [`DbError::Unavailable`].
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }

    /// Runs a schema text between two statements of its bookkeeping, in one transaction.
    async fn script(
        &self,
        before: Option<Stmt>,
        sql: &str,
        after: Option<Stmt>,
    ) -> Result<(), DbError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.script(before, sql, after).await,
            Backend::Postgres(postgres) => postgres.script(before, sql, after).await,
        }
    }
}
