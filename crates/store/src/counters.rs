//! Totals of lists, kept in the commits that change them.
//!
//! A counter is the sum of a few shard rows; a commit picks one shard, so that writers rarely
//! wait for one another.

use verifa_core::id::Id;
use verifa_core::tenant::Tenant;

use crate::db::{Stmt, Value};
use crate::{statements, stmt};

/// How many rows one counter is spread over.
pub const SHARDS: u8 = 16;

statements! {
    ADD = "counters.add",
        "INSERT INTO counters (organization_id, environment, name, shard, n) \
         VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (organization_id, environment, name, shard) \
         DO UPDATE SET n = counters.n + excluded.n";
    ADD_BELOW = "counters.add_below",
        "INSERT INTO counters (organization_id, environment, name, shard, n) \
         VALUES (?1, ?2, ?3, 0, 1) \
         ON CONFLICT (organization_id, environment, name, shard) \
         DO UPDATE SET n = counters.n + 1 WHERE counters.n < ?4";
    SUM = "counters.sum",
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM counters \
         WHERE organization_id = ?1 AND environment = ?2 AND name = ?3";
    FORGET_BEFORE = "counters.forget_before",
        "DELETE FROM counters WHERE name >= ?1 AND name < ?2";
    SUM_PREFIX = "counters.sum_prefix",
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM counters \
         WHERE organization_id = ?1 AND environment = ?2 AND name >= ?3 AND name < ?4";
}

fn key(tenant: Tenant, name: &str) -> Vec<Value> {
    vec![
        tenant.organization.uuid().into(),
        tenant.environment.as_str().into(),
        name.into(),
    ]
}

/// Adds `n` (which may be negative) to a counter, in the shard that `spread` falls on.
pub fn add(tenant: Tenant, name: &str, spread: u8, n: i64) -> Stmt {
    let mut params = key(tenant, name);
    params.push(i64::from(spread % SHARDS).into());
    params.push(n.into());
    stmt(ADD, params).expect(1)
}

/// Adds one to a counter of a single row as long as it is below `limit` (at least 1); conflicts
/// when it is not. The row is what concurrent calls wait for: never more than `limit` get through.
pub fn add_below(tenant: Tenant, name: &str, limit: u32) -> Stmt {
    let mut params = key(tenant, name);
    params.push(i64::from(limit).into());
    stmt(ADD_BELOW, params).expect(1)
}

/// The value of one counter.
pub fn sum(tenant: Tenant, name: &str) -> Stmt {
    stmt(SUM, key(tenant, name))
}

/// The sum of all counters `<family>:…`.
pub fn sum_family(tenant: Tenant, family: &str) -> Stmt {
    // `;` is the character after `:`.
    let mut params = key(tenant, &format!("{family}:"));
    params.push(format!("{family};").into());
    stmt(SUM_PREFIX, params)
}

/// Forgets the counters `<family>:…` of every tenant whose rest sorts before `first`, such as those
/// of former days.
pub fn forget_before(family: &str, first: &str) -> Stmt {
    let (low, high) = (format!("{family}:"), format!("{family}:{first}"));
    stmt(FORGET_BEFORE, vec![low.into(), high.into()])
}
