//! The sandbox's clock and the schema: no deadline is forgotten, no lease is moved.

use std::time::Duration;

use serde_json::json;
use verifa_app::AppError;
use verifa_app::sandbox::timed_columns;
use verifa_app::sessions::CreateSession;
use verifa_core::sandbox::Advance;
use verifa_core::tenant::{Environment, Tenant};
use verifa_store::db::{Commit, Stmt};
use verifa_store::migrations::MIGRATIONS;

use crate::harness::Bench;

/// `table.column` of every BIGINT column of the schema whose name says that it holds a time.
fn times_of_the_schema() -> Vec<String> {
    let mut found = Vec::new();
    for migration in MIGRATIONS {
        let mut table = String::new();
        for line in migration.sql.lines() {
            let words: Vec<&str> = line
                .split(|c: char| c.is_whitespace() || c == '(' || c == ',' || c == ';')
                .filter(|word| !word.is_empty())
                .collect();
            let column = match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => {
                    (*name).clone_into(&mut table);
                    continue;
                }
                [
                    "ALTER",
                    "TABLE",
                    name,
                    "ADD",
                    "COLUMN",
                    column,
                    "BIGINT",
                    ..,
                ] => {
                    (*name).clone_into(&mut table);
                    column
                }
                [column, "BIGINT", ..] => column,
                _ => continue,
            };
            let is_time = column.ends_with("_at")
                || column.ends_with("until")
                || column.ends_with("deadline")
                || column.ends_with("since")
                || column.ends_with("anchor");
            if is_time {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

#[test]
fn every_time_of_the_schema_is_moved_or_named_as_kept() {
    let schema = times_of_the_schema();
    for known in [
        "sessions.token_expires_at",
        "workflow_runs.gate_deadline",
        "leases.until",
        "cases.claimed_until",
    ] {
        assert!(
            schema.iter().any(|column| column == known),
            "{known} is not found in the schema"
        );
    }
    let told = timed_columns();
    let covers = |column: &String| {
        let (_, name) = column.split_once('.').unwrap();
        let any = format!("*.{name}");
        told.iter()
            .filter(|(told, _)| told == column || *told == any)
            .count()
    };
    for column in &schema {
        assert_eq!(
            covers(column),
            1,
            "{column}: put it into AGED or NOT_MOVED of crates/app/src/sandbox/clock.rs, once"
        );
    }
    for (column, _) in &told {
        let bookkeeping = column.starts_with("schema_");
        let any = column.strip_prefix("*.").map(|name| format!(".{name}"));
        let there = schema
            .iter()
            .any(|found| found == column || any.as_ref().is_some_and(|end| found.ends_with(end)));
        assert!(
            there || bookkeeping,
            "{column} is told of and not in the schema"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claimed_job_keeps_its_lease_and_sees_the_new_deadline() {
    let mut bench = Bench::new().await;
    bench.tenant = Tenant {
        environment: Environment::Sandbox,
        ..bench.tenant
    };
    bench.actor.tenant = bench.tenant;
    let id = bench.session(CreateSession::default()).await;
    let due = "SELECT due_at FROM jobs WHERE kind = 'expire_session'";
    let planned: i64 = bench.rows(due).await[0].parse().unwrap();
    // Somebody holds the job: its due time is a lease.
    let claim = async |owner: &'static str| {
        let mut held = Commit::new();
        held.push(Stmt::new("test", owner, vec![]));
        bench.app.db.commit(held).await.unwrap();
    };
    claim("UPDATE jobs SET owner = x'00' WHERE kind = 'expire_session'").await;
    let advance = async |seconds: u64| {
        let by = Advance::new(Duration::from_secs(seconds)).unwrap();
        let moved = bench
            .app
            .advance_sandbox(&bench.actor, bench.tenant, by)
            .await;
        bench.apply(moved).await
    };
    advance(600).await;
    assert_eq!(
        bench.rows(due).await,
        [planned.to_string()],
        "a lease was moved"
    );
    let token = "SELECT token_expires_at FROM sessions";
    assert_eq!(
        bench.rows(token).await,
        [(planned - 600_000_000).to_string()]
    );

    // Given back, it is moved like any other; and what is over is due now, not long ago.
    claim("UPDATE jobs SET owner = NULL WHERE kind = 'expire_session'").await;
    advance(60).await;
    assert_eq!(bench.rows(due).await, [(planned - 60_000_000).to_string()]);
    advance(86_400).await;
    let now: i64 = bench.rows(due).await[0].parse().unwrap();
    assert!(
        now > planned - 20 * 60 * 1_000_000 - 1,
        "due before its session was made"
    );
    let worker = bench.worker();
    bench.until(id, "expired").await;
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_live_tenant_has_no_such_clock() {
    let bench = Bench::new().await;
    let by = Advance::of_json(&json!("1h")).unwrap();
    let moved = bench
        .app
        .advance_sandbox(&bench.actor, bench.tenant, by)
        .await;
    assert!(matches!(moved.err(), Some(AppError::Forbidden(_))));
    let told = bench.app.sandbox_clock(bench.tenant).await;
    assert!(matches!(told.err(), Some(AppError::Forbidden(_))));
}
