//! How far each organization's sandbox is ahead of real time.

use verifa_core::id::{Id, OrganizationId};
use verifa_core::time::Timestamp;

use crate::db::Stmt;
use crate::{statements, stmt};

statements! {
    GET = "sandbox_clocks.get",
        "SELECT advanced FROM sandbox_clocks WHERE organization_id = ?1";
    // Another advance in between makes the sum another: then no row is touched.
    SET = "sandbox_clocks.set",
        "INSERT INTO sandbox_clocks (organization_id, advanced, updated_at) VALUES (?1, ?3, ?4) \
         ON CONFLICT (organization_id) DO UPDATE SET advanced = excluded.advanced, \
         updated_at = excluded.updated_at WHERE sandbox_clocks.advanced = ?2";
}

/// The sum of all advances, in microseconds; no row before the first.
pub fn get(organization: OrganizationId) -> Stmt {
    stmt(GET, vec![organization.uuid().into()])
}

/// Moves the sum on; conflicts when it is not `before` any more.
pub fn set(organization: OrganizationId, before: i64, after: i64, now: Timestamp) -> Stmt {
    stmt(
        SET,
        vec![
            organization.uuid().into(),
            before.into(),
            after.into(),
            now.into(),
        ],
    )
    .expect(1)
}
