//! Leases on roles that one process at a time may hold, such as the sealer's.

use uuid::Uuid;
use verifa_core::time::Timestamp;

use crate::db::Stmt;
use crate::{statements, stmt};

statements! {
    ACQUIRE = "leases.acquire",
        "INSERT INTO leases (name, owner, until, epoch) VALUES (?1, ?2, ?3, 1) \
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until, \
         epoch = CASE WHEN leases.owner = excluded.owner THEN leases.epoch \
         ELSE leases.epoch + 1 END \
         WHERE leases.owner = excluded.owner OR leases.until < ?4 \
         RETURNING epoch";
    GUARD = "leases.guard",
        "UPDATE leases SET until = ?4 WHERE name = ?1 AND owner = ?2 AND epoch = ?3";
    RELEASE = "leases.release",
        "UPDATE leases SET until = 0 WHERE name = ?1 AND owner = ?2";
}

/// Takes or keeps a lease; answers its epoch, or no row while another owner holds it.
///
/// `free_before` is the present time less the allowance for clock skew.
pub fn acquire(name: &str, owner: Uuid, until: Timestamp, free_before: Timestamp) -> Stmt {
    stmt(
        ACQUIRE,
        vec![name.into(), owner.into(), until.into(), free_before.into()],
    )
}

/// Conflicts unless the owner still holds the lease at this epoch; prolongs it.
pub fn guard(name: &str, owner: Uuid, epoch: i64, until: Timestamp) -> Stmt {
    stmt(
        GUARD,
        vec![name.into(), owner.into(), epoch.into(), until.into()],
    )
    .expect(1)
}

/// Gives a lease up.
pub fn release(name: &str, owner: Uuid) -> Stmt {
    stmt(RELEASE, vec![name.into(), owner.into()])
}
