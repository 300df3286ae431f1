//! The outbox of webhook events: frozen in the commit of the fact they tell.

use verifa_core::id::{EventId, Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::tenant_at;
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, organization_id, environment, event, session_id, sealed, created_at, seq"
    };
}

statements! {
    INSERT = "outbox_events.insert",
        "INSERT INTO outbox_events (id, organization_id, environment, event, session_id, \
         sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    UNSEALED = "outbox_events.unsealed",
        "SELECT ", columns!(), " FROM outbox_events WHERE seq IS NULL ORDER BY id LIMIT ?1";
    SEAL = "outbox_events.seal",
        "UPDATE outbox_events SET seq = ?2 WHERE id = ?1 AND seq IS NULL";
    OF_SESSION = "outbox_events.of_session",
        "SELECT ", columns!(), " FROM outbox_events WHERE session_id = ?1 ORDER BY id";
    TOLD = "outbox_events.told",
        "SELECT id FROM outbox_events WHERE session_id = ?1 AND event = ?2 LIMIT 1";
    BODY = "outbox_events.body",
        "SELECT o.sealed, k.wrapped FROM outbox_events o LEFT JOIN data_keys k \
         ON k.id = o.session_id WHERE o.id = ?1";
    SEALED_SINCE = "outbox_events.sealed_since",
        "SELECT ", columns!(), " FROM outbox_events WHERE id > ?3 AND organization_id = ?1 \
         AND environment = ?2 AND seq IS NOT NULL ORDER BY id LIMIT ?4";
    REPLACE_BODY = "outbox_events.replace_body",
        "UPDATE outbox_events SET sealed = ?2 WHERE id = ?1";
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
    /// Reads a row of [`unsealed`] or [`of_session`].
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

/// Gives an event its number; conflicts when it has one.
pub fn seal(id: EventId, seq: i64) -> Stmt {
    stmt(SEAL, vec![id.uuid().into(), seq.into()]).expect(1)
}

/// The events of a session, oldest first.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// A row when the session's event was told before.
pub fn told(session: SessionId, event: &str) -> Stmt {
    stmt(TOLD, vec![session.uuid().into(), event.into()])
}

/// Replaces an event's frozen body by one without personal data.
pub fn replace_body(id: EventId, sealed: Option<&[u8]>) -> Stmt {
    stmt(REPLACE_BODY, vec![id.uuid().into(), sealed.into()]).expect(1)
}

/// An event's frozen body and what opens it, in one look: `sealed`, and the wrapped data key of its
/// session. Without the key the body is under the organization's key.
pub fn body(id: EventId) -> Stmt {
    stmt(BODY, vec![id.uuid().into()])
}

/// A tenant's numbered events with an id behind `after`, oldest first.
pub fn sealed_since(tenant: Tenant, after: uuid::Uuid, most: i64) -> Stmt {
    stmt(
        SEALED_SINCE,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            after.into(),
            most.into(),
        ],
    )
}
