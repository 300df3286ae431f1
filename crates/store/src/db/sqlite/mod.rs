//! The embedded database: one writer thread with group commit, and a few reader threads.

mod connection;
mod error;
mod reader;
mod snapshot;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use self::connection::{Role, create_private_file, open};
use self::reader::Request;
use self::writer::{Change, Script, Task, Writer};
use super::dialect::sqlite_schema;
use super::wakes::WakeSender;
use super::{Commit, DbError, Row, Snapshot, Stmt};

/// How far a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Every answered commit survives a power cut. The only setting for a server.
    #[default]
    Full,
    /// Answered commits can be lost in a power cut: for the test that shows that it would notice.
    Off,
}

impl Synchronous {
    fn as_pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Off => "OFF",
        }
    }
}

/// Settings of the embedded database.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// How many threads read; each has its own connection and page cache. At least 1.
    pub readers: usize,
    /// How many requests may wait for the writer, and for the readers, before callers wait.
    pub queue: usize,
    /// How long to wait for another process that holds the file, such as `verifa keys create`.
    pub busy_timeout: Duration,
    /// Prepared statements kept per connection.
    pub cached_statements: usize,
    /// Page cache of each connection, in KiB.
    pub cache_kibibytes: i64,
    /// Pages in the write-ahead log after which a commit also moves them into the database.
    pub checkpoint_pages: i64,
    /// Bytes that a reused write-ahead log file is cut back to.
    pub idle_wal_bytes: i64,
    /// How often the write-ahead log is emptied, so that erased data does not stay in it.
    pub checkpoint_interval: Duration,
    /// How far a commit waits for the disk.
    pub synchronous: Synchronous,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 2,
            queue: 1024,
            busy_timeout: Duration::from_secs(10),
            cached_statements: 512,
            cache_kibibytes: 16 * 1024,
            checkpoint_pages: 4000,
            idle_wal_bytes: 16 * 1024 * 1024,
            checkpoint_interval: Duration::from_secs(30),
            synchronous: Synchronous::Full,
        }
    }
}

/// Handle to the threads; they end when it is dropped.
pub(super) struct Sqlite {
    path: PathBuf,
    options: SqliteOptions,
    writes: mpsc::Sender<Task>,
    reads: mpsc::Sender<Request>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

fn closed<T>(_: T) -> DbError {
    DbError::Unavailable("a thread of the database has ended".into())
}

impl Sqlite {
    pub(super) async fn open(
        path: &Path,
        options: SqliteOptions,
        wakes: WakeSender,
    ) -> Result<Self, DbError> {
        let path = path.to_owned();
        let opening = tokio::task::spawn_blocking(move || Self::start(path, &options, wakes));
        opening.await.map_err(closed)?
    }

    fn start(path: PathBuf, options: &SqliteOptions, wakes: WakeSender) -> Result<Self, DbError> {
        create_private_file(&path)?;
        let mut threads = Vec::new();
        let (writes, mut tasks) = mpsc::channel(options.queue.max(1));
        let writer = Writer::new(
            open(&path, options, Role::Writer)?,
            options.busy_timeout,
            wakes,
        );
        threads.push(spawn("sqlite-writer", move || writer.serve(&mut tasks))?);

        let (reads, requests) = mpsc::channel(options.queue.max(1));
        let requests = Arc::new(Mutex::new(requests));
        for _ in 0..options.readers.max(1) {
            let connection = open(&path, options, Role::Reader)?;
            let requests = Arc::clone(&requests);
            threads.push(spawn("sqlite-reader", move || {
                reader::serve(&connection, &requests);
            })?);
        }
        tokio::spawn(empty_log_now_and_then(
            writes.downgrade(),
            options.checkpoint_interval,
        ));
        Ok(Self {
            path,
            options: options.clone(),
            writes,
            reads,
            threads: Mutex::new(threads),
        })
    }

    /// Rows as of one moment, read by a thread and a connection of their own.
    pub(super) fn snapshot(&self, statements: Vec<Stmt>) -> Result<Snapshot, DbError> {
        let connection = open(&self.path, &self.options, Role::Reader)?;
        let (sender, rows) = mpsc::channel(snapshot::WAITING);
        spawn("sqlite-snapshot", move || {
            snapshot::read(&connection, &statements, &sender);
        })?;
        Ok(Snapshot::new(rows))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn query(&self, stmt: Stmt) -> Result<Vec<Row>, DbError> {
        let (reply, answer) = oneshot::channel();
        self.reads
            .send(Request::Query(stmt, reply))
            .await
            .map_err(closed)?;
        answer.await.map_err(closed)?
    }

    pub(super) async fn change(&self, commit: Commit) -> Result<Vec<Row>, DbError> {
        let (reply, answer) = oneshot::channel();
        let change = Change {
            statements: commit.statements,
            wakes_jobs: commit.wakes_jobs,
            reply,
        };
        self.writes
            .send(Task::Change(change))
            .await
            .map_err(closed)?;
        answer.await.map_err(closed)?
    }

    pub(super) async fn script(
        &self,
        before: Option<Stmt>,
        sql: &str,
        after: Option<Stmt>,
    ) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        let script = Script {
            before,
            sql: sqlite_schema(sql),
            after,
            reply,
        };
        self.writes
            .send(Task::Script(script))
            .await
            .map_err(closed)?;
        answer.await.map_err(closed)?
    }

    pub(super) async fn prepare(&self, sql: &str) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        self.reads
            .send(Request::Prepare(sql.to_owned(), reply))
            .await
            .map_err(closed)?;
        answer.await.map_err(closed)?
    }

    pub(super) async fn checkpoint(&self) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        self.writes
            .send(Task::Checkpoint(reply))
            .await
            .map_err(closed)?;
        answer.await.map_err(closed)?
    }

    pub(super) async fn ping(&self) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        self.writes.send(Task::Ping(reply)).await.map_err(closed)?;
        answer.await.map_err(closed)?;
        self.query(Stmt::new("sqlite.ping", "SELECT 1", Vec::new()))
            .await
            .map(drop)
    }

    /// Lets the threads finish what was asked of them before, and waits for their end.
    pub(super) async fn close(&self) {
        let threads = match self.threads.lock() {
            Ok(mut threads) => std::mem::take(&mut *threads),
            Err(poisoned) => std::mem::take(&mut *poisoned.into_inner()),
        };
        // A thread that has already ended takes no message.
        for _ in 1..threads.len() {
            let _ended = self.reads.send(Request::Close).await;
        }
        let _ended = self.writes.send(Task::Close).await;
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a thread of the database panicked");
                }
            }
        });
        if joined.await.is_err() {
            tracing::error!("the database's threads were not waited for");
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DbError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| DbError::Unavailable(format!("cannot start a thread: {error}")))
}

/// Ends with the database: it holds no share in it.
async fn empty_log_now_and_then(writes: mpsc::WeakSender<Task>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        let Some(sender) = writes.upgrade() else {
            return;
        };
        let (reply, answer) = oneshot::channel();
        if sender.send(Task::Checkpoint(reply)).await.is_err() {
            return;
        }
        drop(sender);
        match answer.await {
            Ok(Err(error)) => tracing::debug!(%error, "the write-ahead log was not emptied"),
            Ok(Ok(())) => {}
            Err(_) => return,
        }
    }
}
