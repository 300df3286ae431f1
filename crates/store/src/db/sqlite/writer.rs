//! The writer thread: the only connection that writes, with group commit.
//!
//! Commits that wait while one is synced to disk share the next sync. Each runs in a savepoint,
//! so that a conflict rolls back its own changes only, and none is answered before the group's
//! `COMMIT` has returned.

use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::connection::run;
use super::error::from_rusqlite;
use crate::db::wakes::WakeSender;
use crate::db::{DbError, Row, Stmt};

/// The most commits that share one sync; bounds the wait of the first.
const GROUP_LIMIT: usize = 256;
/// How long a truncating checkpoint waits for readers before it is put off.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(200);

/// Statements to apply together, and who waits for them.
pub(super) struct Change {
    pub(super) statements: Vec<Stmt>,
    pub(super) wakes_jobs: bool,
    /// Answered with the last statement's rows.
    pub(super) reply: oneshot::Sender<Result<Vec<Row>, DbError>>,
}

/// A schema change between two statements of its bookkeeping, in one transaction.
pub(super) struct Script {
    pub(super) before: Option<Stmt>,
    pub(super) sql: String,
    pub(super) after: Option<Stmt>,
    pub(super) reply: oneshot::Sender<Result<(), DbError>>,
}

/// What the writer is asked.
pub(super) enum Task {
    Change(Change),
    Script(Script),
    /// Moves the write-ahead log into the database and cuts it to nothing.
    Checkpoint(oneshot::Sender<Result<(), DbError>>),
    /// Answers, to show that the thread lives.
    Ping(oneshot::Sender<()>),
    Close,
}

/// The thread's state.
pub(super) struct Writer {
    connection: Connection,
    busy_timeout: Duration,
    wakes: WakeSender,
}

impl Writer {
    pub(super) fn new(connection: Connection, busy_timeout: Duration, wakes: WakeSender) -> Self {
        Self {
            connection,
            busy_timeout,
            wakes,
        }
    }

    /// Works until the queue ends or is told to close, then leaves an empty log behind.
    pub(super) fn serve(mut self, tasks: &mut mpsc::Receiver<Task>) {
        let mut group = Vec::new();
        let mut next = tasks.blocking_recv();
        while let Some(task) = next.take() {
            match task {
                Task::Change(change) => {
                    next = gather(change, &mut group, tasks);
                    self.apply(&mut group);
                }
                // A failed send below means that the asker has gone.
                Task::Script(script) => {
                    let done = self.run_script(&script);
                    let _gone = script.reply.send(done);
                }
                Task::Checkpoint(reply) => {
                    let _gone = reply.send(self.checkpoint());
                }
                Task::Ping(reply) => {
                    let _gone = reply.send(());
                }
                Task::Close => break,
            }
            if next.is_none() {
                next = tasks.blocking_recv();
            }
        }
        // Refreshes what the planner knows; the limit makes that a matter of milliseconds.
        let optimized = self
            .connection
            .execute_batch("PRAGMA analysis_limit = 400; PRAGMA optimize");
        if let Err(error) = optimized {
            tracing::warn!(%error, "the planner's statistics stay as they are");
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "the write-ahead log stays for the next start");
        }
    }

    fn apply(&mut self, group: &mut Vec<Change>) {
        let mut answers = Vec::with_capacity(group.len());
        let fate = self.apply_group(group, &mut answers);
        let mut applied = group
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_ok());
        if fate.is_ok() && applied.any(|(change, _)| change.wakes_jobs) {
            self.wakes.wake();
        }
        let mut answers = answers.into_iter();
        for change in group.drain(..) {
            let answer = match &fate {
                Ok(()) => answers.next().unwrap_or_else(|| {
                    Err(DbError::Internal(
                        "a commit was left out of its group".into(),
                    ))
                }),
                // Even a refusal is void: it may rest on a neighbour that was not applied.
                Err(error) => Err(error.clone()),
            };
            let _gone = change.reply.send(answer);
        }
    }

    /// One transaction for the group; an error here is everybody's.
    fn apply_group(
        &mut self,
        group: &[Change],
        answers: &mut Vec<Result<Vec<Row>, DbError>>,
    ) -> Result<(), DbError> {
        self.control("BEGIN IMMEDIATE")?;
        for change in group {
            let answer = self.apply_one(&change.statements);
            if let Err(DbError::DiskFull | DbError::Unavailable(_)) = &answer {
                // The file is in trouble, not this change: nothing of the group may be kept.
                self.roll_back();
                return answer.map(drop);
            }
            // SQLite gives up a whole transaction by itself after some errors.
            if self.connection.is_autocommit() {
                return Err(answer.err().unwrap_or_else(|| {
                    DbError::Unavailable("SQLite gave the transaction up".into())
                }));
            }
            answers.push(answer);
        }
        self.control("COMMIT").inspect_err(|_| self.roll_back())
    }

    fn apply_one(&self, statements: &[Stmt]) -> Result<Vec<Row>, DbError> {
        self.control("SAVEPOINT change")?;
        let mut rows = Vec::new();
        for stmt in statements {
            match run(&self.connection, stmt) {
                Ok(outcome) => rows = outcome.rows,
                Err(error) => {
                    if !self.connection.is_autocommit() {
                        self.control("ROLLBACK TO change")?;
                        self.control("RELEASE change")?;
                    }
                    return Err(error);
                }
            }
        }
        self.control("RELEASE change")?;
        Ok(rows)
    }

    fn run_script(&self, script: &Script) -> Result<(), DbError> {
        self.control("BEGIN IMMEDIATE")?;
        let applied = (|| {
            if let Some(before) = &script.before {
                run(&self.connection, before)?;
            }
            self.connection
                .execute_batch(&script.sql)
                .map_err(|error| from_rusqlite(&error, "sqlite.script"))?;
            if let Some(after) = &script.after {
                run(&self.connection, after)?;
            }
            self.control("COMMIT")
        })();
        applied.inspect_err(|_| self.roll_back())
    }

    fn control(&self, sql: &'static str) -> Result<(), DbError> {
        let prepared = self.connection.prepare_cached(sql);
        prepared
            .and_then(|mut statement| statement.raw_execute())
            .map(drop)
            .map_err(|error| from_rusqlite(&error, sql))
    }

    fn roll_back(&self) {
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.control("ROLLBACK") {
            tracing::error!(%error, "a rollback failed");
        }
    }

    fn checkpoint(&self) -> Result<(), DbError> {
        let failed = |error: rusqlite::Error| from_rusqlite(&error, "sqlite.checkpoint");
        self.connection
            .busy_timeout(CHECKPOINT_WAIT)
            .map_err(failed)?;
        let blocked = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, bool>(0)
            });
        self.connection
            .busy_timeout(self.busy_timeout)
            .map_err(failed)?;
        if blocked.map_err(failed)? {
            return Err(DbError::Unavailable(
                "a reader holds the write-ahead log".into(),
            ));
        }
        Ok(())
    }
}

/// Takes what waits behind `first`, and answers the task that is no change, if one came.
fn gather(
    first: Change,
    group: &mut Vec<Change>,
    tasks: &mut mpsc::Receiver<Task>,
) -> Option<Task> {
    group.push(first);
    while group.len() < GROUP_LIMIT {
        match tasks.try_recv() {
            Ok(Task::Change(change)) => group.push(change),
            Ok(other) => return Some(other),
            Err(_) => return None,
        }
    }
    None
}
