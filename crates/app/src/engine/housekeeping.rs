//! Scheduled work that concerns no single session.

use std::time::Duration;

use futures::future::BoxFuture;
use verifa_core::id::{DocumentId, Id};
use verifa_store::db::Commit;
use verifa_store::idempotency;
use verifa_store::jobs::{self, Job};
use verifa_vault::BlobId;

use crate::App;
use crate::error::AppError;
use crate::job::JobName;

/// A job that nobody took for this long says that nobody works.
const OVERDUE: Duration = Duration::from_secs(60);
/// How often kept answers are forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(15 * 60);

/// Deletes the blob of a document that is gone. Deleting twice is deleting once.
pub(super) async fn delete_blob(
    app: &App,
    job: &Job,
    document: DocumentId,
) -> Result<(), AppError> {
    app.blobs.delete(BlobId::new(document.uuid())).await?;
    finish(app, job).await
}

/// Forgets kept answers whose time is over, and comes again.
pub(super) async fn sweep(app: &App, job: &Job) -> Result<(), AppError> {
    let now = app.clock.now();
    let mut commit = Commit::new();
    commit.push(idempotency::delete_expired(now));
    commit.push(jobs::reschedule(job, now.plus(SWEEP_EVERY)));
    app.db.commit(commit).await?;
    Ok(())
}

/// Ends a job that wrote nothing else.
pub(super) async fn finish(app: &App, job: &Job) -> Result<(), AppError> {
    let mut commit = Commit::new();
    commit.push(jobs::finish(job));
    app.db.commit(commit).await?;
    Ok(())
}

impl App {
    /// Plans the housekeeping, if nobody did before, and on a database of our own takes up what a
    /// dead process left claimed. Called once at start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan_work(&self, alone: bool) -> Result<(), AppError> {
        let now = self.clock.now();
        let name = JobName::Housekeeping;
        let mut commit = Commit::new();
        if alone {
            commit.push(jobs::release_all(now));
        }
        commit.push(jobs::plan(&name.key(), name.kind(), name.subject(), now));
        commit.wake_jobs();
        self.db.commit(commit).await?;
        Ok(())
    }

    /// Whether somebody works: no job has waited long for a worker.
    pub fn check_backlog(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            let overdue = self.clock.now().minus(OVERDUE);
            let row = self.db.query_opt(jobs::count_due(overdue)).await;
            let row = row.map_err(|error| error.to_string())?;
            match row.map_or(Ok(0), |row| row.get::<i64>(0)) {
                Ok(0) => Ok(()),
                Ok(waiting) => Err(format!("{waiting} jobs have waited over a minute")),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}
