//! The database server: a pool of connections, pipelined commits, repeats where they are safe.

mod connect;
mod error;
mod listen;
mod snapshot;
mod texts;
mod transaction;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;

use self::connect::Target;
use self::error::{Failure, Repeat, from_pool};
use self::texts::Texts;
use super::wakes::WakeSender;
use super::{Commit, DbError, Row, Snapshot, Stmt};

/// How often a commit that lost against others is repeated.
const REPEATS: usize = 10;
/// The first pause before a repeat; doubled each time up to 64 times this.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// How long closing waits for commits under way.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// Settings of the connection to a database server.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// The most connections of this process, besides one that listens. At least 1.
    pub connections: usize,
    /// How long to wait for a free connection, and for a new one.
    pub acquire_timeout: Duration,
    /// How long one statement, or one wait for a row's lock, may take.
    pub statement_timeout: Duration,
    /// Whether to listen for the jobs of other servers (a hint that needs one connection more).
    pub listen: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 16,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
            listen: true,
        }
    }
}

/// Handle to the pool; the listening task ends when it is dropped.
pub(super) struct Postgres {
    shared: Arc<Shared>,
    listener: Option<AbortHandle>,
}

/// What a commit on its own task needs.
struct Shared {
    pool: Pool,
    connections: usize,
    /// How many pauses were made.
    pauses: AtomicU32,
    texts: Texts,
    wakes: WakeSender,
    /// Told of each commit that makes a job due.
    committed: Arc<Notify>,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end();
    }
}

impl Postgres {
    pub(super) async fn connect(
        url: &str,
        options: PostgresOptions,
        wakes: WakeSender,
    ) -> Result<Self, DbError> {
        let target = Target::parse(url, &options)?;
        let pool = target.pool(&options)?;
        // A wrong address or password is told at once and not by the first request.
        drop(pool.get().await.map_err(|error| from_pool(&error))?);
        let committed = Arc::new(Notify::new());
        let listener = options.listen.then(|| {
            let task = listen::keep_listening(target, wakes.clone(), Arc::clone(&committed));
            tokio::spawn(task).abort_handle()
        });
        let shared = Arc::new(Shared {
            pool,
            connections: options.connections,
            pauses: AtomicU32::new(0),
            texts: Texts::default(),
            wakes,
            committed,
        });
        Ok(Self { shared, listener })
    }

    pub(super) async fn query(&self, stmt: &Stmt) -> Result<Vec<Row>, DbError> {
        let mut attempt = 0;
        loop {
            let client = self.shared.client().await?;
            let failure = match transaction::read(&client, &self.shared.texts, stmt).await {
                Ok(rows) => return Ok(rows),
                Err(failure) => failure,
            };
            if matches!(failure.repeat, Repeat::Elsewhere | Repeat::Replanned) {
                drop(Object::take(client));
            }
            self.shared.pause_or_give_up(failure, attempt).await?;
            attempt += 1;
        }
    }

    /// On a task of its own: a caller that goes away must not leave a transaction open.
    pub(super) async fn change(&self, commit: Commit) -> Result<Vec<Row>, DbError> {
        let shared = Arc::clone(&self.shared);
        let changing = tokio::spawn(async move { shared.change(&commit).await });
        changing
            .await
            .map_err(|_| DbError::Unavailable("the commit's task was ended".into()))?
    }

    /// Rows as of one moment, on a connection of their own.
    pub(super) async fn snapshot(&self, statements: Vec<Stmt>) -> Result<Snapshot, DbError> {
        let client = self.shared.client().await?;
        let (sender, rows) = mpsc::channel(super::snapshot::WAITING);
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            snapshot::read(client, &shared.texts, &statements, &sender).await;
        });
        Ok(Snapshot::new(rows))
    }

    pub(super) async fn script(
        &self,
        before: Option<Stmt>,
        sql: &str,
        after: Option<Stmt>,
    ) -> Result<(), DbError> {
        let client = self.shared.client().await?;
        let texts = &self.shared.texts;
        transaction::apply_script(client, texts, before.as_ref(), sql, after.as_ref())
            .await
            .map_err(|failure| failure.error)
    }

    pub(super) async fn prepare(&self, sql: &str) -> Result<(), DbError> {
        let client = self.shared.client().await?;
        let prepared = client.prepare(&self.shared.texts.postgres(sql)).await;
        prepared
            .map(drop)
            .map_err(|error| error::from_postgres(&error, "postgres.prepare").error)
    }

    pub(super) async fn ping(&self) -> Result<(), DbError> {
        self.query(&Stmt::new("postgres.ping", "SELECT 1", Vec::new()))
            .await
            .map(drop)
    }

    /// Waits for the commits that are under way, and takes no more.
    pub(super) async fn close(&self) {
        let finished = async {
            while Arc::strong_count(&self.shared) > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(CLOSE_LIMIT, finished).await.is_err() {
            tracing::warn!("commits are still under way; the server decides them");
        }
        self.end();
    }

    fn end(&self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
        self.shared.pool.close();
    }
}

impl Shared {
    async fn client(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(|error| from_pool(&error))
    }

    async fn change(&self, commit: &Commit) -> Result<Vec<Row>, DbError> {
        let mut attempt = 0;
        loop {
            let client = self.client().await?;
            match transaction::apply(client, &self.texts, &commit.statements).await {
                Ok(rows) => {
                    if commit.wakes_jobs {
                        self.wakes.wake();
                        self.committed.notify_one();
                    }
                    return Ok(rows);
                }
                Err(failure) => self.pause_or_give_up(failure, attempt).await?,
            }
            attempt += 1;
        }
    }

    /// Returns when the attempt may be repeated.
    async fn pause_or_give_up(&self, failure: Failure, attempt: usize) -> Result<(), DbError> {
        let allowed = match failure.repeat {
            Repeat::Never => 0,
            // Each try closes one connection: past all of the pool, the fault is elsewhere.
            Repeat::Elsewhere | Repeat::Replanned => self.connections + 1,
            Repeat::Later => REPEATS,
        };
        if attempt >= allowed {
            return Err(failure.error);
        }
        if failure.repeat == Repeat::Later {
            tokio::time::sleep(self.pause(attempt)).await;
        }
        Ok(())
    }

    /// Between half and the whole of a span that doubles with each attempt, so that those who
    /// collided do not collide again.
    fn pause(&self, attempt: usize) -> Duration {
        let span = FIRST_PAUSE * 2_u32.pow(attempt.min(6) as u32);
        let turn = self.pauses.fetch_add(1, Ordering::Relaxed);
        // Golden-ratio steps spread successive turns evenly.
        span.mul_f64(0.5 + 0.5 * (f64::from(turn) * 0.618_033_988_75).fract())
    }
}
