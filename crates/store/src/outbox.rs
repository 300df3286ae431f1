//! The outbox of webhook events: frozen in the commit of the fact they tell.

use uuid::Uuid;
use verifa_core::id::{DeliveryId, EventId, Id, SessionId, WebhookEndpointId, first_uuid_at};
use verifa_core::session::RetentionStatus;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::webhook::DeliveryStatus;

use crate::columns::{parsed_opt, tenant_at};
use crate::db::{DbError, Row, Stmt};
use crate::some::{SOME, some, some_places};
use crate::{statements, stmt, webhook_deliveries};

macro_rules! columns {
    () => {
        "id, organization_id, environment, event, session_id, sealed, created_at, seq"
    };
}

/// An event, what opens its body, and whether its session's personal data may still be told.
macro_rules! body_columns {
    () => {
        "o.id, o.organization_id, o.environment, o.event, o.session_id, o.sealed, o.created_at, \
         o.seq, k.wrapped, s.retention_status FROM outbox_events o \
         LEFT JOIN data_keys k ON k.id = o.session_id LEFT JOIN sessions s ON s.id = o.session_id"
    };
}

statements! {
    INSERT = "outbox_events.insert",
        "INSERT INTO outbox_events (id, organization_id, environment, event, session_id, \
         sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    UNSEALED = "outbox_events.unsealed",
        "SELECT ", columns!(), " FROM outbox_events WHERE seq IS NULL ORDER BY id LIMIT ?1";
    OLDEST_UNSEALED = "outbox_events.oldest_unsealed",
        "SELECT created_at FROM outbox_events WHERE seq IS NULL ORDER BY id LIMIT 1";
    SEAL = "outbox_events.seal",
        "UPDATE outbox_events SET seq = ?2 WHERE id = ?1 AND seq IS NULL";
    OF_SESSION = "outbox_events.of_session",
        "SELECT ", columns!(), " FROM outbox_events WHERE session_id = ?1 ORDER BY id";
    FEED = "outbox_events.feed",
        "SELECT ", body_columns!(), " WHERE o.organization_id = ?1 AND o.environment = ?2 \
         AND o.seq > ?3 ORDER BY o.seq LIMIT ?4";
    BODIES_OF_SOME = "outbox_events.bodies_of_some",
        "SELECT ", body_columns!(), " WHERE o.id IN (", some_places!(), ")";
    BODY = "outbox_events.body",
        "SELECT ", body_columns!(), " WHERE o.id = ?1";
    RECOVERABLE = "outbox_events.recoverable",
        "SELECT o.id, o.organization_id, o.environment, o.event, o.session_id, o.created_at, \
         o.seq, d.id, d.status FROM outbox_events o LEFT JOIN webhook_deliveries d \
         ON d.endpoint_id = ?3 AND d.event_id = o.id WHERE o.organization_id = ?1 \
         AND o.environment = ?2 AND o.seq > ?4 ORDER BY o.seq LIMIT ?5";
    FROM_NUMBER = "outbox_events.from_number",
        "SELECT seq, created_at FROM outbox_events WHERE organization_id = ?1 \
         AND environment = ?2 AND seq >= ?3 ORDER BY seq LIMIT 1";
    REPLACE_BODY = "outbox_events.replace_body",
        "UPDATE outbox_events SET sealed = ?2 WHERE id = ?1";
    FORGETTABLE = "outbox_events.forgettable",
        "SELECT ", columns!(), " FROM outbox_events WHERE id > ?1 AND id < ?2 \
         AND seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d \
         WHERE d.event_id = outbox_events.id AND (d.completed_at IS NULL OR d.completed_at >= ?3)) \
         AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = outbox_events.session_id \
         AND s.legal_hold_at IS NOT NULL) ORDER BY id LIMIT ?4";
    FORGET = "outbox_events.forget",
        "DELETE FROM outbox_events WHERE id IN (", some_places!(), ") AND NOT EXISTS (SELECT 1 \
         FROM webhook_deliveries d WHERE d.event_id = outbox_events.id)";
}

/// One event to tell the organization's receivers.
#[derive(Clone)]
pub struct OutboxRecord {
    /// Its id; as text, the body's `idempotency_key`.
    pub id: EventId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Its name, such as `session.approved`.
    pub event: String,
    /// The session concerned, if any.
    pub session_id: Option<SessionId>,
    /// The frozen body, under the session's data key; under the organization's key where there is
    /// no session or its key is destroyed.
    pub sealed: Option<Vec<u8>>,
    /// When the fact was.
    pub created_at: Timestamp,
    /// Its number in the tenant's feed, once sealed.
    pub seq: Option<i64>,
}

impl OutboxRecord {
    /// Reads a row of [`unsealed`], [`of_session`] or [`forgettable`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            event: row.get(3)?,
            session_id: row.id_opt(4)?,
            sealed: row.get(5)?,
            created_at: row.get(6)?,
            seq: row.get(7)?,
        })
    }
}

/// An event and what opens its body, all of one moment.
pub struct EventBody {
    /// The event.
    pub event: OutboxRecord,
    /// The wrapped data key of its session; absent where there is none any more, and the body is
    /// under the organization's key.
    pub wrapped_key: Option<Vec<u8>>,
    /// Whether the session's personal data may still be told.
    pub retention_status: Option<RetentionStatus>,
}

impl EventBody {
    /// Reads a row of [`feed`], [`body`] or [`bodies_of_some`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            event: OutboxRecord::from_row(row)?,
            wrapped_key: row.get(8)?,
            retention_status: parsed_opt(row, 9)?,
        })
    }
}

/// A numbered event and what became of it at one endpoint.
pub struct Recoverable {
    /// The event, without its body.
    pub event: OutboxRecord,
    /// Its number in the tenant's feed.
    pub seq: i64,
    /// Its delivery to the endpoint, if there is one, and where that stands.
    pub delivery: Option<(DeliveryId, DeliveryStatus)>,
}

impl Recoverable {
    /// Reads a row of [`recoverable`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown status.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        let seq = row.get(6)?;
        let event = OutboxRecord {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            event: row.get(3)?,
            session_id: row.id_opt(4)?,
            sealed: None,
            created_at: row.get(5)?,
            seq: Some(seq),
        };
        Ok(Self {
            event,
            seq,
            delivery: row.id_opt(7)?.zip(parsed_opt(row, 8)?),
        })
    }
}

/// Inserts an event.
pub fn insert(record: &OutboxRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.event.as_str().into(),
            record.session_id.map(Id::uuid).into(),
            record.sealed.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// The oldest events without a number.
pub fn unsealed(most: i64) -> Stmt {
    stmt(UNSEALED, vec![most.into()])
}

/// The time of the oldest event without a number; no row where every event has one.
pub fn oldest_unsealed() -> Stmt {
    stmt(OLDEST_UNSEALED, vec![])
}

/// Gives an event its number; conflicts when it has one.
pub fn seal(id: EventId, seq: i64) -> Stmt {
    stmt(SEAL, vec![id.uuid().into(), seq.into()]).expect(1)
}

/// The events of a session, oldest first.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// The numbered events of a tenant behind a number, in their order.
///
/// Numbers are given in one order by one sealer at a time, each batch in one commit: who sees a
/// number sees all lower ones.
pub fn feed(tenant: Tenant, after: i64, most: i64) -> Stmt {
    stmt(
        FEED,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            after.into(),
            most.into(),
        ],
    )
}

/// The events of up to [`crate::SOME`] ids with what opens their bodies, in no order.
pub fn bodies_of_some(ids: &[EventId]) -> Stmt {
    stmt(BODIES_OF_SOME, some(ids))
}

/// Replaces an event's frozen body by one without personal data.
pub fn replace_body(id: EventId, sealed: Option<&[u8]>) -> Stmt {
    stmt(REPLACE_BODY, vec![id.uuid().into(), sealed.into()]).expect(1)
}

/// Up to [`crate::SOME`] numbered events with an id behind `after` that are older than `before`, and
/// whose deliveries, if there are any, all ended before it; oldest first.
pub fn forgettable(after: Uuid, before: Timestamp) -> Stmt {
    stmt(
        FORGETTABLE,
        vec![
            after.into(),
            first_uuid_at(before).into(),
            before.into(),
            i64::try_from(SOME).unwrap_or(i64::MAX).into(),
        ],
    )
}

/// Deletes these events, of which there are no more than [`crate::SOME`], with their deliveries and
/// tries. Conflicts, so that nothing is deleted, when one of their deliveries is pending (again).
pub fn forget(ids: &[EventId]) -> Vec<Stmt> {
    let [tries, ended] = webhook_deliveries::forget(ids);
    let events = stmt(FORGET, some(ids)).expect(ids.len() as u64);
    vec![tries, ended, events]
}

/// An event with what opens its body, for [`EventBody::from_row`].
pub fn body(id: EventId) -> Stmt {
    stmt(BODY, vec![id.uuid().into()])
}

/// A tenant's numbered events behind a number, in their order, each with what became of it at an
/// endpoint; for [`Recoverable::from_row`].
pub fn recoverable(tenant: Tenant, endpoint: WebhookEndpointId, after: i64, most: i64) -> Stmt {
    stmt(
        RECOVERABLE,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            endpoint.uuid().into(),
            after.into(),
            most.into(),
        ],
    )
}

/// Number and time of a tenant's first event whose number is `seq` or higher.
pub fn from_number(tenant: Tenant, seq: i64) -> Stmt {
    stmt(
        FROM_NUMBER,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            seq.into(),
        ],
    )
}
