//! Scheduled work that concerns no single session.

use std::time::Duration;

use futures::TryStreamExt as _;
use futures::future::BoxFuture;
use verifa_core::id::{DocumentId, Id, MailId};
use verifa_store::db::Commit;
use verifa_store::jobs::{self, Job};
use verifa_store::{audit, client_tokens, counters, documents, idempotency, webhook_lanes};
use verifa_vault::BlobId;

use super::forgetting;
use crate::App;
use crate::error::AppError;
use crate::job::JobName;

/// A job that nobody took for this long, while nobody works at another, says that nobody works.
const OVERDUE: Duration = Duration::from_mins(1);
/// How often kept answers are forgotten.
const SWEEP_EVERY: Duration = Duration::from_mins(15);
/// Most things forgotten in one commit, so that nobody waits long behind it.
const FORGOTTEN_AT_ONCE: u16 = 1_000;
/// How long every checkpoint is kept.
const CHECKPOINTS_KEPT: Duration = Duration::from_hours(7 * 24);
/// How often images are looked for that belong to no document: what a killed upload left.
const SWEEP_BLOBS_EVERY: Duration = Duration::from_hours(24);
/// An image younger than this may belong to an upload that is under way.
const SETTLED: Duration = Duration::from_hours(24);

const DAY: Duration = Duration::from_hours(24);
/// The family of the counters of a day's verifications, each named by its date.
pub const DAILY_VERIFICATIONS: &str = "quota.verifications";

/// Deletes the blob of a document that is gone. Deleting twice is deleting once.
pub(super) async fn delete_blob(
    app: &App,
    job: &Job,
    document: DocumentId,
) -> Result<(), AppError> {
    app.blobs.delete(BlobId::new(document.uuid())).await?;
    finish(app, job).await
}

/// Removes the file that a mail of a redacted session became, where mails become files.
pub(super) async fn forget_mail(app: &App, job: &Job, id: MailId) -> Result<(), AppError> {
    app.mailer
        .forget(id)
        .await
        .map_err(|_| AppError::Unavailable("a mail's file can't be removed"))?;
    finish(app, job).await
}

/// Forgets kept answers and client tokens whose time is over, the daily counts of former days, old
/// mails and old events, and comes again.
pub(super) async fn sweep(app: &App, job: &Job) -> Result<(), AppError> {
    // The day before too: a process whose clock is behind may still count there.
    let yesterday = app.clock.now().minus(DAY).date().to_string();
    let forgotten = counters::forget_before(DAILY_VERIFICATIONS, &yesterday);
    app.db.write(forgotten).await?;
    loop {
        let over = client_tokens::delete_expired(app.clock.now(), FORGOTTEN_AT_ONCE.into());
        if app.db.write(over).await?.len() < usize::from(FORGOTTEN_AT_ONCE) {
            break;
        }
    }
    loop {
        let expired = idempotency::delete_expired(app.clock.now(), FORGOTTEN_AT_ONCE.into());
        let forgotten = app.db.write(expired).await?.len();
        if forgotten < usize::from(FORGOTTEN_AT_ONCE) {
            break;
        }
    }
    thin_checkpoints(app).await?;
    forgetting::mails(app).await?;
    forgetting::events(app).await?;
    come_again(app, job, SWEEP_EVERY).await
}

/// Keeps of the signed checkpoints of the audit chain all of the last week, and of each day before
/// it the last: each stands for everything before it, so that none of the chain goes unproved.
async fn thin_checkpoints(app: &App) -> Result<(), AppError> {
    let settled = app.clock.now().minus(CHECKPOINTS_KEPT);
    loop {
        let thinned = audit::thin_checkpoints(settled, FORGOTTEN_AT_ONCE.into());
        let removed = app.db.write(thinned).await?.len();
        if removed < usize::from(FORGOTTEN_AT_ONCE) {
            return Ok(());
        }
    }
}

/// Deletes images that belong to no document, and comes again. In a bucket they stay: it may hold
/// those of another installation.
pub(super) async fn sweep_blobs(app: &App, job: &Job) -> Result<(), AppError> {
    let settled = app.clock.now().minus(SETTLED);
    if !app.blobs.is_local() {
        return come_again(app, job, SWEEP_BLOBS_EVERY).await;
    }
    let mut removed = app.blobs.remove_abandoned_uploads(settled).await?;
    let mut stored = app.blobs.list();
    while let Some(blob) = stored.try_next().await? {
        let document = DocumentId::from_uuid(blob.id.uuid());
        let is_orphan = blob.modified < settled
            && app
                .db
                .query(documents::is_known(document))
                .await?
                .is_empty();
        if is_orphan && app.blobs.delete(blob.id).await? {
            removed += 1;
        }
    }
    if removed > 0 {
        tracing::info!(removed, "deleted images that belonged to no document");
    }
    come_again(app, job, SWEEP_BLOBS_EVERY).await
}

pub(super) async fn come_again(app: &App, job: &Job, pause: Duration) -> Result<(), AppError> {
    let mut commit = Commit::new();
    commit.push(jobs::pause(job, app.clock.now().plus(pause)));
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
        let mut commit = Commit::new();
        if alone {
            commit.push(jobs::release_all(now, self.settings.lease));
            commit.push(webhook_lanes::release_all(
                now,
                crate::webhooks::lease(self),
            ));
        }
        for name in [
            JobName::Housekeeping,
            JobName::SweepBlobs,
            JobName::Retention,
        ] {
            commit.push(jobs::plan(&name.key(), name.kind(), name.subject(), now));
        }
        commit.wake_jobs();
        self.db.commit(commit).await?;
        Ok(())
    }

    /// Whether somebody works: no job has waited long for a worker while none held any.
    pub fn check_backlog(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            let now = self.clock.now();
            let forgotten = jobs::count_forgotten(now.minus(OVERDUE), now, OVERDUE);
            let row = self.db.query_opt(forgotten).await;
            let row = row.map_err(|error| error.to_string())?;
            match row.map_or(Ok(0), |row| row.get::<i64>(0)) {
                Ok(0) => Ok(()),
                Ok(waiting) => Err(format!("{waiting} jobs have waited over a minute")),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}
