//! Passing troubles of checks, checks that break off, and jobs that do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use verifa_core::session::{CheckResult, CheckStatus};

use crate::harness::{Bench, outcome};

const ATTEMPTS: &str = "SELECT attempt_number, status FROM verification_attempts \
    WHERE policy = 'age_verification' ORDER BY attempt_number";

fn steps() -> Value {
    json!([
        {"id": "age", "policy": "age_verification", "on_error": "review"},
        {"id": "done", "policy": "auto_approve"},
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trouble_that_does_not_pass_ends_as_an_error() {
    let bench = Bench::new().await;
    bench.checks(|name| match name {
        "age_verification" => outcome(CheckStatus::RequiresRetry, "busy"),
        _ => CheckResult::passed(),
    });
    let worker = bench.worker();
    let id = bench.submitted(steps()).await;
    for (attempts, pause) in [(1, 1), (2, 4), (3, 16), (4, 64)] {
        for _ in 0..400 {
            if bench.rows(ATTEMPTS).await.len() == attempts {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(bench.rows(ATTEMPTS).await.len(), attempts);
        // A fifth to either side.
        bench.pass(Duration::from_millis(pause * 790)).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(bench.rows(ATTEMPTS).await.len(), attempts, "too early");
        bench.pass(Duration::from_millis(pause * 420)).await;
    }
    bench.until(id, "under_review").await;
    let trouble = "requires_retry";
    let expected = [
        format!("1 {trouble}"),
        format!("2 {trouble}"),
        format!("3 {trouble}"),
        format!("4 {trouble}"),
        "5 error".to_owned(),
    ];
    assert_eq!(bench.rows(ATTEMPTS).await, expected);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trouble_that_passes_is_forgotten() {
    let bench = Bench::new().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    bench.checks(move |name| match name {
        "age_verification" if counted.fetch_add(1, Ordering::SeqCst) == 0 => {
            outcome(CheckStatus::RequiresRetry, "busy")
        }
        _ => CheckResult::passed(),
    });
    let worker = bench.worker();
    let id = bench.submitted(steps()).await;
    while bench.rows(ATTEMPTS).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bench.pass(Duration::from_secs(2)).await;
    bench.until(id, "completed").await;
    let attempts = bench.rows(ATTEMPTS).await;
    assert_eq!(attempts, ["1 requires_retry", "2 passed"]);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_panics_is_an_error_and_never_a_pass() {
    let bench = Bench::new().await;
    bench.checks(|name| {
        assert!(name != "age_verification", "as the test says");
        CheckResult::passed()
    });
    let worker = bench.worker();
    let id = bench.submitted(steps()).await;
    bench.until(id, "under_review").await;
    assert_eq!(bench.rows(ATTEMPTS).await, ["1 error"]);
    worker.stop(Duration::from_secs(1)).await;
}
