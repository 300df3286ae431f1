//! Review cases: the row that a path to `needs_review` opens.

use verifa_core::id::{CaseId, Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::db::Stmt;
use crate::{statements, stmt};

statements! {
    OPEN = "cases.open",
        "INSERT INTO cases (id, session_id, organization_id, environment, status, priority, \
         reasons, revision, entered_review_at, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, 'open', 'normal', ?5, 1, ?6, ?6, ?6) \
         ON CONFLICT (session_id) DO UPDATE SET status = 'open', reasons = excluded.reasons, \
         entered_review_at = excluded.entered_review_at, revision = cases.revision + 1, \
         updated_at = excluded.updated_at";
    CLOSE = "cases.close",
        "UPDATE cases SET status = 'closed', revision = revision + 1, updated_at = ?2 \
         WHERE session_id = ?1 AND status NOT IN ('approved', 'rejected', 'closed')";
}

/// Opens the session's case, or opens it again.
pub fn open(id: CaseId, session: SessionId, tenant: Tenant, reasons: &str, now: Timestamp) -> Stmt {
    stmt(
        OPEN,
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

/// Closes an undecided case, as when its session expires.
pub fn close(session: SessionId, now: Timestamp) -> Stmt {
    stmt(CLOSE, vec![session.uuid().into(), now.into()])
}
