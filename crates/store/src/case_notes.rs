//! Notes on review cases; their texts are sealed by the session's data key.

use verifa_core::id::{CaseId, Id, NoteId, OrganizationId, SessionId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

statements! {
    INSERT = "case_notes.insert",
        "INSERT INTO case_notes (id, case_id, session_id, organization_id, sealed, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    LIST = "case_notes.list",
        "SELECT n.id, n.case_id, n.session_id, n.organization_id, n.sealed, n.created_at \
         FROM case_notes n JOIN cases c ON c.id = n.case_id \
         WHERE c.organization_id = ?1 AND c.environment = ?2";
    OF_SESSION = "case_notes.of_session",
        "SELECT id, case_id, session_id, organization_id, sealed, created_at FROM case_notes \
         WHERE session_id = ?1 ORDER BY id";
    COUNT = "case_notes.count",
        "SELECT COUNT(*) FROM case_notes WHERE case_id = ?1";
    ERASE = "case_notes.erase",
        "DELETE FROM case_notes WHERE session_id = ?1";
}

/// One note.
#[derive(Clone)]
pub struct NoteRecord {
    /// Its id.
    pub id: NoteId,
    /// The case.
    pub case_id: CaseId,
    /// The case's session.
    pub session_id: SessionId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Text and author, which only the session's data key opens.
    pub sealed: Option<Vec<u8>>,
    /// When it was written.
    pub created_at: Timestamp,
}

impl NoteRecord {
    /// Reads a row of [`list`] or [`of_session`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            case_id: row.id(1)?,
            session_id: row.id(2)?,
            organization_id: row.id(3)?,
            sealed: row.get(4)?,
            created_at: row.get(5)?,
        })
    }
}

/// Inserts a note.
pub fn insert(record: &NoteRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.case_id.uuid().into(),
            record.session_id.uuid().into(),
            record.organization_id.uuid().into(),
            record.sealed.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// A page of a case's notes, newest first; asks for `limit` rows.
pub fn list(tenant: Tenant, case: CaseId, start: PageStart, limit: i64) -> Stmt {
    let mut sql = Fragments::new(LIST, tenant);
    sql.add(" AND n.case_id = ", case.uuid());
    sql.page("n.id", start, limit)
}

/// All notes on a session's case, oldest first.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// The number of a case's notes.
pub fn count(case: CaseId) -> Stmt {
    stmt(COUNT, vec![case.uuid().into()])
}

/// Removes the notes on a session's case.
pub fn erase(session: SessionId) -> Stmt {
    stmt(ERASE, vec![session.uuid().into()])
}
