//! Retention windows by the clock: what ends when, what a legal hold stops, and that a backlog is
//! worked off in small bites.

use std::time::Duration;

use serde_json::json;
use verifa_app::AppError;
use verifa_app::sessions::{CreateSession, UpdateSession};
use verifa_core::id::SessionId;
use verifa_core::session::{Metadata, RetentionStatus};
use verifa_store::db::{Commit, Stmt};

use crate::harness::Bench;

const DAY: Duration = Duration::from_hours(24);

async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.app.plan_work(false).await.unwrap();
    bench
}

async fn expired_session(bench: &Bench) -> SessionId {
    let id = bench
        .session(CreateSession {
            metadata: Metadata::from_iter([("name".to_owned(), json!("Tessa Testwoman"))]),
            tags: vec!["Tessa".to_owned()],
            ..CreateSession::default()
        })
        .await;
    let expired = bench
        .app
        .expire_session(&bench.actor, bench.tenant, id)
        .await;
    bench.apply(expired).await;
    id
}

async fn retention(bench: &Bench, id: SessionId) -> RetentionStatus {
    let session = bench.app.session(bench.tenant, id).await.unwrap();
    session.record.retention_status
}

async fn until(bench: &Bench, id: SessionId, wanted: RetentionStatus) {
    for _ in 0..4_000 {
        if retention(bench, id).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{wanted} never came: {}", retention(bench, id).await);
}

/// A round of the job has passed over everything that is due now.
async fn a_round_passes(bench: &Bench) {
    bench.pass(Duration::from_mins(6)).await;
    for _ in 0..4_000 {
        let waits = bench
            .rows(
                "SELECT kind FROM jobs WHERE kind = 'retention' AND owner IS NULL AND attempts = 0",
            )
            .await;
        let due = bench.app.db.query_opt(Stmt::new(
            "test",
            "SELECT due_at FROM jobs WHERE kind = 'retention'",
            vec![],
        ));
        let due: i64 = due.await.unwrap().unwrap().get(0).unwrap();
        if waits.len() == 1 && due > bench.app.clock.now().as_micros() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the round never ended");
}

async fn told(bench: &Bench, event: &str) -> usize {
    let told = bench.rows("SELECT event FROM outbox_events").await;
    told.iter().filter(|name| *name == event).count()
}

async fn set(bench: &Bench, settings: &'static str) {
    let mut commit = Commit::new();
    let sql = "UPDATE organizations SET settings = ?1";
    commit.push(Stmt::new("test", sql, vec![settings.into()]));
    bench.app.db.commit(commit).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_window_ends_after_the_other() {
    let bench = bench().await;
    let worker = bench.worker();
    let id = expired_session(&bench).await;
    bench.pass(89 * DAY).await;
    a_round_passes(&bench).await;
    assert_eq!(retention(&bench, id).await, RetentionStatus::Active);

    bench.pass(2 * DAY).await;
    a_round_passes(&bench).await;
    until(&bench, id, RetentionStatus::SensitiveRedacted).await;
    let session = bench.app.session(bench.tenant, id).await.unwrap();
    assert!(session.disclosed().is_none());
    let documents = bench.app.list_documents(bench.tenant, id).await;
    assert!(matches!(documents.err(), Some(AppError::Gone(_))));
    // Sealed and kept, for a legal hold or the subject's own request.
    assert!(session.private.metadata.get("name").is_some());
    assert_eq!(told(&bench, "session.retention-expired").await, 0);

    bench.pass(275 * DAY).await;
    a_round_passes(&bench).await;
    until(&bench, id, RetentionStatus::Redacted).await;
    assert_eq!(told(&bench, "session.retention-expired").await, 1);
    assert_eq!(told(&bench, "session.redacted").await, 1);
    assert!(bench.rows("SELECT tag FROM session_tags").await.is_empty());
    let causes = bench.rows("SELECT cause FROM erasures").await;
    assert_eq!(causes, ["retention"]);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_automatic_redaction_the_end_is_told_once() {
    let bench = bench().await;
    set(&bench, r#"{"auto_redact_on_retention_expiry": false}"#).await;
    let worker = bench.worker();
    let id = expired_session(&bench).await;
    bench.pass(400 * DAY).await;
    a_round_passes(&bench).await;
    until(&bench, id, RetentionStatus::SensitiveRedacted).await;
    for _ in 0..3 {
        a_round_passes(&bench).await;
    }
    assert_eq!(told(&bench, "session.retention-expired").await, 1);
    assert_eq!(told(&bench, "session.redacted").await, 0);
    // Switched on later, it takes what is over already, and does not tell it again.
    set(&bench, "{}").await;
    a_round_passes(&bench).await;
    until(&bench, id, RetentionStatus::Redacted).await;
    assert_eq!(told(&bench, "session.retention-expired").await, 1);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sensitive_window_that_is_set_behind_the_full_one_ends() {
    let bench = bench().await;
    let worker = bench.worker();
    set(
        &bench,
        r#"{"sensitive_data_retention_days": null, "data_retention_days": 30,
            "auto_redact_on_retention_expiry": false}"#,
    )
    .await;
    let ids = [expired_session(&bench).await, expired_session(&bench).await];
    bench.pass(31 * DAY).await;
    for _ in 0..2 {
        a_round_passes(&bench).await;
    }
    assert_eq!(told(&bench, "session.retention-expired").await, 2);
    assert_eq!(retention(&bench, ids[0]).await, RetentionStatus::Active);
    set(
        &bench,
        r#"{"sensitive_data_retention_days": 30, "data_retention_days": 30,
            "auto_redact_on_retention_expiry": false}"#,
    )
    .await;
    for _ in 0..2 {
        a_round_passes(&bench).await;
    }
    for id in ids {
        until(&bench, id, RetentionStatus::SensitiveRedacted).await;
    }
    assert_eq!(told(&bench, "session.retention-expired").await, 2);
    set(&bench, "{}").await;
    bench.pass(400 * DAY).await;
    a_round_passes(&bench).await;
    for id in ids {
        until(&bench, id, RetentionStatus::Redacted).await;
    }
    assert_eq!(told(&bench, "session.retention-expired").await, 2);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_legal_hold_stops_both_windows_and_the_redact_call() {
    let bench = bench().await;
    let worker = bench.worker();
    let (held, free) = (expired_session(&bench).await, expired_session(&bench).await);
    let reason = "proceedings of Quirina";
    let placed = bench
        .app
        .place_legal_hold(&bench.actor, bench.tenant, held, reason)
        .await;
    bench.apply(placed).await;
    bench.pass(400 * DAY).await;
    a_round_passes(&bench).await;
    until(&bench, free, RetentionStatus::Redacted).await;
    assert_eq!(retention(&bench, held).await, RetentionStatus::Active);
    let redacted = bench
        .app
        .redact_session(&bench.actor, bench.tenant, held)
        .await;
    assert!(matches!(redacted.err(), Some(AppError::Conflict(_))));
    let files = bench.files();
    assert!(
        !files.windows(7).any(|part| part == b"Quirina"),
        "a reason lies open"
    );

    let lifted = bench
        .app
        .lift_legal_hold(&bench.actor, bench.tenant, held)
        .await;
    bench.apply(lifted).await;
    a_round_passes(&bench).await;
    until(&bench, held, RetentionStatus::Redacted).await;
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_larger_than_a_round_is_worked_off() {
    let bench = bench().await;
    let mut ids = Vec::new();
    for _ in 0..120 {
        ids.push(expired_session(&bench).await);
    }
    let worker = bench.worker();
    bench.pass(400 * DAY).await;
    for _ in 0..20 {
        a_round_passes(&bench).await;
    }
    for id in ids {
        assert_eq!(retention(&bench, id).await, RetentionStatus::Redacted);
    }
    let report = bench.app.verify_erasures().await.unwrap();
    assert_eq!(report.erasures, 120);
    worker.stop(Duration::from_secs(1)).await;
}

/// Sessions that can't be read are passed over, though they fill a whole bite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_in_disorder_keep_no_others() {
    let bench = bench().await;
    for _ in 0..60 {
        expired_session(&bench).await;
    }
    let spoil = Stmt::new("test", "UPDATE sessions SET sealed = x'00'", vec![]);
    bench.app.db.write(spoil).await.unwrap();
    bench.pass(Duration::from_secs(1)).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(expired_session(&bench).await);
    }
    let worker = bench.worker();
    bench.pass(400 * DAY).await;
    a_round_passes(&bench).await;
    for id in ids {
        assert_eq!(retention(&bench, id).await, RetentionStatus::Redacted);
    }
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_sandbox_that_is_aged_counts_on_from_there() {
    let bench = bench().await;
    let id = expired_session(&bench).await;
    let anchor = async |bench: &Bench| {
        let session = bench.app.session(bench.tenant, id).await.unwrap();
        session.record.retention_anchor
    };
    let before = anchor(&bench).await;
    let mut commit = Commit::new();
    commit.push(verifa_store::retention::age(bench.tenant, 10 * DAY));
    bench.app.db.commit(commit).await.unwrap();
    assert_eq!(anchor(&bench).await, before.minus(10 * DAY));
    // A change that leaves the end where it was leaves the anchor where it is.
    let updated = bench
        .app
        .update_session(&bench.actor, bench.tenant, id, &UpdateSession::default())
        .await;
    bench.apply(updated).await;
    assert_eq!(anchor(&bench).await, before.minus(10 * DAY));
}
