//! The database under a test server: which one, made new, and looked into past the server.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio_postgres::NoTls;
use verifa_postgres_fixture::Server;

/// Which of the two databases the tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file in the data directory.
    Sqlite,
    /// A database of its own on a shared server.
    Postgres,
}

impl DatabaseKind {
    /// What `VERIFA_TEST_DATABASE` says; SQLite when it says nothing.
    pub fn of_this_run() -> Self {
        match std::env::var("VERIFA_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::Postgres,
            Ok("sqlite") | Err(_) => Self::Sqlite,
            Ok(other) => panic!("VERIFA_TEST_DATABASE is {other:?}, not sqlite or postgres"),
        }
    }

    /// The one that it is not.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Sqlite => Self::Postgres,
            Self::Postgres => Self::Sqlite,
        }
    }
}

/// A test server's database.
pub enum Database {
    /// The file.
    Sqlite(PathBuf),
    /// The server, and the database's name on it.
    Postgres {
        /// Keeps a server of our own alive.
        server: Arc<Server>,
        /// The database's name.
        name: String,
    },
}

/// The server that the tests of this process share; stops with the last of them.
static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
static MADE: AtomicU32 = AtomicU32::new(0);

fn shared_server() -> Arc<Server> {
    let mut shared = SERVER.lock().unwrap();
    if let Some(server) = shared.upgrade() {
        return server;
    }
    let server = Arc::new(verifa_postgres_fixture::server().expect("a PostgreSQL server"));
    *shared = Arc::downgrade(&server);
    server
}

impl Database {
    /// An empty one; SQLite's file is left to `verifa init` to make.
    pub(crate) async fn make(kind: DatabaseKind, data_directory: &Path) -> Self {
        if kind == DatabaseKind::Sqlite {
            return Self::Sqlite(data_directory.join("verifa.db"));
        }
        let server = shared_server();
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let name = format!("testkit_{}_{number}", std::process::id());
        postgres(&server.url("postgres"), async |client| {
            client
                .batch_execute(&format!("CREATE DATABASE {name}"))
                .await
        })
        .await;
        Self::Postgres { server, name }
    }

    /// The URL for `--database-url`, where there is one.
    pub fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres { server, name } => Some(server.url(name)),
        }
    }

    /// The single number that a query gives; it must be of type BIGINT, as `count(*)` is.
    pub async fn number(&self, query: &str) -> i64 {
        match self {
            Self::Sqlite(path) => {
                let answer = open(path).query_row(query, [], |row| row.get(0));
                answer.unwrap_or_else(|error| panic!("{query}: {error}"))
            }
            Self::Postgres { .. } => {
                let query = query.to_owned();
                let row = self.postgres(async |client| client.query_one(&query, &[]).await);
                row.await.get(0)
            }
        }
    }

    /// An id of the API as this database's literal for its UUID.
    pub fn literal(&self, id: &str) -> String {
        const CROCKFORD: &str = "0123456789abcdefghjkmnpqrstvwxyz";
        let digits = id.rsplit('_').next().unwrap_or_default();
        let number = digits.chars().fold(0_u128, |number, digit| {
            let value = CROCKFORD
                .find(digit)
                .expect("a digit of Crockford's base32");
            (number << 5) | value as u128
        });
        match self {
            Self::Sqlite(_) => format!("x'{number:032x}'"),
            Self::Postgres { .. } => format!("'{number:032x}'::uuid"),
        }
    }

    /// How many rows of a table fit a condition.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table} WHERE {condition}"))
            .await
    }

    /// The first column, text, of all rows that a query gives.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        match self {
            Self::Sqlite(path) => {
                let connection = open(path);
                let mut statement = connection.prepare(query).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Postgres { .. } => {
                let rows = self
                    .postgres(async |client| client.query(query, &[]).await)
                    .await;
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Changes rows behind the server's back: time that has passed, a status that is hard to reach.
    pub async fn change(&self, statement: &str) -> u64 {
        match self {
            Self::Sqlite(path) => {
                let changed = open(path).execute(statement, []);
                changed.unwrap_or_else(|error| panic!("{statement}: {error}")) as u64
            }
            Self::Postgres { .. } => {
                self.postgres(async |client| client.execute(statement, &[]).await)
                    .await
            }
        }
    }

    async fn postgres<T>(
        &self,
        work: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
    ) -> T {
        postgres(&self.url().expect("a URL"), work).await
    }
}

fn open(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("the database file");
    // The server holds the write lock for one group commit at a time.
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection
}

async fn postgres<T>(
    url: &str,
    work: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
) -> T {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("PostgreSQL");
    let driver = tokio::spawn(connection);
    let answer = work(&client).await.expect("PostgreSQL takes the statement");
    drop(client);
    let _ended = driver.await;
    answer
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Postgres { server, name } = self else {
            return;
        };
        // Several hundred databases would fill the disk. A runtime can't wait inside another one.
        let (url, name) = (server.url("postgres"), name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("a runtime")
                .block_on(postgres(&url, async |client| {
                    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    client.batch_execute(&statement).await
                }));
        });
        // A database that stays is the shared server's to erase.
        let _dropped = dropping.join();
    }
}
