//! A worker: claims due jobs, keeps their leases alive, runs them, and sleeps until woken.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;
use verifa_core::time::Timestamp;
use verifa_store::db::{Commit, DbError};
use verifa_store::jobs::{self, Job, Queue};
use verifa_vault::BlobError;

use super::measures::{JOBS_TOTAL, tell_overdue};
use super::{advance, claims, expiry, gate, housekeeping, retention};
use crate::App;
use crate::error::AppError;
use crate::job::JobName;
use crate::mail;

/// Looks at the table at least this often: for what no wake-up told.
const NET: Duration = crate::change::NO_NEED_TO_WAKE;
/// The wait before a failed job is tried again: doubled each time, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// The wait before a job goes on whose session changed under it, times its attempts.
const CONFLICT_PAUSE: Duration = Duration::from_millis(20);
/// A run that failed this often for no outside reason fails its session.
const HOPELESS_AFTER: i64 = 5;
/// A run with which this many owners in a row died fails its session: something in it ends the
/// process, and would end every next one.
const DEADLY_AFTER: i64 = 10;
/// Jobs of this age in attempts are left for an operator's eye at the longest pause.
const LOUD_AFTER: i64 = 10;

/// Runs jobs in the background of one process.
pub struct Worker {
    app: Arc<App>,
    owner: Uuid,
    active: Arc<Mutex<HashMap<String, Job>>>,
    places: Places,
}

/// How many jobs of each queue are held at once.
struct Places {
    light: Arc<Semaphore>,
    compute: Arc<Semaphore>,
}

impl Places {
    fn of(&self, queue: Queue) -> &Arc<Semaphore> {
        match queue {
            Queue::Light => &self.light,
            Queue::Compute => &self.compute,
        }
    }
}

impl Worker {
    /// A worker for this process.
    pub fn new(app: Arc<App>) -> Self {
        let owner = app.new_uuid();
        let threads = app.settings.check_threads;
        let places = Places {
            // A light job that finds a processor free computes: one place always stays.
            light: Arc::new(Semaphore::new(app.settings.worker_slots.max(threads + 1))),
            compute: Arc::new(Semaphore::new(threads)),
        };
        Self {
            app,
            owner,
            active: Arc::default(),
            places,
        }
    }

    /// Works until told to stop; then lets running jobs finish for at most `grace` and hands the
    /// rest back.
    pub async fn run(self, stop: CancellationToken, grace: Duration) {
        let alive = keep_alive(Arc::clone(&self.app), Arc::clone(&self.active));
        let _heartbeat = AbortOnDropHandle::new(tokio::spawn(alive));
        let mut running = JoinSet::new();
        let mut wakes = self.app.db.wakes();
        while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            for queue in Queue::ALL {
                for (job, place) in self.claim(queue).await {
                    running.spawn(self.task(job, place));
                }
            }
            let nap = self.nap().await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = wakes.woken() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        let finished = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!(jobs = running.len(), "handing unfinished jobs back");
        }
        // Waits for their end: nothing of them may be on its way when their jobs are handed back.
        running.shutdown().await;
        self.hand_back().await;
    }

    /// Claims as many due jobs of a queue as it has places for, each with its place.
    async fn claim(&self, queue: Queue) -> Vec<(Job, OwnedSemaphorePermit)> {
        let mut places = Vec::new();
        while let Ok(place) = Arc::clone(self.places.of(queue)).try_acquire_owned() {
            places.push(place);
        }
        if places.is_empty() {
            return Vec::new();
        }
        let claim = jobs::claim(
            queue,
            self.app.clock.now(),
            self.app.settings.lease,
            self.owner,
            i64::try_from(places.len()).unwrap_or(1),
        );
        let claimed = match self.app.db.write(claim).await {
            Ok(rows) => rows
                .iter()
                .map(Job::from_row)
                .collect::<Result<Vec<_>, _>>(),
            Err(error) => Err(error),
        };
        match claimed {
            Ok(jobs) => jobs.into_iter().zip(places).collect(),
            Err(error) => {
                tracing::warn!(error = %error, "claiming jobs failed; trying again");
                // What is due stays due: without this the next try would come at once.
                tokio::time::sleep(FIRST_PAUSE).await;
                Vec::new()
            }
        }
    }

    /// Until the next job is due for which there is a place; a moment when the database does not
    /// answer.
    async fn nap(&self) -> Duration {
        let mut nap = NET;
        let mut oldest: Option<Timestamp> = None;
        let now = self.app.clock.now();
        for queue in Queue::ALL {
            let due = match self.app.db.query_opt(jobs::next_due(queue)).await {
                Ok(row) => row.and_then(|row| row.get::<Option<Timestamp>>(0).ok().flatten()),
                Err(_) => return FIRST_PAUSE,
            };
            let Some(due) = due else { continue };
            oldest = Some(oldest.map_or(due, |oldest| oldest.min(due)));
            // Without a place, what is due waits for one of those that run, whose end wakes us.
            if self.places.of(queue).available_permits() > 0 {
                nap = nap.min(due.since(now));
            }
        }
        tell_overdue(oldest, now);
        // A due job that another process is claiming right now must not make us spin.
        nap.max(Duration::from_millis(5))
    }

    fn task(&self, job: Job, place: OwnedSemaphorePermit) -> impl Future<Output = ()> + use<> {
        let app = Arc::clone(&self.app);
        let active = Arc::clone(&self.active);
        lock(&active).insert(job.key.clone(), job.clone());
        async move {
            perform(&app, &job).await;
            {
                let mut active = lock(&active);
                // The same job may be ours again already, put back and claimed anew.
                if active
                    .get(&job.key)
                    .is_some_and(|held| held.epoch == job.epoch)
                {
                    active.remove(&job.key);
                }
            }
            drop(place);
        }
    }

    async fn hand_back(&self) {
        let left: Vec<Job> = lock(&self.active).drain().map(|(_, job)| job).collect();
        for job in left {
            let mut commit = Commit::new();
            commit
                .push(jobs::hand_back(&job, self.app.clock.now()))
                .wake_jobs();
            if let Err(error) = self.app.db.commit(commit).await {
                tracing::warn!(job = job.kind, error = %error, "a job could not be handed back; its lease runs out by itself");
            }
        }
    }
}

fn lock(active: &Mutex<HashMap<String, Job>>) -> std::sync::MutexGuard<'_, HashMap<String, Job>> {
    active.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Pushes the leases of active jobs into the future, three times per lease.
async fn keep_alive(app: Arc<App>, active: Arc<Mutex<HashMap<String, Job>>>) {
    loop {
        tokio::time::sleep(app.settings.lease / 3).await;
        let held: Vec<Job> = lock(&active).values().cloned().collect();
        let until = app.clock.now().plus(app.settings.lease);
        for job in held {
            let mut commit = Commit::new();
            commit.push(jobs::extend(&job, until));
            // A conflict says that the job has ended or moved on: its own commits notice.
            if let Err(error @ DbError::Unavailable(_)) = app.db.commit(commit).await {
                tracing::warn!(job = job.kind, error = %error, "a lease could not be kept");
            }
        }
    }
}

/// Runs a job to its end or schedules its next try.
async fn perform(app: &Arc<App>, job: &Job) {
    let Some(name) = JobName::of(job) else {
        tracing::error!(
            kind = job.kind,
            "a job of a kind that this release does not know"
        );
        retry(app, job).await;
        return;
    };
    // A job that panicked is a job that failed: its claim must not be kept alive for ever.
    let outcome = AssertUnwindSafe(dispatch(app, job, name)).catch_unwind();
    let outcome = outcome
        .await
        .unwrap_or(Err(AppError::Internal("a job panicked")));
    let told = match &outcome {
        Ok(()) => "done",
        Err(AppError::Database(DbError::Conflict { .. })) => "gave_way",
        Err(_) => "failed",
    };
    metrics::counter!(JOBS_TOTAL, "kind" => name.kind(), "outcome" => told).increment(1);
    match outcome {
        Ok(()) => {}
        // The claim was lost or the session moved on: whoever owns it now goes on.
        Err(AppError::Database(DbError::Conflict { label })) => {
            tracing::debug!(kind = job.kind, label, "a job gave way");
            // Still ours if only the session changed under us: then it is due again at once.
            let times = u32::try_from(job.attempts).unwrap_or(1);
            put_back(
                app,
                job,
                CONFLICT_PAUSE.saturating_mul(times).min(LONGEST_PAUSE),
            )
            .await;
        }
        Err(error) => recover(app, job, name, &error).await,
    }
}

/// Schedules the next try of a failed job, or ends what can't be mended by trying again.
async fn recover(app: &Arc<App>, job: &Job, name: JobName, error: &AppError) {
    if job.attempts >= LOUD_AFTER {
        tracing::error!(kind = job.kind, attempts = job.attempts, error = %error, "a job keeps failing");
    } else {
        tracing::warn!(kind = job.kind, attempts = job.attempts, error = %error, "a job failed");
    }
    let JobName::AdvanceRun(run) = name else {
        return retry(app, job).await;
    };
    if job.attempts < HOPELESS_AFTER || !is_ours(error) {
        return retry(app, job).await;
    }
    let given_up = AssertUnwindSafe(Box::pin(advance::give_up(app, job, run))).catch_unwind();
    let given_up = given_up.await;
    if let Err(error) = given_up.unwrap_or(Err(AppError::Internal("giving up panicked"))) {
        tracing::error!(error = %error, "a broken run could not be ended");
        retry(app, job).await;
    }
}

async fn dispatch(app: &Arc<App>, job: &Job, name: JobName) -> Result<(), AppError> {
    match name {
        JobName::AdvanceRun(run) if job.deaths >= DEADLY_AFTER => {
            tracing::error!(
                deaths = job.deaths,
                "workers keep dying with a run: it is given up"
            );
            Box::pin(advance::give_up(app, job, run)).await
        }
        JobName::AdvanceRun(run) => Box::pin(advance::advance(app, job, run)).await,
        JobName::GateTimeout(run) => Box::pin(gate::time_out(app, job, run)).await,
        JobName::ExpireSession(session) => Box::pin(expiry::expire(app, job, session)).await,
        JobName::ReleaseCase(case) => claims::release(app, job, case).await,
        JobName::DeleteBlob(document) => housekeeping::delete_blob(app, job, document).await,
        JobName::SendMail(id) => Box::pin(mail::send(app, job, id)).await,
        JobName::ForgetMail(id) => housekeeping::forget_mail(app, job, id).await,
        JobName::Housekeeping => housekeeping::sweep(app, job).await,
        JobName::SweepBlobs => housekeeping::sweep_blobs(app, job).await,
        JobName::Retention => retention::sweep(app, job).await,
    }
}

/// Whether trying again can't help: a defect or an image that is gone, not a database or a store
/// that is away.
const fn is_ours(error: &AppError) -> bool {
    !matches!(
        error,
        AppError::Database(DbError::Unavailable(_) | DbError::DiskFull)
            | AppError::Blob(BlobError::Unavailable(_) | BlobError::StorageFull)
            | AppError::Unavailable(_)
    )
}

async fn retry(app: &App, job: &Job) {
    let doublings = u32::try_from(job.attempts.clamp(1, 12) - 1).unwrap_or(0);
    put_back(
        app,
        job,
        (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE),
    )
    .await;
}

async fn put_back(app: &App, job: &Job, pause: Duration) {
    let mut commit = Commit::new();
    commit
        .push(jobs::reschedule(job, app.clock.now().plus(pause)))
        .wake_jobs();
    match app.db.commit(commit).await {
        // Another owner has it, or it is done.
        Ok(()) | Err(DbError::Conflict { .. }) => {}
        Err(error) => {
            tracing::warn!(kind = job.kind, error = %error, "a job could not be put back; its lease runs out by itself");
        }
    }
}
