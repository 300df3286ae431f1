//! A person's objection to a decision: at most one a session.

use verifa_core::id::{CaseId, Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

/// One value where a case was decided or closed, another while it is undecided.
macro_rules! anew {
    ($decided:literal, $undecided:literal) => {
        concat!(
            "CASE WHEN cases.status IN ('approved', 'rejected', 'closed') THEN ",
            $decided,
            " ELSE ",
            $undecided,
            " END"
        )
    };
}

statements! {
    INSERT = "contests.insert",
        "INSERT INTO contests (session_id, organization_id, environment, sealed_words, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    GET = "contests.get",
        "SELECT sealed_words, created_at FROM contests WHERE session_id = ?1";
    // A case that was decided begins anew; one that is at work stays with whoever holds it and
    // learns the new reason.
    OPEN_CASE = "contests.open_case",
        "INSERT INTO cases (id, session_id, organization_id, environment, status, priority, \
         reasons, revision, entered_review_at, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, 'open', 'normal', ?5, 1, ?6, ?6, ?6) \
         ON CONFLICT (session_id) DO UPDATE SET reasons = excluded.reasons, \
         revision = cases.revision + 1, updated_at = excluded.updated_at, \
         status = ", anew!("'open'", "cases.status"), ", \
         entered_review_at = ", anew!("excluded.entered_review_at", "cases.entered_review_at"), ", \
         decision = ", anew!("NULL", "cases.decision"), ", \
         decided_by = ", anew!("NULL", "cases.decided_by"), ", \
         decided_at = ", anew!("NULL", "cases.decided_at"), ", \
         assigned_to = ", anew!("NULL", "cases.assigned_to"), ", \
         claimed_at = ", anew!("NULL", "cases.claimed_at"), ", \
         claimed_until = ", anew!("NULL", "cases.claimed_until"), ", \
         left_review_at = ", anew!("NULL", "cases.left_review_at");
    SCRUB = "contests.scrub",
        "UPDATE contests SET sealed_words = NULL WHERE session_id = ?1";
}

/// An objection as stored.
pub struct ContestRecord {
    /// The person's words under the session's data key; absent once erased.
    pub sealed_words: Option<Vec<u8>>,
    /// When it came.
    pub created_at: Timestamp,
}

impl ContestRecord {
    /// Reads a row of [`get`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            sealed_words: row.get(0)?,
            created_at: row.get(1)?,
        })
    }
}

/// Notes an objection; a unique violation means that there is one already.
pub fn insert(session: SessionId, tenant: Tenant, record: &ContestRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            session.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            record.sealed_words.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// Opens the session's case, or opens it again.
pub fn open_case(
    id: CaseId,
    session: SessionId,
    tenant: Tenant,
    reasons: &str,
    now: Timestamp,
) -> Stmt {
    stmt(
        OPEN_CASE,
        vec![
            id.uuid().into(),
            session.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            reasons.into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// The objection to a session's decision, if any.
pub fn get(session: SessionId) -> Stmt {
    stmt(GET, vec![session.uuid().into()])
}

/// Drops the words of an objection.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}
