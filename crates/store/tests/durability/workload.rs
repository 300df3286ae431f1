//! Commits of two rows each, told one by one as they are answered.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use verifa_store::db::{Commit, Db, DbError, SqliteOptions, Stmt, Synchronous, Value};

const SCHEMA: &str = "CREATE TABLE pages (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT; \
    CREATE TABLE footnotes (id INTEGER PRIMARY KEY, length INTEGER NOT NULL) STRICT;";

/// Concurrent writers, so that commits share syncs.
const WRITERS: i64 = 6;

pub(crate) fn file(directory: &Path) -> PathBuf {
    directory.join("crash.sqlite3")
}

pub(crate) fn make_schema(directory: &Path) {
    let connection = rusqlite::Connection::open(file(directory)).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
}

/// What a page of this number holds: anything that tells torn and mixed pages.
pub(crate) fn body(id: i64) -> Vec<u8> {
    let length = 40 + id.unsigned_abs().wrapping_mul(2_654_435_761) % 3000;
    (0..length)
        .map(|at| (id.unsigned_abs().wrapping_add(at * 7) % 251) as u8)
        .collect()
}

/// What the process is to do.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) directory: PathBuf,
    pub(crate) run: i64,
    pub(crate) synchronous: Synchronous,
    /// Commits per writer; without end when started to be killed.
    pub(crate) commits: i64,
}

impl Order {
    pub(crate) fn short(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            run: 0,
            synchronous: Synchronous::Full,
            commits: 30,
        }
    }

    pub(crate) fn from_environment() -> Option<Self> {
        let directory = std::env::var_os("CRASH_DIRECTORY")?;
        let synchronous = match std::env::var("CRASH_SYNCHRONOUS").unwrap().as_str() {
            "off" => Synchronous::Off,
            _ => Synchronous::Full,
        };
        Some(Self {
            directory: directory.into(),
            run: std::env::var("CRASH_RUN").unwrap().parse().unwrap(),
            synchronous,
            commits: i64::MAX,
        })
    }
}

/// Tells `+id` after a page was answered, `~id` before one is deleted, `-id` after that, and
/// `!` for a refusal for want of space.
pub(crate) fn write(order: &Order, tell: impl Write + Send) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = SqliteOptions {
            readers: 1,
            checkpoint_pages: 60,
            checkpoint_interval: Duration::from_millis(15),
            synchronous: order.synchronous,
            ..SqliteOptions::default()
        };
        let db = Db::open_sqlite(&file(&order.directory), options)
            .await
            .unwrap();
        let tell = Arc::new(Mutex::new(tell));
        let writers = (0..WRITERS).map(|writer| write_pages(&db, order, writer, &tell));
        futures::future::join_all(writers).await;
        db.close().await;
    });
}

async fn write_pages(db: &Db, order: &Order, writer: i64, tell: &Mutex<impl Write>) {
    let say = |word: char, id: i64| {
        let mut out = tell.lock().unwrap();
        // One write, so that a crash leaves no half line behind.
        out.write_all(format!("{word}{id}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    };
    let first = (order.run * WRITERS + writer) * 1_000_000;
    let mut written = Vec::new();
    for step in 1..=order.commits {
        let id = first + step;
        match db.commit(insert(id)).await {
            Ok(()) => {
                say('+', id);
                written.push(id);
            }
            Err(DbError::DiskFull) => {
                say('!', id);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error}"),
        }
        if step % 4 == 0 && !written.is_empty() {
            let id = written.remove(written.len() / 2);
            say('~', id);
            match db.commit(delete(id)).await {
                Ok(()) => say('-', id),
                Err(DbError::DiskFull) => say('!', id),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

fn insert(id: i64) -> Commit {
    let body = body(id);
    let length = Value::Int(i64::try_from(body.len()).unwrap());
    let mut commit = Commit::new();
    commit.push(Stmt::new(
        "pages.insert",
        "INSERT INTO pages (id, body) VALUES (?1, ?2)",
        vec![id.into(), body.into()],
    ));
    commit.push(Stmt::new(
        "footnotes.insert",
        "INSERT INTO footnotes (id, length) VALUES (?1, ?2)",
        vec![id.into(), length],
    ));
    commit
}

fn delete(id: i64) -> Commit {
    let pages = Stmt::new(
        "pages.delete",
        "DELETE FROM pages WHERE id = ?1",
        vec![id.into()],
    );
    let footnotes = Stmt::new(
        "footnotes.delete",
        "DELETE FROM footnotes WHERE id = ?1",
        vec![id.into()],
    );
    let mut commit = Commit::new();
    commit.extend([pages.expect(1), footnotes.expect(1)]);
    commit
}
