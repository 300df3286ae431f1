//! Deliveries of events to webhook endpoints, and their tries.

use std::time::Duration;

use uuid::Uuid;
use verifa_core::id::{DeliveryId, EventId, Id, OrganizationId, SessionId, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::webhook::{AttemptFailure, DeliveryStatus};

use crate::columns::{parsed, parsed_opt, tenant_at};
use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::some::{some, some_places};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "d.id, d.endpoint_id, d.event_id, d.organization_id, d.environment, d.session_id, \
         d.lane, d.seq, d.event, d.status, d.tries, d.attempts, d.next_attempt_at, \
         d.created_at, d.completed_at"
    };
}

statements! {
    INSERT = "webhook_deliveries.insert",
        "INSERT INTO webhook_deliveries (id, endpoint_id, event_id, organization_id, \
         environment, session_id, lane, seq, event, status, tries, attempts, next_attempt_at, \
         created_at, completed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', 0, 0, NULL, ?10, NULL) \
         ON CONFLICT DO NOTHING";
    GET = "webhook_deliveries.get",
        "SELECT ", columns!(), " FROM webhook_deliveries d \
         WHERE d.id = ?1 AND d.organization_id = ?2 AND d.environment = ?3";
    LIST = "webhook_deliveries.list",
        "SELECT ", columns!(), " FROM webhook_deliveries d \
         WHERE d.organization_id = ?1 AND d.environment = ?2";
    COUNT = "webhook_deliveries.count",
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM webhook_deliveries d \
         WHERE d.organization_id = ?1 AND d.environment = ?2";
    NEXT_OF_LANE = "webhook_deliveries.next_of_lane",
        "SELECT l.generation, ", columns!(), " FROM webhook_lanes l \
         LEFT JOIN webhook_deliveries d ON d.endpoint_id = l.endpoint_id AND d.lane = l.lane \
         AND d.status = 'pending' \
         WHERE l.endpoint_id = ?1 AND l.lane = ?2 AND l.epoch = ?3 ORDER BY d.seq LIMIT 2";
    COMPLETE = "webhook_deliveries.complete",
        "UPDATE webhook_deliveries SET status = ?2, tries = tries + 1, attempts = attempts + 1, \
         next_attempt_at = NULL, completed_at = ?3 WHERE id = ?1 AND status = 'pending'";
    ERASED = "webhook_deliveries.erased",
        "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL, \
         completed_at = ?2 WHERE id = ?1 AND status = 'pending'";
    POSTPONE = "webhook_deliveries.postpone",
        "UPDATE webhook_deliveries SET tries = tries + 1, attempts = attempts + 1, \
         next_attempt_at = ?2 WHERE id = ?1 AND status = 'pending'";
    AGAIN = "webhook_deliveries.again",
        "UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at = NULL \
         WHERE id = ?1 AND status = 'pending'";
    REVIVE = "webhook_deliveries.revive",
        "UPDATE webhook_deliveries SET status = 'pending', tries = 0, next_attempt_at = NULL, \
         completed_at = NULL WHERE id = ?1 AND status = ?2";
    OVERDUE = "webhook_deliveries.overdue",
        "SELECT CAST(COALESCE(SUM(o.tries), 0) AS BIGINT) FROM (SELECT d.tries \
         FROM webhook_deliveries d WHERE d.endpoint_id = ?1 AND d.status = 'pending' \
         AND d.tries > 0 AND EXISTS (SELECT 1 FROM webhook_attempts a \
         WHERE a.delivery_id = d.id AND a.attempted_at >= ?2 AND a.attempted_at <= ?3) \
         ORDER BY d.lane, d.seq LIMIT ?4) AS o";
    HASTEN = "webhook_deliveries.hasten",
        "UPDATE webhook_deliveries SET next_attempt_at = NULL, tries = 0 \
         WHERE endpoint_id = ?1 AND status = 'pending' AND tries > 0";
    ABANDON = "webhook_deliveries.abandon",
        "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL, \
         completed_at = ?2 WHERE endpoint_id = ?1 AND status = 'pending'";
    SCRUB = "webhook_deliveries.scrub",
        "UPDATE webhook_attempts SET sealed_response = NULL WHERE delivery_id IN \
         (SELECT id FROM webhook_deliveries WHERE session_id = ?1)";
    AGE = "webhook_deliveries.age",
        "UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - ?2 \
         WHERE organization_id = ?1 AND environment = 'sandbox' AND status = 'pending' \
         AND next_attempt_at IS NOT NULL";
    FORGET = "webhook_deliveries.forget",
        "DELETE FROM webhook_deliveries WHERE event_id IN (", some_places!(), ") \
         AND status <> 'pending'";
    FORGET_ATTEMPTS = "webhook_attempts.forget",
        "DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM webhook_deliveries \
         WHERE event_id IN (", some_places!(), "))";
    INSERT_ATTEMPT = "webhook_attempts.insert",
        "INSERT INTO webhook_attempts (delivery_id, number, attempted_at, http_status, \
         duration_ms, error, sealed_response) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ATTEMPTS_OF = "webhook_attempts.of_delivery",
        "SELECT delivery_id, number, attempted_at, http_status, duration_ms, error, \
         sealed_response FROM webhook_attempts WHERE delivery_id = ?1 ORDER BY number";
    ATTEMPTS_OF_SOME = "webhook_attempts.of_some",
        "SELECT delivery_id, number, attempted_at, http_status, duration_ms, error, \
         sealed_response FROM webhook_attempts WHERE delivery_id IN (", some_places!(), ") \
         ORDER BY number";
}

/// One event for one endpoint.
#[derive(Debug, Clone)]
pub struct DeliveryRecord {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub endpoint_id: WebhookEndpointId,
    /// What: the outbox event, whose text form is the body's `idempotency_key`.
    pub event_id: EventId,
    /// Whose it is.
    pub tenant: Tenant,
    /// The session concerned, if any.
    pub session_id: Option<SessionId>,
    /// The session, or the event where there is none: within a lane order is kept.
    pub lane: Uuid,
    /// The event's number in the tenant's feed.
    pub seq: i64,
    /// The event's name.
    pub event: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Tries since it last became pending.
    pub tries: i64,
    /// All tries.
    pub attempts: i64,
    /// When it is tried again, while it waits for that.
    pub next_attempt_at: Option<Timestamp>,
    /// When the event was fanned out.
    pub created_at: Timestamp,
    /// When it succeeded or was given up.
    pub completed_at: Option<Timestamp>,
}

impl DeliveryRecord {
    /// Reads a row of [`get`], [`list_of_endpoint`] or [`list_of_session`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown status.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Self::at(row, 0)
    }

    fn at(row: &Row, first: usize) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(first)?,
            endpoint_id: row.id(first + 1)?,
            event_id: row.id(first + 2)?,
            tenant: tenant_at(row, first + 3)?,
            session_id: row.id_opt(first + 5)?,
            lane: row.get(first + 6)?,
            seq: row.get(first + 7)?,
            event: row.get(first + 8)?,
            status: parsed(row, first + 9)?,
            tries: row.get(first + 10)?,
            attempts: row.get(first + 11)?,
            next_attempt_at: row.get(first + 12)?,
            created_at: row.get(first + 13)?,
            completed_at: row.get(first + 14)?,
        })
    }
}

/// Where a claimed lane stands.
pub struct LaneHead {
    /// The lane's generation at the time of reading: every delivery that it counts is seen.
    pub generation: i64,
    /// The oldest pending delivery.
    pub delivery: Option<DeliveryRecord>,
    /// Whether there is another behind it.
    pub more: bool,
}

impl LaneHead {
    /// Reads the rows of [`next_of_lane`]; `None` when the lane is no longer the asker's.
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_rows(rows: &[Row]) -> Result<Option<Self>, DbError> {
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let is_empty = first.get::<Option<Uuid>>(1)?.is_none();
        Ok(Some(Self {
            generation: first.get(0)?,
            delivery: (!is_empty)
                .then(|| DeliveryRecord::at(first, 1))
                .transpose()?,
            more: rows.len() > 1,
        }))
    }
}

/// Inserts a pending delivery that was never tried. Does nothing when the endpoint has one of that
/// event.
pub fn insert(record: &DeliveryRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.endpoint_id.uuid().into(),
            record.event_id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.session_id.map(Id::uuid).into(),
            record.lane.into(),
            record.seq.into(),
            record.event.as_str().into(),
            record.created_at.into(),
        ],
    )
}

/// One delivery of a tenant.
pub fn get(tenant: Tenant, id: DeliveryId) -> Stmt {
    stmt(
        GET,
        vec![
            id.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
        ],
    )
}

/// Filters of a list of deliveries; all given ones apply together.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Fanned out at or after.
    pub date_from: Option<Timestamp>,
    /// Fanned out at or before.
    pub date_to: Option<Timestamp>,
    /// Only events of this name.
    pub event_type: Option<String>,
    /// Only of this status.
    pub status: Option<DeliveryStatus>,
}

impl DeliveryFilter {
    fn add_to(&self, sql: &mut Fragments) {
        if let Some(from) = self.date_from {
            // The id bound lets the index work; the time column decides.
            sql.add(" AND d.id >= ", verifa_core::id::first_uuid_at(from));
            sql.add(" AND d.created_at >= ", from);
        }
        if let Some(to) = self.date_to {
            let next = to.plus(Duration::from_millis(1));
            sql.add(" AND d.id < ", verifa_core::id::first_uuid_at(next));
            sql.add(" AND d.created_at <= ", to);
        }
        if let Some(event) = &self.event_type {
            sql.add(" AND d.event = ", event.as_str());
        }
        // As a text of its own: an index of one status serves no parameter.
        if let Some(status) = self.status {
            sql.text(match status {
                DeliveryStatus::Pending => " AND d.status = 'pending'",
                DeliveryStatus::Succeeded => " AND d.status = 'succeeded'",
                DeliveryStatus::Failed => " AND d.status = 'failed'",
            });
        }
    }
}

/// A page of an endpoint's deliveries, newest first; asks for `limit` rows.
pub fn list_of_endpoint(
    tenant: Tenant,
    endpoint: WebhookEndpointId,
    filter: &DeliveryFilter,
    start: PageStart,
    limit: i64,
) -> Stmt {
    let mut sql = Fragments::new(LIST, tenant);
    sql.add(" AND d.endpoint_id = ", endpoint.uuid());
    filter.add_to(&mut sql);
    sql.page("d.id", start, limit)
}

/// The number of an endpoint's matching deliveries, counting no further than `most`.
pub fn count_of_endpoint(
    tenant: Tenant,
    endpoint: WebhookEndpointId,
    filter: &DeliveryFilter,
    most: i64,
) -> Stmt {
    let mut sql = Fragments::new(COUNT, tenant);
    sql.add(" AND d.endpoint_id = ", endpoint.uuid());
    filter.add_to(&mut sql);
    sql.add(" LIMIT ", most);
    sql.text(") AS found");
    sql.finish()
}

/// A page of a session's deliveries to all endpoints, newest first; asks for `limit` rows.
pub fn list_of_session(tenant: Tenant, session: SessionId, start: PageStart, limit: i64) -> Stmt {
    let mut sql = Fragments::new(LIST, tenant);
    sql.add(" AND d.session_id = ", session.uuid());
    sql.page("d.id", start, limit)
}

/// The number of a session's deliveries, counting no further than `most`.
pub fn count_of_session(tenant: Tenant, session: SessionId, most: i64) -> Stmt {
    let mut sql = Fragments::new(COUNT, tenant);
    sql.add(" AND d.session_id = ", session.uuid());
    sql.add(" LIMIT ", most);
    sql.text(") AS found");
    sql.finish()
}

/// The generation of a lane and its first two pending deliveries, for [`LaneHead::from_rows`]; no
/// row when the lane is not at `epoch` any more.
pub fn next_of_lane(endpoint: WebhookEndpointId, lane: Uuid, epoch: i64) -> Stmt {
    stmt(
        NEXT_OF_LANE,
        vec![endpoint.uuid().into(), lane.into(), epoch.into()],
    )
}

/// Ends a delivery after a try.
pub fn complete(id: DeliveryId, status: DeliveryStatus, now: Timestamp) -> Stmt {
    stmt(
        COMPLETE,
        vec![id.uuid().into(), status.as_str().into(), now.into()],
    )
    .expect(1)
}

/// Gives up a delivery whose body can't be sent any more, without a try.
pub fn erased(id: DeliveryId, now: Timestamp) -> Stmt {
    stmt(ERASED, vec![id.uuid().into(), now.into()]).expect(1)
}

/// Notes a failed try and when the next is; `None`: when the endpoint is enabled again.
pub fn postpone(id: DeliveryId, next: Option<Timestamp>) -> Stmt {
    stmt(POSTPONE, vec![id.uuid().into(), next.into()]).expect(1)
}

/// The failed tries of an endpoint's deliveries that were tried between `since` and `until` and
/// wait still, as one row of one column; looks at no more deliveries than `enough`.
pub fn overdue_tries(
    endpoint: WebhookEndpointId,
    since: Timestamp,
    until: Timestamp,
    enough: i64,
) -> Stmt {
    stmt(
        OVERDUE,
        vec![
            endpoint.uuid().into(),
            since.into(),
            until.into(),
            enough.into(),
        ],
    )
}

/// Notes a failed try after which the next follows at once, outside of the schedule.
pub fn again(id: DeliveryId) -> Stmt {
    stmt(AGAIN, vec![id.uuid().into()]).expect(1)
}

/// Makes a delivery pending with a whole schedule before it; conflicts when it is not in `status`
/// any more. Its lane has to be woken in the same commit.
pub fn revive(id: DeliveryId, status: DeliveryStatus) -> Stmt {
    stmt(REVIVE, vec![id.uuid().into(), status.as_str().into()]).expect(1)
}

/// Lets an endpoint's waiting deliveries begin their schedules anew, as when it is enabled again.
pub fn hasten(endpoint: WebhookEndpointId) -> Stmt {
    stmt(HASTEN, vec![endpoint.uuid().into()])
}

/// Gives up what is pending for an endpoint that is deleted.
pub fn abandon(endpoint: WebhookEndpointId, now: Timestamp) -> Stmt {
    stmt(ABANDON, vec![endpoint.uuid().into(), now.into()])
}

/// Drops the receivers' answers to a session's events.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}

/// Moves the retries of a sandbox back by microseconds; see [`crate::webhook_lanes::age`].
pub(crate) fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}

/// Deletes the tries of up to [`crate::SOME`] events, and those of their deliveries that ended; see
/// [`crate::outbox::forget`].
pub(crate) fn forget(events: &[EventId]) -> [Stmt; 2] {
    [
        stmt(FORGET_ATTEMPTS, some(events)),
        stmt(FORGET, some(events)),
    ]
}

/// The label of [`insert_attempt`]: where it is not unique, that try has been noted already.
pub const ATTEMPT_LABEL: &str = INSERT_ATTEMPT.0;

/// One try of a delivery.
#[derive(Clone)]
pub struct AttemptRecord {
    /// Of which delivery.
    pub delivery_id: DeliveryId,
    /// 1 for the first of all its tries.
    pub number: i64,
    /// When it began.
    pub attempted_at: Timestamp,
    /// The receiver's status code, if it answered.
    pub http_status: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// Why it failed; absent on success.
    pub error: Option<AttemptFailure>,
    /// The beginning of the answer, under the key of the event's body.
    pub sealed_response: Option<Vec<u8>>,
}

impl AttemptRecord {
    /// Reads a row of [`attempts_of`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown failure.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            delivery_id: row.id(0)?,
            number: row.get(1)?,
            attempted_at: row.get(2)?,
            http_status: row.get(3)?,
            duration_ms: row.get(4)?,
            error: parsed_opt(row, 5)?,
            sealed_response: row.get(6)?,
        })
    }
}

/// Inserts a try.
pub fn insert_attempt(record: &AttemptRecord) -> Stmt {
    stmt(
        INSERT_ATTEMPT,
        vec![
            record.delivery_id.uuid().into(),
            record.number.into(),
            record.attempted_at.into(),
            record.http_status.into(),
            record.duration_ms.into(),
            record.error.map(AttemptFailure::as_str).into(),
            record.sealed_response.clone().into(),
        ],
    )
    .expect(1)
}

/// A delivery's tries, oldest first.
pub fn attempts_of(delivery: DeliveryId) -> Stmt {
    stmt(ATTEMPTS_OF, vec![delivery.uuid().into()])
}

/// The tries of up to [`crate::SOME`] deliveries, each delivery's oldest first.
pub fn attempts_of_some(deliveries: &[DeliveryId]) -> Stmt {
    stmt(ATTEMPTS_OF_SOME, some(deliveries))
}
