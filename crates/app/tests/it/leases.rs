//! Claims: a stalled owner writes nothing, a stopped one hands back, a dead one is replaced.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use verifa_core::session::CheckResult;
use verifa_core::workflow::ExternalDecision;

use crate::harness::Bench;

const JOB: &str = "SELECT kind, attempts FROM jobs WHERE kind = 'advance_run'";
const ATTEMPTS: &str = "SELECT policy, attempt_number FROM verification_attempts \
    WHERE policy = 'age_verification'";

fn steps() -> Value {
    json!([
        {"id": "age", "policy": "age_verification"},
        {"id": "done", "policy": "auto_approve"},
    ])
}

/// The first run of the age check waits until the answer drops; later ones pass at once.
fn stall_once(bench: &Bench) -> (std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<()>) {
    let (reached, reach) = channel();
    let (let_go, wait) = channel::<()>();
    let stalled = Mutex::new(Some((reached, wait)));
    bench.checks(move |name| {
        if name == "age_verification" {
            let first = stalled.lock().unwrap().take();
            if let Some((reached, wait)) = first {
                reached.send(()).unwrap();
                let _over = wait.recv();
            }
        }
        CheckResult::passed()
    });
    (reach, let_go)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stalled_owner_writes_nothing() {
    let bench = Arc::new(Bench::new().await);
    let (reached, let_go) = stall_once(&bench);
    let first = bench.worker();
    let id = bench.submitted(steps()).await;
    tokio::task::spawn_blocking(move || reached.recv())
        .await
        .unwrap()
        .unwrap();
    // Its heartbeat comes by the real clock, the lease ends by the test's.
    let second = bench.worker();
    bench.pass(Duration::from_secs(19)).await;
    bench.until(id, "completed").await;
    let before = bench
        .rows("SELECT type, actor FROM audit_events")
        .await
        .len();
    drop(let_go);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bench.rows(ATTEMPTS).await, ["age_verification 1"]);
    let after = bench
        .rows("SELECT type, actor FROM audit_events")
        .await
        .len();
    assert_eq!(after, before);
    assert_eq!(bench.status(id).await, "completed");
    first.stop(Duration::from_secs(1)).await;
    second.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_stops_hands_back_what_it_does_not_finish() {
    let bench = Bench::new().await;
    let (reached, let_go) = stall_once(&bench);
    let first = bench.worker();
    let id = bench.submitted(steps()).await;
    tokio::task::spawn_blocking(move || reached.recv())
        .await
        .unwrap()
        .unwrap();
    first.stop(Duration::from_secs(1)).await;
    assert_eq!(bench.rows(JOB).await, ["advance_run 0"]);
    // Nobody waits for a lease to end.
    let second = bench.worker();
    bench.until(id, "completed").await;
    assert_eq!(bench.rows(ATTEMPTS).await, ["age_verification 1"]);
    drop(let_go);
    second.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dead_worker_keeps_no_claim_alive() {
    let bench = Bench::new().await;
    let (reached, let_go) = stall_once(&bench);
    let first = bench.worker();
    let id = bench.submitted(steps()).await;
    tokio::task::spawn_blocking(move || reached.recv())
        .await
        .unwrap()
        .unwrap();
    first.kill().await;
    drop(let_go);
    let second = bench.worker();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(
        bench.status(id).await,
        "processing",
        "the lease still holds"
    );
    bench.pass(Duration::from_secs(19)).await;
    bench.until(id, "completed").await;
    assert_eq!(bench.rows(ATTEMPTS).await, ["age_verification 1"]);
    second.stop(Duration::from_secs(1)).await;
}

/// Runs that wait for a processor hold no place of a worker: a gate that is decided goes on at
/// once, however many of them there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_decided_gate_does_not_wait_behind_runs_that_compute() {
    let bench = Bench::new().await;
    let (let_go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    bench.checks(move |name| {
        if name == "document_ocr" {
            // Until the other end is dropped.
            let _over = wait.lock().unwrap().recv();
        }
        CheckResult::passed()
    });
    let worker = bench.worker();
    let gated = bench
        .submitted(json!([{"id": "gate", "type": "external_gate"}]))
        .await;
    bench.until(gated, "awaiting_external").await;
    let mut computing = Vec::new();
    for _ in 0..40 {
        let scan = json!([{"id": "scan", "policy": "document_ocr"}]);
        computing.push(bench.submitted(scan).await);
    }
    // Two compute, as many are first in the queue, and all have been looked at.
    let looked_at = "SELECT key FROM jobs WHERE kind = 'advance_run' AND queue = 0 \
        AND owner IS NULL";
    for _ in 0..4_000 {
        if bench.rows(looked_at).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bench
        .decide(gated, ExternalDecision::Continue)
        .await
        .unwrap();
    bench.until(gated, "completed").await;
    for id in &computing {
        assert_eq!(bench.status(*id).await, "processing");
    }
    drop(let_go);
    for id in computing {
        bench.until(id, "completed").await;
    }
    assert_eq!(
        bench
            .rows(
                "SELECT policy, attempt_number FROM verification_attempts WHERE attempt_number > 1"
            )
            .await,
        Vec::<String>::new()
    );
    worker.stop(Duration::from_secs(1)).await;
}

/// A run that ends every process that takes it up is given up, or it would end them all for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_that_kills_its_owners_fails_its_session() {
    let bench = Bench::new().await;
    let (reached, reach) = channel::<()>();
    let (let_go, wait) = channel::<()>();
    let (reached, wait) = (Mutex::new(reached), Arc::new(Mutex::new(wait)));
    bench.checks(move |name| {
        if name == "age_verification" {
            reached.lock().unwrap().send(()).unwrap();
            let _over = wait.lock().unwrap().recv();
        }
        CheckResult::passed()
    });
    let id = bench.submitted(steps()).await;
    let reach = Arc::new(Mutex::new(reach));
    for _ in 0..10 {
        let worker = bench.worker();
        let reach = Arc::clone(&reach);
        let reached = tokio::task::spawn_blocking(move || reach.lock().unwrap().recv());
        reached.await.unwrap().unwrap();
        worker.kill().await;
        assert_eq!(bench.status(id).await, "processing");
        bench.pass(Duration::from_secs(19)).await;
    }
    let worker = bench.worker();
    bench.until(id, "failed").await;
    drop(let_go);
    worker.stop(Duration::from_secs(1)).await;
}
