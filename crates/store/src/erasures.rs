//! The erasure log: one signed row per redacted session.

use verifa_core::id::{AuditEventId, Id, SessionId};
use verifa_core::privacy::ErasureCause;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::{parsed, tenant_at};
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "session_id, organization_id, environment, cause, documents_removed, audit_event_id, \
         erased_at, signature"
    };
}

statements! {
    INSERT = "erasures.insert",
        "INSERT INTO erasures (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    GET = "erasures.get",
        "SELECT ", columns!(), " FROM erasures WHERE session_id = ?1";
    AFTER = "erasures.after",
        "SELECT ", columns!(), " FROM erasures WHERE (erased_at, session_id) > (?1, ?2) \
         ORDER BY erased_at, session_id LIMIT ?3";
    UNLOGGED = "erasures.unlogged",
        "SELECT COUNT(*) FROM audit_events a WHERE a.type = 'session.redacted' AND NOT EXISTS \
         (SELECT 1 FROM erasures e WHERE e.audit_event_id = a.id)";
    UNAUDITED = "erasures.unaudited",
        "SELECT COUNT(*) FROM erasures e WHERE NOT EXISTS (SELECT 1 FROM audit_events a \
         WHERE a.id = e.audit_event_id AND a.type = 'session.redacted')";
    UNDONE = "erasures.undone",
        "SELECT COUNT(*) FROM erasures e WHERE EXISTS \
         (SELECT 1 FROM data_keys k WHERE k.id = e.session_id)";
}

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureRecord {
    /// The session whose data was destroyed.
    pub session_id: SessionId,
    /// Whose it was.
    pub tenant: Tenant,
    /// What brought it about.
    pub cause: ErasureCause,
    /// How many images were deleted.
    pub documents_removed: i64,
    /// The audit event that tells of it.
    pub audit_event_id: AuditEventId,
    /// When.
    pub erased_at: Timestamp,
    /// Ed25519 by the server's audit key, over all of the above.
    pub signature: Vec<u8>,
}

impl ErasureRecord {
    /// Reads a row of [`get`] or [`after`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown word.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            session_id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            cause: parsed(row, 3)?,
            documents_removed: row.get(4)?,
            audit_event_id: row.id(5)?,
            erased_at: row.get(6)?,
            signature: row.get(7)?,
        })
    }
}

/// Logs an erasure; a unique violation means that the session was erased before.
pub fn insert(record: &ErasureRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.session_id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.cause.as_str().into(),
            record.documents_removed.into(),
            record.audit_event_id.uuid().into(),
            record.erased_at.into(),
            record.signature.as_slice().into(),
        ],
    )
    .expect(1)
}

/// The erasure of a session.
pub fn get(session: SessionId) -> Stmt {
    stmt(GET, vec![session.uuid().into()])
}

/// The log behind a row, oldest first.
pub fn after(time: Timestamp, session: uuid::Uuid, most: i64) -> Stmt {
    stmt(AFTER, vec![time.into(), session.into(), most.into()])
}

/// How many redactions of the audit trail the log does not tell.
pub fn unlogged() -> Stmt {
    stmt(UNLOGGED, vec![])
}

/// How many rows of the log no audit event stands behind.
pub fn unaudited() -> Stmt {
    stmt(UNAUDITED, vec![])
}

/// How many erased sessions have a data key again.
pub fn undone() -> Stmt {
    stmt(UNDONE, vec![])
}
