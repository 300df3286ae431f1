//! Capture tokens that run out, by the job and by the clock alone.

use std::time::Duration;

use verifa_app::AppError;
use verifa_app::sessions::CreateSession;

use crate::harness::Bench;

const EVENTS: &str = "SELECT event FROM outbox_events ORDER BY id";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_expires_what_nobody_asks_for() {
    let bench = Bench::new().await;
    bench.session(CreateSession::default()).await;
    let worker = bench.worker();
    bench.pass(Duration::from_mins(19)).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(bench.rows(EVENTS).await, ["session.created"]);
    bench.pass(Duration::from_mins(1)).await;
    for _ in 0..400 {
        if bench.rows(EVENTS).await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(
        bench.rows(EVENTS).await,
        ["session.created", "session.expired"]
    );
    let left = bench
        .rows("SELECT status, kind FROM sessions LEFT JOIN jobs ON jobs.subject_id = sessions.id")
        .await;
    assert_eq!(left, ["expired "]);
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn without_a_worker_each_call_sees_the_expiry_once() {
    let bench = Bench::new().await;
    let id = bench.session(CreateSession::default()).await;
    bench.pass(Duration::from_mins(20)).await;
    let submitted = bench
        .app
        .submit_session(&bench.actor, bench.tenant, id, None, None)
        .await;
    assert!(matches!(submitted, Err(AppError::Conflict(_))));
    assert_eq!(bench.status(id).await, "expired");
    assert_eq!(
        bench.rows(EVENTS).await,
        ["session.created", "session.expired"]
    );
    assert!(bench.rows("SELECT kind FROM jobs").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_session_lives_by_its_new_token() {
    let bench = Bench::new().await;
    let id = bench.session(CreateSession::default()).await;
    let first = bench.app.session(bench.tenant, id).await.unwrap();
    let first = first.capture_url(&bench.app).unwrap();
    bench.pass(Duration::from_mins(15)).await;
    let resumed = bench
        .app
        .resume_session(&bench.actor, bench.tenant, id)
        .await;
    let resumed = bench.apply(resumed).await;
    assert_ne!(resumed.capture_url, first);
    let worker = bench.worker();
    bench.pass(Duration::from_mins(10)).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(bench.status(id).await, "pending");
    bench.pass(Duration::from_mins(10)).await;
    bench.until(id, "expired").await;
    worker.stop(Duration::from_secs(1)).await;
}
