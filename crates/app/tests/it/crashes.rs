//! A process that dies at any commit of the engine loses nothing and does nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use verifa_core::session::{CheckResult, CheckStatus};
use verifa_core::workflow::ExternalDecision;

use crate::harness::{Bench, Running, outcome};

/// Every kind of step: a retried check, a group, a gate, inserted checks, a doubt, a review.
fn steps() -> Value {
    json!([
        {"id": "expiry", "policy": "document_expiration"},
        {"id": "both", "type": "parallel", "on_fail": "continue", "steps": [
            {"id": "age", "policy": "age_verification"},
            {"id": "filter", "policy": "id_document_filter"}]},
        {"id": "gate", "type": "external_gate", "on_fail": "review"},
        {"id": "done", "policy": "auto_approve"},
    ])
}

/// What must be the same whatever happened on the way.
async fn story(bench: &Bench) -> Vec<Vec<String>> {
    let mut story = Vec::new();
    for sql in [
        "SELECT status, processing_attempts FROM sessions",
        "SELECT status, final_status, paused_at_node, current_node FROM workflow_runs",
        "SELECT node, policy, attempt_number, status FROM verification_attempts ORDER BY node, policy, attempt_number",
        "SELECT node, decision FROM gate_decisions",
        "SELECT status, rejection_reason_code, check_results FROM results",
        "SELECT status, priority, reasons FROM cases",
        "SELECT event FROM outbox_events ORDER BY id",
        "SELECT type, actor FROM audit_events WHERE type LIKE 'session%' ORDER BY id",
        "SELECT kind FROM jobs WHERE kind <> 'housekeeping' AND kind <> 'sweep_blobs'",
        "SELECT name, SUM(n) FROM counters GROUP BY name HAVING SUM(n) <> 0 ORDER BY name",
    ] {
        story.push(bench.rows(sql).await);
    }
    story
}

/// Runs a session to its end; at the check call `fatal` (from 1) the process dies, and another one
/// starts.
async fn run(fatal: usize) -> (Vec<Vec<String>>, usize) {
    let bench = Bench::new().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let dying = Arc::new(Notify::new());
    let (counted, died) = (Arc::clone(&calls), Arc::clone(&dying));
    bench.checks(move |name| {
        if counted.fetch_add(1, Ordering::SeqCst) + 1 == fatal {
            died.notify_one();
            // Whatever it says after the death of its process is heard by nobody.
            std::thread::sleep(Duration::from_millis(20));
        }
        match name {
            "id_document_filter" => outcome(CheckStatus::Failed, "not_allowed"),
            "auto_approve" => outcome(CheckStatus::Failed, "doubt"),
            "watchlist_screening" | "risk_assessment" => outcome(CheckStatus::Skipped, "none"),
            _ => CheckResult::passed(),
        }
    });
    let mut worker = start(&bench).await;
    let id = bench.submitted(steps()).await;
    for (status, decision) in [
        ("awaiting_external", Some(ExternalDecision::Continue)),
        ("under_review", None),
    ] {
        tokio::select! {
            () = bench.until(id, status) => {}
            () = dying.notified() => {
                worker.kill().await;
                worker = start(&bench).await;
                bench.until(id, status).await;
            }
        }
        if let Some(decision) = decision {
            bench.decide(id, decision).await.unwrap();
        }
    }
    worker.stop(Duration::from_secs(1)).await;
    (story(&bench).await, calls.load(Ordering::SeqCst))
}

async fn start(bench: &Bench) -> Running {
    bench.app.plan_work(true).await.unwrap();
    bench.worker()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_death_at_any_check_changes_nothing_in_the_end() {
    let (undisturbed, calls) = run(usize::MAX).await;
    assert!(calls >= 6, "{calls} checks are too few to tell");
    let text = format!("{undisturbed:#?}");
    assert!(
        text.contains("session.requires-review") && text.contains("not_allowed"),
        "{text}"
    );
    for fatal in 1..=calls {
        let (disturbed, repeated) = run(fatal).await;
        assert_eq!(disturbed, undisturbed, "dead at check {fatal}");
        assert!(repeated > calls, "nobody died at check {fatal}");
    }
}

/// Deaths at moments of the scheduler's choosing, many in the life of one session: also while a
/// commit is on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deaths_at_any_moment_change_nothing_in_the_end() {
    let (undisturbed, _) = run(usize::MAX).await;
    for round in 0..12_u32 {
        let bench = Bench::new().await;
        bench.checks(|name| match name {
            "id_document_filter" => outcome(CheckStatus::Failed, "not_allowed"),
            "auto_approve" => outcome(CheckStatus::Failed, "doubt"),
            "watchlist_screening" | "risk_assessment" => outcome(CheckStatus::Skipped, "none"),
            _ => CheckResult::passed(),
        });
        let id = bench.submitted(steps()).await;
        let mut decided = false;
        for life in 0..400_u32 {
            let worker = start(&bench).await;
            let short =
                300 + u64::from((life * 37 + round * 101) % 40) * 150 + u64::from(life) * 20;
            // Ten deaths in a row without a step forward are the run's own fault: on a busy machine
            // lives this short could come to so many.
            let micros = if life % 6 == 5 { 250_000 } else { short };
            tokio::time::sleep(Duration::from_micros(micros)).await;
            worker.kill().await;
            match bench.status(id).await {
                "awaiting_external" if !decided => {
                    decided = bench.decide(id, ExternalDecision::Continue).await.is_ok();
                }
                "under_review" => break,
                _ => {}
            }
        }
        // A commit that was on its way may still land after the last death.
        let worker = start(&bench).await;
        bench.until(id, "under_review").await;
        worker.stop(Duration::from_secs(1)).await;
        assert_eq!(story(&bench).await, undisturbed, "round {round}");
    }
}
