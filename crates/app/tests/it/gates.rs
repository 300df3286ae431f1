//! Gates: who decides, and when nobody does.

use std::time::Duration;

use serde_json::{Value, json};
use verifa_core::id::SessionId;
use verifa_core::workflow::ExternalDecision;

use crate::harness::Bench;

fn steps(on_timeout: &str) -> Value {
    json!([
        {"id": "gate", "type": "external_gate", "on_fail": "review",
         "config": {"timeout_minutes": 30, "on_timeout": on_timeout}},
        {"id": "done", "policy": "auto_approve"},
    ])
}

async fn paused(bench: &Bench, on_timeout: &str) -> SessionId {
    let id = bench.submitted(steps(on_timeout)).await;
    bench.until(id, "awaiting_external").await;
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gate_that_nobody_answers_decides_by_itself() {
    for (on_timeout, status, reason) in [
        ("continue", "completed", ""),
        ("reject", "completed", "external_timeout"),
        ("fail", "under_review", ""),
        ("review", "under_review", ""),
    ] {
        let bench = Bench::new().await;
        let worker = bench.worker();
        let id = paused(&bench, on_timeout).await;
        bench.pass(Duration::from_mins(29)).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(bench.status(id).await, "awaiting_external", "{on_timeout}");
        bench.pass(Duration::from_mins(1)).await;
        bench.until(id, status).await;
        let decided = bench
            .rows("SELECT decision, decided_by FROM gate_decisions")
            .await;
        assert_eq!(decided, [format!("{on_timeout} timeout")]);
        let results = bench
            .rows("SELECT rejection_reason_code FROM results")
            .await;
        assert_eq!(results, [reason], "{on_timeout}");
        assert!(bench.decide(id, ExternalDecision::Continue).await.is_err());
        worker.stop(Duration::from_secs(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_ends_the_wait_for_good() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    let id = paused(&bench, "reject").await;
    bench.decide(id, ExternalDecision::Continue).await.unwrap();
    bench.until(id, "completed").await;
    bench.pass(Duration::from_mins(31)).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    let results = bench.rows("SELECT status FROM results").await;
    assert_eq!(results, ["approved"]);
    let kinds = bench.rows("SELECT kind FROM jobs ORDER BY kind").await;
    assert_eq!(kinds, Vec::<String>::new(), "no job of the session is left");
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_decisions_at_once_one_counts() {
    let bench = std::sync::Arc::new(Bench::new().await);
    let worker = bench.worker();
    let id = paused(&bench, "review").await;
    let calls = (0..64).map(|_| {
        let bench = std::sync::Arc::clone(&bench);
        tokio::spawn(async move { bench.decide(id, ExternalDecision::Continue).await.is_ok() })
    });
    let mut accepted = 0;
    for call in futures::future::join_all(calls).await {
        accepted += usize::from(call.unwrap());
    }
    assert_eq!(accepted, 1);
    bench.until(id, "completed").await;
    let events = bench
        .rows("SELECT event FROM outbox_events ORDER BY id")
        .await;
    assert_eq!(
        events,
        [
            "session.created",
            "session.awaiting_external",
            "session.approved"
        ]
    );
    let decisions = bench.rows("SELECT decision FROM gate_decisions").await;
    assert_eq!(decisions, ["continue"]);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_decision_may_carry_more_than_a_sessions_metadata() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    let id = paused(&bench, "review").await;
    let value = "x".repeat(16_000);
    let metadata = (0..10).map(|n| (n.to_string(), json!(value))).collect();
    let command = verifa_app::sessions::DecideGate {
        decision: ExternalDecision::Continue,
        metadata,
        node: Some("gate".to_owned()),
    };
    let decided = bench
        .app
        .decide_gate(&bench.actor, bench.tenant, id, &command)
        .await;
    bench.apply(decided).await;
    bench.until(id, "completed").await;
    worker.stop(Duration::from_secs(1)).await;
}
