//! Durable jobs with leases.
//!
//! A claimed job is not locked: its owner pushes `due_at` into the future and raises `epoch`.
//! Every commit an owner makes expects the epoch, so that a stalled owner that wakes up writes
//! nothing (spec/workflows.md, "Engine rules").

use std::time::Duration;

use uuid::Uuid;
use verifa_core::id::{Id, OrganizationId};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

// A claim picks its jobs in a `WITH`: PostgreSQL may repeat a plain inner query for each row of the
// outer one, and lock other jobs each time.
//
// Epochs never come twice: a new row begins at the time of its making, so that the owner of an
// ended job of the same name is a stranger to it, and whoever lets go of a job raises it, so that
// a heartbeat on its way moves nothing.
statements! {
    UPSERT = "jobs.upsert",
        "INSERT INTO jobs (key, kind, subject_id, queue, due_at, epoch, attempts, deaths, \
         owner, created_at, sandbox_of) \
         VALUES (?1, ?2, ?3, 0, ?4, ?5, 0, 0, NULL, ?5, ?6) \
         ON CONFLICT (key) DO UPDATE SET queue = 0, due_at = excluded.due_at, \
         epoch = jobs.epoch + 1, attempts = 0, deaths = 0, owner = NULL, \
         sandbox_of = excluded.sandbox_of";
    PLAN = "jobs.plan",
        "INSERT INTO jobs (key, kind, subject_id, queue, due_at, epoch, attempts, deaths, \
         owner, created_at) VALUES (?1, ?2, ?3, 0, ?4, ?4, 0, 0, NULL, ?4) \
         ON CONFLICT (key) DO NOTHING";
    CLAIM = "jobs.claim",
        "WITH due AS (SELECT key FROM jobs WHERE queue = ?5 AND due_at <= ?1 \
         ORDER BY due_at LIMIT ?4 \
         /*skip locked*/) \
         UPDATE jobs SET due_at = ?2, epoch = epoch + 1, attempts = attempts + 1, \
         deaths = CASE WHEN owner IS NULL THEN deaths ELSE deaths + 1 END, owner = ?3 \
         WHERE key IN (SELECT key FROM due) \
         RETURNING key, kind, subject_id, queue, due_at, epoch, attempts, deaths, created_at";
    NEXT_DUE = "jobs.next_due",
        "SELECT MIN(due_at) FROM jobs WHERE queue = ?1";
    GET_ON = "jobs.get_on",
        "UPDATE jobs SET due_at = ?3, deaths = 0 WHERE key = ?1 AND epoch = ?2";
    EXTEND = "jobs.extend",
        "UPDATE jobs SET due_at = ?3 WHERE key = ?1 AND epoch = ?2";
    FINISH = "jobs.finish",
        "DELETE FROM jobs WHERE key = ?1 AND epoch = ?2";
    RESCHEDULE = "jobs.reschedule",
        "UPDATE jobs SET due_at = ?3, owner = NULL, epoch = epoch + 1 \
         WHERE key = ?1 AND epoch = ?2";
    PAUSE = "jobs.pause",
        "UPDATE jobs SET due_at = ?3, owner = NULL, epoch = epoch + 1, attempts = 0, deaths = 0 \
         WHERE key = ?1 AND epoch = ?2";
    HAND_BACK = "jobs.hand_back",
        "UPDATE jobs SET due_at = ?3, owner = NULL, epoch = epoch + 1, attempts = attempts - 1 \
         WHERE key = ?1 AND epoch = ?2";
    QUEUE_FOR_COMPUTE = "jobs.queue_for_compute",
        "UPDATE jobs SET queue = 1, due_at = ?3, owner = NULL, epoch = epoch + 1, \
         attempts = attempts - 1 WHERE key = ?1 AND epoch = ?2";
    CANCEL = "jobs.cancel",
        "DELETE FROM jobs WHERE key = ?1";
    // A claimed job's due time is its lease. What becomes due is due now and not long ago, so that
    // it neither overtakes others nor looks forgotten.
    AGE = "jobs.age",
        "UPDATE jobs SET due_at = CASE WHEN due_at - ?2 > ?3 THEN due_at - ?2 ELSE ?3 END \
         WHERE sandbox_of = ?1 AND owner IS NULL AND due_at > ?3";
    RELEASE_ALL = "jobs.release_all",
        "UPDATE jobs SET due_at = ?1, owner = NULL, epoch = epoch + 1, deaths = deaths + 1 \
         WHERE queue IN (0, 1) AND due_at <= ?2 AND owner IS NOT NULL";
    COUNT_FORGOTTEN = "jobs.count_forgotten",
        "SELECT COUNT(*) FROM jobs WHERE queue IN (0, 1) AND due_at <= ?1 AND owner IS NULL \
         AND NOT EXISTS (SELECT 1 FROM jobs held WHERE held.queue IN (0, 1) \
         AND held.due_at > ?2 AND held.due_at <= ?3 AND held.owner IS NOT NULL)";
}

/// Which jobs wait behind which. Each queue has places of its own in a worker, so that what takes
/// a moment never waits behind what takes seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Jobs that read and write; every job begins here.
    Light,
    /// Runs that stand before a check that computes while every processor is busy.
    Compute,
}

impl Queue {
    /// Every queue, the quick one first.
    pub const ALL: [Self; 2] = [Self::Light, Self::Compute];

    const fn number(self) -> i64 {
        match self {
            Self::Light => 0,
            Self::Compute => 1,
        }
    }

    fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.number() == number)
    }
}

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Unique name, such as `advance:run_…`; one job of a name exists at a time.
    pub key: String,
    /// What to do.
    pub kind: String,
    /// What to do it to.
    pub subject_id: Uuid,
    /// Where it was waiting.
    pub queue: Queue,
    /// Until when the claim holds.
    pub due_at: Timestamp,
    /// The claim's number.
    pub epoch: i64,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// How many of its owners died with it since it last got on.
    pub deaths: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Job {
    /// Reads a row of [`claim`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown queue.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            key: row.get(0)?,
            kind: row.get(1)?,
            subject_id: row.get(2)?,
            queue: Queue::of(row.get(3)?).ok_or(DbError::Column { index: 3 })?,
            due_at: row.get(4)?,
            epoch: row.get(5)?,
            attempts: row.get(6)?,
            deaths: row.get(7)?,
            created_at: row.get(8)?,
        })
    }
}

/// Makes a job, or moves the one of that name and takes it from its owner. `sandbox_of` names the
/// organization whose sandbox's clock moves its due time.
pub fn upsert(
    key: &str,
    kind: &str,
    subject: Uuid,
    due_at: Timestamp,
    now: Timestamp,
    sandbox_of: Option<OrganizationId>,
) -> Stmt {
    stmt(
        UPSERT,
        vec![
            key.into(),
            kind.into(),
            subject.into(),
            due_at.into(),
            now.into(),
            sandbox_of.map(Id::uuid).into(),
        ],
    )
    .expect(1)
}

/// Brings the due times of a sandbox's waiting jobs nearer by so many microseconds, to `now` at
/// the earliest. Claimed jobs stay: their due time is a lease.
pub fn age(organization: OrganizationId, by: i64, now: Timestamp) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into(), now.into()])
}

/// Makes a job that is due now, unless there is one of that name.
pub fn plan(key: &str, kind: &str, subject: Uuid, now: Timestamp) -> Stmt {
    stmt(
        PLAN,
        vec![key.into(), kind.into(), subject.into(), now.into()],
    )
}

/// Claims up to `most` due jobs of a queue until `now + lease`, those due longest first.
pub fn claim(queue: Queue, now: Timestamp, lease: Duration, owner: Uuid, most: i64) -> Stmt {
    stmt(
        CLAIM,
        vec![
            now.into(),
            now.plus(lease).into(),
            owner.into(),
            most.into(),
            queue.number().into(),
        ],
    )
}

/// The earliest due time of any job of a queue, or NULL.
pub fn next_due(queue: Queue) -> Stmt {
    stmt(NEXT_DUE, vec![queue.number().into()])
}

/// Keeps a claim until `until`; touches no row when the claim was lost.
pub fn extend(job: &Job, until: Timestamp) -> Stmt {
    stmt(
        EXTEND,
        vec![job.key.as_str().into(), job.epoch.into(), until.into()],
    )
    .expect(1)
}

/// As [`extend`], in the commit of a step that was done: whoever owned it before did not die of it.
pub fn get_on(job: &Job, until: Timestamp) -> Stmt {
    stmt(
        GET_ON,
        vec![job.key.as_str().into(), job.epoch.into(), until.into()],
    )
    .expect(1)
}

/// Ends a job; conflicts when the claim was lost.
pub fn finish(job: &Job) -> Stmt {
    stmt(FINISH, vec![job.key.as_str().into(), job.epoch.into()]).expect(1)
}

/// Gives a job up until `due_at`; conflicts when the claim was lost.
pub fn reschedule(job: &Job, due_at: Timestamp) -> Stmt {
    stmt(
        RESCHEDULE,
        vec![job.key.as_str().into(), job.epoch.into(), due_at.into()],
    )
    .expect(1)
}

/// Puts a job that got on aside until `due_at`; conflicts when the claim was lost.
pub fn pause(job: &Job, due_at: Timestamp) -> Stmt {
    stmt(
        PAUSE,
        vec![job.key.as_str().into(), job.epoch.into(), due_at.into()],
    )
    .expect(1)
}

/// Gives an unworked job back at once, as on shutdown; the claim does not count as an attempt.
pub fn hand_back(job: &Job, now: Timestamp) -> Stmt {
    stmt(
        HAND_BACK,
        vec![job.key.as_str().into(), job.epoch.into(), now.into()],
    )
    .expect(1)
}

/// Moves a job to [`Queue::Compute`], due at `now`; conflicts when the claim was lost. The claim
/// does not count as an attempt.
pub fn queue_for_compute(job: &Job, now: Timestamp) -> Stmt {
    stmt(
        QUEUE_FOR_COMPUTE,
        vec![job.key.as_str().into(), job.epoch.into(), now.into()],
    )
    .expect(1)
}

/// Removes a job whoever owns it; its owner's next commit conflicts.
pub fn cancel(key: &str) -> Stmt {
    stmt(CANCEL, vec![key.into()])
}

/// Makes every claimed job due: at the start of a server that is alone on its database. No claim
/// lasts beyond `lease` from now, so that the jobs of later days are not looked at.
pub fn release_all(now: Timestamp, lease: Duration) -> Stmt {
    stmt(RELEASE_ALL, vec![now.into(), now.plus(lease).into()])
}

/// How many jobs that were due by `overdue` wait although nobody works: while any job is held,
/// under a lease that ends within `lease` from now, the others only wait for their turn.
pub fn count_forgotten(overdue: Timestamp, now: Timestamp, lease: Duration) -> Stmt {
    stmt(
        COUNT_FORGOTTEN,
        vec![overdue.into(), now.into(), now.plus(lease).into()],
    )
}
