//! Sessions whose retention windows are over, found by ranges of one index in bounded batches.

use std::time::Duration;

use verifa_core::id::Id;
use verifa_core::privacy::RetentionSearch;
use verifa_core::tenant::Tenant;

use crate::db::Stmt;
use crate::sessions::SessionRecord;
use crate::{statements, stmt};

statements! {
    DUE = "retention.due",
        "SELECT id FROM sessions WHERE organization_id = ?1 AND environment = ?2 \
         AND retention_status = ?3 AND retention_stage = ?4 AND retention_anchor <= ?5 \
         AND legal_hold_at IS NULL ORDER BY retention_anchor LIMIT ?6";
    MARK = "retention.mark",
        "UPDATE sessions SET retention_status = ?3, retention_stage = ?4, \
         revision = revision + 1 WHERE id = ?1 AND revision = ?2";
    AGE = "retention.age",
        "UPDATE sessions SET retention_anchor = retention_anchor - ?3 \
         WHERE organization_id = ?1 AND environment = ?2 AND retention_stage < 3";
}

/// Ids of sessions that a search finds, oldest first, without those under a legal hold.
pub fn due(tenant: Tenant, search: &RetentionSearch, most: i64) -> Stmt {
    stmt(
        DUE,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            search.status.as_str().into(),
            search.stage.as_stored().into(),
            search.before.into(),
            most.into(),
        ],
    )
}

/// Notes how far a session has come. No activity: neither its time of change nor its anchor moves.
/// Conflicts when the row is not at `record.revision` any more.
pub fn mark(record: &SessionRecord) -> Stmt {
    stmt(
        MARK,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.retention_status.as_str().into(),
            record.retention_stage.as_stored().into(),
        ],
    )
    .expect(1)
}

/// Makes every session of a tenant older: the virtual clock of a sandbox (spec/resources.md,
/// "Virtual clock") moves the anchors back, since the time itself can't be moved.
pub fn age(tenant: Tenant, by: Duration) -> Stmt {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    stmt(
        AGE,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            micros.into(),
        ],
    )
}
