//! Audit events: written unsealed with their fact, numbered and chained by the sealer.

use verifa_core::id::{AuditEventId, Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::tenant_at;
use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, organization_id, environment, type, resource_type, resource_id, session_id, actor, \
         metadata, request_method, request_path, sealed_ip, created_at, seq, hash"
    };
}

statements! {
    INSERT = "audit_events.insert",
        "INSERT INTO audit_events (id, organization_id, environment, type, resource_type, \
         resource_id, session_id, actor, metadata, request_method, request_path, sealed_ip, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    UNSEALED = "audit_events.unsealed",
        "SELECT ", columns!(), " FROM audit_events WHERE seq IS NULL ORDER BY id LIMIT ?1";
    SEAL = "audit_events.seal",
        "UPDATE audit_events SET seq = ?2, hash = ?3 WHERE id = ?1 AND seq IS NULL";
    CHAIN = "audit_events.chain",
        "SELECT ", columns!(), " FROM audit_events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    LIST = "audit_events.list",
        "SELECT ", columns!(), " FROM audit_events WHERE organization_id = ?1 AND environment = ?2";
    COUNT = "audit_events.count",
        "SELECT COUNT(*) FROM (SELECT id FROM audit_events \
         WHERE organization_id = ?1 AND environment = ?2";
    // A search by beginnings reads the newest events one by one, and no more of them than told.
    SEARCH = "audit_events.search",
        "SELECT ", columns!(), " FROM (SELECT ", columns!(), " FROM audit_events \
         WHERE organization_id = ?1 AND environment = ?2";
    COUNT_SEARCH = "audit_events.count_search",
        "SELECT COUNT(*) FROM (SELECT type, resource_id, actor FROM audit_events \
         WHERE organization_id = ?1 AND environment = ?2";
    OF_SESSION = "audit_events.of_session",
        "SELECT ", columns!(), " FROM audit_events WHERE organization_id = ?1 \
         AND environment = ?2 AND resource_id = ?3 AND resource_type = 'session' \
         OR session_id = ?4 ORDER BY created_at DESC, id DESC LIMIT ?5";
    INSERT_CHECKPOINT = "audit_checkpoints.insert",
        "INSERT INTO audit_checkpoints (seq, hash, signature, created_at) \
         VALUES (?1, ?2, ?3, ?4)";
    CHECKPOINTS = "audit_checkpoints.list",
        "SELECT seq, hash, signature, created_at FROM audit_checkpoints WHERE seq > ?1 \
         ORDER BY seq LIMIT ?2";
    LAST_CHECKPOINT = "audit_checkpoints.last",
        "SELECT seq, hash, signature, created_at FROM audit_checkpoints \
         ORDER BY seq DESC LIMIT 1";
    // A checkpoint goes when the next one is of the same day.
    THIN_CHECKPOINTS = "audit_checkpoints.thin",
        "DELETE FROM audit_checkpoints WHERE seq IN (SELECT c.seq FROM audit_checkpoints c \
         WHERE c.created_at < ?1 AND (SELECT n.created_at FROM audit_checkpoints n \
         WHERE n.seq > c.seq ORDER BY n.seq LIMIT 1) / 86400000000 = c.created_at / 86400000000 \
         ORDER BY c.created_at, c.seq LIMIT ?2) RETURNING seq";
}

/// One audit event. Holds no personal data; the address is under the session's key.
#[derive(Clone)]
pub struct AuditRecord {
    /// Its id.
    pub id: AuditEventId,
    /// Whose it is.
    pub tenant: Tenant,
    /// What happened, such as `session.create`.
    pub event_type: String,
    /// What it happened to.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// The session concerned, if any.
    pub session_id: Option<SessionId>,
    /// Who did it: an API key's id, `system`, `cli`.
    pub actor: String,
    /// Details without personal data, as JSON text.
    pub metadata: String,
    /// HTTP method, for calls.
    pub request_method: Option<String>,
    /// Route template, never the path.
    pub request_path: Option<String>,
    /// The caller's address, sealed.
    pub sealed_ip: Option<Vec<u8>>,
    /// When.
    pub created_at: Timestamp,
    /// Its place in the chain, once sealed.
    pub seq: Option<i64>,
    /// The chain hash up to it, once sealed.
    pub hash: Option<Vec<u8>>,
}

impl AuditRecord {
    /// Reads a row of [`unsealed`] or [`chain`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            event_type: row.get(3)?,
            resource_type: row.get(4)?,
            resource_id: row.get(5)?,
            session_id: row.id_opt(6)?,
            actor: row.get(7)?,
            metadata: row.get(8)?,
            request_method: row.get(9)?,
            request_path: row.get(10)?,
            sealed_ip: row.get(11)?,
            created_at: row.get(12)?,
            seq: row.get(13)?,
            hash: row.get(14)?,
        })
    }
}

/// Inserts an event, unsealed.
pub fn insert(record: &AuditRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.event_type.as_str().into(),
            record.resource_type.as_str().into(),
            record.resource_id.as_str().into(),
            record.session_id.map(Id::uuid).into(),
            record.actor.as_str().into(),
            record.metadata.as_str().into(),
            record.request_method.clone().into(),
            record.request_path.clone().into(),
            record.sealed_ip.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// The oldest events without a number.
pub fn unsealed(most: i64) -> Stmt {
    stmt(UNSEALED, vec![most.into()])
}

/// Gives an event its number and hash; conflicts when it has one.
pub fn seal(id: AuditEventId, seq: i64, hash: &[u8]) -> Stmt {
    stmt(SEAL, vec![id.uuid().into(), seq.into(), hash.into()]).expect(1)
}

/// Sealed events behind `after`, in order.
pub fn chain(after: i64, most: i64) -> Stmt {
    stmt(CHAIN, vec![after.into(), most.into()])
}

/// Filters of the list; all given ones apply together.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// What happened.
    pub action: Option<String>,
    /// The kind of thing it happened to.
    pub resource_type: Option<String>,
    /// The thing's id.
    pub resource_id: Option<String>,
    /// At or after.
    pub created_after: Option<Timestamp>,
    /// Before.
    pub created_before: Option<Timestamp>,
    /// Beginnings that are searched for.
    pub search: Option<AuditSearch>,
}

/// A search by beginnings. No index serves it, so it reads a bounded number of events.
#[derive(Debug, Clone)]
pub struct AuditSearch {
    /// The beginning of action, id of the thing, or actor.
    pub beginning: String,
    /// How many events are looked at: the newest that fit the other filters.
    pub among: i64,
}

impl AuditFilter {
    fn add_to(&self, sql: &mut Fragments) {
        if let Some(id) = &self.resource_id {
            sql.add(" AND resource_id = ", id.as_str());
        }
        if let Some(action) = &self.action {
            sql.add(" AND type = ", action.as_str());
        }
        if let Some(kind) = &self.resource_type {
            sql.add(" AND resource_type = ", kind.as_str());
        }
        if let Some(after) = self.created_after {
            // The id bound lets the index work; the time column decides.
            sql.add(" AND id >= ", verifa_core::id::first_uuid_at(after));
            sql.add(" AND created_at >= ", after);
        }
        if let Some(before) = self.created_before {
            sql.add(" AND id < ", verifa_core::id::first_uuid_at(before));
            sql.add(" AND created_at < ", before);
        }
    }
}

impl AuditSearch {
    /// Ends the inner query with the newest events, and keeps those with the beginning.
    fn add_to(&self, sql: &mut Fragments) {
        sql.add(" ORDER BY id DESC LIMIT ", self.among);
        sql.text(") AS newest WHERE (1 = 0");
        for column in [
            " OR substr(type, 1, length(CAST(",
            " OR substr(resource_id, 1, length(CAST(",
            " OR substr(actor, 1, length(CAST(",
        ] {
            sql.add(column, self.beginning.as_str());
            sql.add(" AS TEXT))) = ", self.beginning.as_str());
        }
        sql.text(")");
    }
}

/// A page of a tenant's events, newest first.
pub fn list(tenant: Tenant, filter: &AuditFilter, start: PageStart, limit: i64) -> Stmt {
    let base = if filter.search.is_some() {
        SEARCH
    } else {
        LIST
    };
    let mut sql = Fragments::new(base, tenant);
    filter.add_to(&mut sql);
    if let Some(search) = &filter.search {
        search.add_to(&mut sql);
    }
    sql.page("id", start, limit).planned_anew()
}

/// The number of matching events, counting no further than `most`.
pub fn count(tenant: Tenant, filter: &AuditFilter, most: i64) -> Stmt {
    let Some(search) = &filter.search else {
        let mut sql = Fragments::new(COUNT, tenant);
        filter.add_to(&mut sql);
        sql.add(" LIMIT ", most);
        sql.text(") AS found");
        return sql.finish().planned_anew();
    };
    // Bounded by the search itself.
    let mut sql = Fragments::new(COUNT_SEARCH, tenant);
    filter.add_to(&mut sql);
    search.add_to(&mut sql);
    sql.finish().planned_anew()
}

/// The newest events of a session, newest first: those sealed under its key, and those about it
/// that came after its key was gone.
pub fn of_session(tenant: Tenant, session: SessionId, most: i64) -> Stmt {
    stmt(
        OF_SESSION,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            session.to_string().into(),
            session.uuid().into(),
            most.into(),
        ],
    )
}

/// A signed statement that the chain stood at `hash` after event `seq`.
pub struct CheckpointRecord {
    /// The event's number.
    pub seq: i64,
    /// The chain hash.
    pub hash: Vec<u8>,
    /// ed25519, by the server's audit key.
    pub signature: Vec<u8>,
    /// When it was signed.
    pub created_at: Timestamp,
}

impl CheckpointRecord {
    /// Reads a row of [`checkpoints`] or [`last_checkpoint`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            seq: row.get(0)?,
            hash: row.get(1)?,
            signature: row.get(2)?,
            created_at: row.get(3)?,
        })
    }
}

/// Stores a checkpoint.
pub fn insert_checkpoint(record: &CheckpointRecord) -> Stmt {
    stmt(
        INSERT_CHECKPOINT,
        vec![
            record.seq.into(),
            record.hash.as_slice().into(),
            record.signature.as_slice().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// Checkpoints behind `after`, in order.
pub fn checkpoints(after: i64, most: i64) -> Stmt {
    stmt(CHECKPOINTS, vec![after.into(), most.into()])
}

/// The newest checkpoint.
pub fn last_checkpoint() -> Stmt {
    stmt(LAST_CHECKPOINT, vec![])
}

/// Removes up to `most` checkpoints from before `settled` that are not the last of their day (UTC); a
/// row for each.
pub fn thin_checkpoints(settled: Timestamp, most: i64) -> Stmt {
    stmt(THIN_CHECKPOINTS, vec![settled.into(), most.into()])
}
