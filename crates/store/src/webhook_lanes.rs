//! Lanes: the order of one session's deliveries to one endpoint.
//!
//! A claimed lane is one whose due time its owner pushes into the future with each commit, as jobs
//! are claimed ([`crate::jobs`]); whoever comes late finds another epoch and writes nothing.

use std::time::Duration;

use uuid::Uuid;
use verifa_core::id::{Id, OrganizationId, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt, webhook_deliveries, webhook_endpoints};

// Epochs never come twice, as those of jobs: a new lane begins at the time of its making.
statements! {
    JOIN = "webhook_lanes.join",
        "INSERT INTO webhook_lanes (endpoint_id, lane, organization_id, environment, due_at, \
         epoch, generation, owner) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, NULL) \
         ON CONFLICT (endpoint_id, lane) DO UPDATE SET generation = webhook_lanes.generation + 1";
    WAKE = "webhook_lanes.wake",
        "INSERT INTO webhook_lanes (endpoint_id, lane, organization_id, environment, due_at, \
         epoch, generation, owner) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, NULL) \
         ON CONFLICT (endpoint_id, lane) DO UPDATE SET \
         generation = webhook_lanes.generation + 1, due_at = CASE WHEN webhook_lanes.owner IS NULL \
         THEN excluded.due_at ELSE webhook_lanes.due_at END, \
         woken = CASE WHEN webhook_lanes.owner IS NULL THEN 0 ELSE 1 END";
    HOLD_BACK = "webhook_lanes.hold_back",
        "INSERT INTO webhook_lanes (endpoint_id, lane, organization_id, environment, due_at, \
         epoch, generation, owner) VALUES (?1, ?2, ?3, ?4, ?6, ?5, 1, NULL) \
         ON CONFLICT (endpoint_id, lane) DO UPDATE SET \
         generation = webhook_lanes.generation + 1, due_at = CASE WHEN webhook_lanes.owner IS NULL \
         THEN excluded.due_at ELSE webhook_lanes.due_at END, \
         woken = CASE WHEN webhook_lanes.owner IS NULL THEN 0 ELSE 1 END";
    LET_RUN = "webhook_lanes.let_run",
        "UPDATE webhook_lanes SET due_at = ?3 \
         WHERE endpoint_id = ?1 AND due_at <= ?2 AND due_at > ?3 AND owner IS NULL";
    AGENDA = "webhook_lanes.agenda",
        "SELECT e.id, (SELECT MIN(l.due_at) FROM webhook_lanes l WHERE l.endpoint_id = e.id) \
         FROM webhook_endpoints e WHERE e.enabled = 1";
    CLAIM = "webhook_lanes.claim",
        "WITH due AS (SELECT lane FROM webhook_lanes WHERE endpoint_id = ?1 AND due_at <= ?2 \
         ORDER BY due_at LIMIT ?5 /*skip locked*/) \
         UPDATE webhook_lanes SET due_at = ?3, epoch = epoch + 1, owner = ?4, woken = 0 \
         WHERE endpoint_id = ?1 AND lane IN (SELECT lane FROM due) \
         RETURNING endpoint_id, lane, epoch";
    CLAIMED_BY = "webhook_lanes.claimed_by",
        "SELECT endpoint_id, lane, epoch FROM webhook_lanes WHERE endpoint_id = ?1 AND owner = ?2";
    KEEP = "webhook_lanes.keep",
        "UPDATE webhook_lanes SET due_at = ?4 WHERE endpoint_id = ?1 AND lane = ?2 AND epoch = ?3";
    UNDISTURBED = "webhook_lanes.undisturbed",
        "UPDATE webhook_lanes SET woken = 0 \
         WHERE endpoint_id = ?1 AND lane = ?2 AND epoch = ?3 AND woken = 0";
    RELEASE = "webhook_lanes.release",
        "UPDATE webhook_lanes SET due_at = CASE WHEN woken = 1 THEN CAST(?5 AS BIGINT) \
         ELSE CAST(?4 AS BIGINT) END, owner = NULL, epoch = epoch + 1, woken = 0 \
         WHERE endpoint_id = ?1 AND lane = ?2 AND epoch = ?3";
    REMOVE = "webhook_lanes.remove",
        "DELETE FROM webhook_lanes \
         WHERE endpoint_id = ?1 AND lane = ?2 AND epoch = ?3 AND generation = ?4";
    RELEASE_ALL = "webhook_lanes.release_all",
        "UPDATE webhook_lanes SET due_at = ?1, owner = NULL, epoch = epoch + 1, woken = 0 \
         WHERE endpoint_id IN (SELECT id FROM webhook_endpoints) AND due_at <= ?2 \
         AND owner IS NOT NULL";
    HASTEN = "webhook_lanes.hasten",
        "UPDATE webhook_lanes SET woken = CASE WHEN owner IS NULL THEN 0 ELSE 1 END, \
         due_at = CASE WHEN owner IS NULL THEN ?2 ELSE due_at END \
         WHERE endpoint_id = ?1 AND due_at > ?2";
    DELETE_OF = "webhook_lanes.delete_of",
        "DELETE FROM webhook_lanes WHERE endpoint_id = ?1";
    AGE = "webhook_lanes.age",
        "UPDATE webhook_lanes SET due_at = due_at - ?2 WHERE organization_id = ?1 \
         AND environment = 'sandbox' AND owner IS NULL";
}

/// The label of [`remove`]: a conflict of that label means that the lane was lost, or that a
/// delivery joined it.
pub const REMOVE_LABEL: &str = REMOVE.0;

/// The label of [`undisturbed`]: a conflict of that label means that the lane was lost, or woken.
pub const UNDISTURBED_LABEL: &str = UNDISTURBED.0;

/// A claimed lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lane {
    /// To whom it leads.
    pub endpoint_id: WebhookEndpointId,
    /// The session, or the event where there is none.
    pub lane: Uuid,
    /// The claim's number.
    pub epoch: i64,
}

impl Lane {
    /// Reads a row of [`claim`] or [`claimed_by`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            endpoint_id: row.id(0)?,
            lane: row.get(1)?,
            epoch: row.get(2)?,
        })
    }

    fn key(&self) -> Vec<crate::db::Value> {
        vec![
            self.endpoint_id.uuid().into(),
            self.lane.into(),
            self.epoch.into(),
        ]
    }
}

/// Puts a delivery at the end of a lane: a lane that sleeps goes on sleeping.
pub fn join(endpoint: WebhookEndpointId, lane: Uuid, tenant: Tenant, now: Timestamp) -> Stmt {
    stmt(JOIN, entry(endpoint, lane, tenant, now)).expect(1)
}

/// Tells a lane that one of its deliveries is to be sent at once: a sleeping lane looks again, and
/// one that is held when its owner lets go of it.
pub fn wake(endpoint: WebhookEndpointId, lane: Uuid, tenant: Tenant, now: Timestamp) -> Stmt {
    stmt(WAKE, entry(endpoint, lane, tenant, now)).expect(1)
}

/// Puts a delivery into a lane that is not worked on before `until`, unless it is being worked on:
/// what comes later waits behind what a recovery still brings. [`let_run`] ends it.
pub fn hold_back(
    endpoint: WebhookEndpointId,
    lane: Uuid,
    tenant: Tenant,
    now: Timestamp,
    until: Timestamp,
) -> Stmt {
    let mut params = entry(endpoint, lane, tenant, now);
    params.push(until.into());
    stmt(HOLD_BACK, params).expect(1)
}

/// Makes the lanes due that were held back until `until`, or until earlier where a sandbox's clock
/// was advanced meanwhile; one that waits for a retry is put back to that by its next turn. The
/// commit has to wake the workers.
pub fn let_run(endpoint: WebhookEndpointId, until: Timestamp, now: Timestamp) -> Stmt {
    stmt(
        LET_RUN,
        vec![endpoint.uuid().into(), until.into(), now.into()],
    )
}

fn entry(
    endpoint: WebhookEndpointId,
    lane: Uuid,
    tenant: Tenant,
    now: Timestamp,
) -> Vec<crate::db::Value> {
    vec![
        endpoint.uuid().into(),
        lane.into(),
        tenant.organization.uuid().into(),
        tenant.environment.as_str().into(),
        now.into(),
    ]
}

/// Each enabled endpoint and the earliest due time of its lanes, or NULL.
pub fn agenda() -> Stmt {
    stmt(AGENDA, vec![])
}

/// Claims up to `most` due lanes of an endpoint until `now + lease`. `owner` names this one claim,
/// so that [`claimed_by`] tells what came of it where its answer was lost.
pub fn claim(
    endpoint: WebhookEndpointId,
    now: Timestamp,
    lease: Duration,
    owner: Uuid,
    most: i64,
) -> Stmt {
    stmt(
        CLAIM,
        vec![
            endpoint.uuid().into(),
            now.into(),
            now.plus(lease).into(),
            owner.into(),
            most.into(),
        ],
    )
}

/// What a claim took of an endpoint's lanes and nobody has let go of since.
pub fn claimed_by(endpoint: WebhookEndpointId, owner: Uuid) -> Stmt {
    stmt(CLAIMED_BY, vec![endpoint.uuid().into(), owner.into()])
}

/// Conflicts, with [`UNDISTURBED_LABEL`], when a held lane was lost or one of its deliveries was to
/// be sent at once meanwhile: what was decided from its former state is out of date.
pub fn undisturbed(lane: &Lane) -> Stmt {
    stmt(UNDISTURBED, lane.key()).expect(1)
}

/// Keeps a claim until `until`; conflicts when it was lost.
pub fn keep(lane: &Lane, until: Timestamp) -> Stmt {
    let mut params = lane.key();
    params.push(until.into());
    stmt(KEEP, params).expect(1)
}

/// Lets go of a lane that is due again at `due_at`, or at once if it was woken meanwhile; conflicts
/// when the claim was lost.
pub fn release(lane: &Lane, due_at: Timestamp, now: Timestamp) -> Stmt {
    let mut params = lane.key();
    params.push(due_at.into());
    params.push(now.into());
    stmt(RELEASE, params).expect(1)
}

/// Removes an empty lane; conflicts, with [`REMOVE_LABEL`], when the claim was lost or the lane is
/// not at `generation` any more.
pub fn remove(lane: &Lane, generation: i64) -> Stmt {
    let mut params = lane.key();
    params.push(generation.into());
    stmt(REMOVE, params).expect(1)
}

/// Makes every claimed lane due: at the start of a server that is alone on its database. No claim
/// lasts beyond `lease` from now.
pub fn release_all(now: Timestamp, lease: Duration) -> Stmt {
    stmt(RELEASE_ALL, vec![now.into(), now.plus(lease).into()])
}

/// Lets all that waits for an endpoint be sent at once, as when it is enabled again. The commit
/// has to wake the workers.
pub fn resume(endpoint: WebhookEndpointId, now: Timestamp) -> Vec<Stmt> {
    vec![
        webhook_deliveries::hasten(endpoint),
        stmt(HASTEN, vec![endpoint.uuid().into(), now.into()]),
    ]
}

/// Removes the lanes of an endpoint that is deleted; their owners' commits conflict.
pub fn delete_of(endpoint: WebhookEndpointId) -> Stmt {
    stmt(DELETE_OF, vec![endpoint.uuid().into()])
}

/// Lets `by` pass for the webhooks of an organization's sandbox: retries come nearer and failures
/// get older; leases stay. The commit has to wake the workers ([`crate::db::Commit::wake_jobs`]).
pub fn age(organization: OrganizationId, by: Duration) -> Vec<Stmt> {
    let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    vec![
        webhook_endpoints::age(organization, by),
        webhook_deliveries::age(organization, by),
        stmt(AGE, vec![organization.uuid().into(), by.into()]),
    ]
}
