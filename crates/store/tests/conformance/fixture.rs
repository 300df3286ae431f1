//! An empty database of either kind, with the story's schema.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tempfile::TempDir;
use uuid::Uuid;
use verifa_core::time::{Clock, Timestamp};
use verifa_postgres_fixture::Server;
use verifa_store::db::{
    Commit, Db, DbError, Migration, PostgresOptions, SqliteOptions, Stmt, Value,
};

/// The story's tables.
pub(crate) const SCHEMA: &[Migration] = &[Migration {
    number: 1,
    name: "story",
    sql: "CREATE TABLE accounts (
              id UUID PRIMARY KEY,
              name TEXT COLLATE \"C\" NOT NULL UNIQUE,
              revision BIGINT NOT NULL,
              score DOUBLE PRECISION,
              body BYTEA,
              note TEXT
          );
          CREATE TABLE entries (
              id UUID PRIMARY KEY,
              account_id UUID NOT NULL REFERENCES accounts (id),
              amount BIGINT NOT NULL CHECK (amount >= 0)
          );
          CREATE INDEX entries_by_account ON entries (account_id, id);",
}];

/// A clock that stands until it is moved.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_770_000_000_000_000))
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Where the database is.
enum Place {
    File {
        _directory: TempDir,
        path: PathBuf,
    },
    Server {
        server: Arc<Server>,
        database: String,
    },
}

/// A database and what keeps it alive.
pub(crate) struct Fixture {
    pub(crate) db: Db,
    place: Place,
}

/// The server that the tests of this process share; stops with the last of them.
static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
static DATABASES: AtomicU32 = AtomicU32::new(0);

fn shared_server() -> Option<Arc<Server>> {
    let mut shared = SERVER.lock().unwrap();
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    let wanted = std::env::var("VERIFA_TEST_DATABASE").unwrap_or_default();
    if wanted == "sqlite" {
        return None;
    }
    match verifa_postgres_fixture::server() {
        Ok(server) => {
            let server = Arc::new(server);
            *shared = Arc::downgrade(&server);
            Some(server)
        }
        Err(error) if wanted == "postgres" => panic!("PostgreSQL is demanded: {error}"),
        Err(error) => {
            eprintln!("!!! SKIPPED: the PostgreSQL half of the story: {error}");
            None
        }
    }
}

impl Fixture {
    /// The story's schema in a new file.
    pub(crate) async fn sqlite() -> Self {
        let fixture = Self::empty_sqlite().await;
        fixture.migrate(SCHEMA).await;
        fixture
    }

    /// The story's schema in a new database of the server.
    pub(crate) async fn postgres() -> Option<Self> {
        let fixture = Self::empty_postgres().await?;
        fixture.migrate(SCHEMA).await;
        Some(fixture)
    }

    /// A new file.
    pub(crate) async fn empty_sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("story.sqlite3");
        let db = Db::open_sqlite(&path, SqliteOptions::default())
            .await
            .unwrap();
        Self {
            db,
            place: Place::File {
                _directory: directory,
                path,
            },
        }
    }

    /// A new database of the server.
    pub(crate) async fn empty_postgres() -> Option<Self> {
        let server = tokio::task::spawn_blocking(shared_server).await.unwrap()?;
        let number = DATABASES.fetch_add(1, Ordering::SeqCst);
        let database = format!("store_{}_{number}", std::process::id());
        let (client, connection) =
            tokio_postgres::connect(&server.url("postgres"), tokio_postgres::NoTls)
                .await
                .unwrap();
        let driver = tokio::spawn(connection);
        client
            .batch_execute(&format!("CREATE DATABASE {database}"))
            .await
            .unwrap();
        drop(client);
        driver.await.unwrap().unwrap();
        let db = connect(&server.url(&database)).await;
        Some(Self {
            db,
            place: Place::Server { server, database },
        })
    }

    pub(crate) async fn migrate(&self, migrations: &[Migration]) {
        let holder = Uuid::from_u128(1);
        self.db
            .migrate(migrations, &HandClock::new(), holder)
            .await
            .unwrap();
    }

    /// Another handle to the same database, as another server process has.
    pub(crate) async fn second(&self) -> Db {
        match &self.place {
            Place::File { path, .. } => Db::open_sqlite(path, SqliteOptions::default())
                .await
                .unwrap(),
            Place::Server { server, database } => connect(&server.url(database)).await,
        }
    }

    /// The database's name on a server.
    pub(crate) fn name(&self) -> &str {
        match &self.place {
            Place::File { .. } => panic!("a file has no name on a server"),
            Place::Server { database, .. } => database,
        }
    }

    /// The URL on a server.
    pub(crate) fn url(&self) -> String {
        match &self.place {
            Place::File { .. } => panic!("a file has no URL"),
            Place::Server { server, database } => server.url(database),
        }
    }
}

async fn connect(url: &str) -> Db {
    let options = PostgresOptions {
        connections: 8,
        ..PostgresOptions::default()
    };
    Db::connect_postgres(url, options).await.unwrap()
}

pub(crate) fn insert_account(id: u128, name: &str) -> Stmt {
    Stmt::new(
        "accounts.insert",
        "INSERT INTO accounts (id, name, revision) VALUES (?1, ?2, 0)",
        vec![Uuid::from_u128(id).into(), name.into()],
    )
    .expect(1)
}

pub(crate) fn insert_entry(id: u128, account: u128, amount: i64) -> Stmt {
    Stmt::new(
        "entries.insert",
        "INSERT INTO entries (id, account_id, amount) VALUES (?1, ?2, ?3)",
        vec![
            Uuid::from_u128(id).into(),
            Uuid::from_u128(account).into(),
            amount.into(),
        ],
    )
    .expect(1)
}

/// The optimistic update: only from this revision to the next.
pub(crate) fn raise_revision(id: u128, from: i64) -> Stmt {
    Stmt::new(
        "accounts.raise_revision",
        "UPDATE accounts SET revision = revision + 1 WHERE id = ?1 AND revision = ?2",
        vec![Uuid::from_u128(id).into(), from.into()],
    )
    .expect(1)
}

pub(crate) fn commit(statements: impl IntoIterator<Item = Stmt>) -> Commit {
    let mut commit = Commit::new();
    commit.extend(statements);
    commit
}

/// The only column of the only row.
pub(crate) async fn number(db: &Db, sql: &'static str, params: Vec<Value>) -> i64 {
    let row = db
        .query_opt(Stmt::new("test.number", sql, params))
        .await
        .unwrap();
    row.unwrap().get(0).unwrap()
}

pub(crate) async fn count(db: &Db, table: &str) -> i64 {
    match table {
        "accounts" => number(db, "SELECT COUNT(*) FROM accounts", vec![]).await,
        "entries" => number(db, "SELECT COUNT(*) FROM entries", vec![]).await,
        other => panic!("no table {other}"),
    }
}

pub(crate) fn is_unavailable(error: &DbError) -> bool {
    matches!(error, DbError::Unavailable(_))
}
