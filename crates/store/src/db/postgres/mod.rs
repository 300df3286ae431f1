//! The database server: a pool of connections, pipelined commits, repeats where they are safe.

mod connect;
mod error;
mod listen;
mod texts;
mod transaction;
mod values;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use self::connect::Target;
use self::error::{Failure, Repeat, from_pool};
use self::texts::Texts;
use super::wakes::WakeSender;
use super::{Commit, DbError, Row, Stmt};

/// How often a commit that lost against others is repeated.
const REPEATS: u32 = 10;
/// The first pause before a repeat; doubled each time up to 64 times this.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

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
    texts: Texts,
    wakes: WakeSender,
    /// Told of each commit that makes a job due.
    committed: Arc<Notify>,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
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
            if failure.repeat == Repeat::Elsewhere {
                drop(Object::take(client));
            }
            pause_or_give_up(failure, attempt).await?;
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

    pub(super) fn close(&self) {
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
                Err(failure) => pause_or_give_up(failure, attempt).await?,
            }
            attempt += 1;
        }
    }
}

/// Returns when the attempt may be repeated. Pauses differ between the attempts' tasks by what
/// the scheduler makes of them; the pool's size bounds how many collide.
async fn pause_or_give_up(failure: Failure, attempt: u32) -> Result<(), DbError> {
    let allowed = match failure.repeat {
        Repeat::Never => false,
        // One for each connection that died in the pool would be too long a walk.
        Repeat::Elsewhere => attempt < 3,
        Repeat::Later => attempt < REPEATS,
    };
    if !allowed {
        return Err(failure.error);
    }
    if failure.repeat == Repeat::Later {
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt.min(6))).await;
    }
    Ok(())
}
