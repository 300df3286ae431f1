//! The sealer: numbers without gaps, a chain that verifies while it grows, one holder at a time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use verifa_app::engine::{ChainFault, Sealer, verify_chain};
use verifa_app::sessions::CreateSession;
use verifa_store::db::{Commit, Stmt};
use verifa_store::leases;

use crate::harness::Bench;

const UNSEALED: &str = "SELECT COUNT(*) FROM audit_events WHERE seq IS NULL";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_sealers_leave_no_gap_and_the_chain_verifies_meanwhile() {
    let bench = Arc::new(Bench::new().await);
    let sealers = [
        Sealer::new(Arc::clone(&bench.app)),
        Sealer::new(Arc::clone(&bench.app)),
    ];
    let sealing = sealers.map(|sealer| {
        tokio::spawn(async move {
            for _ in 0..40 {
                sealer.seal_all().await.unwrap();
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
    });
    let writing = {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move {
            for _ in 0..60 {
                bench.session(CreateSession::default()).await;
            }
        })
    };
    while !writing.is_finished() {
        let report = verify_chain(&bench.app).await.unwrap();
        assert_eq!(report.fault, None);
    }
    writing.await.unwrap();
    for task in sealing {
        task.await.unwrap();
    }
    Sealer::new(Arc::clone(&bench.app))
        .seal_all()
        .await
        .unwrap();
    assert_eq!(bench.rows(UNSEALED).await, ["0"]);
    let report = verify_chain(&bench.app).await.unwrap();
    // The organization's and one of each session.
    assert_eq!((report.events, report.fault), (61, None));
    let feed = bench
        .rows("SELECT MIN(seq), MAX(seq), COUNT(DISTINCT seq) FROM outbox_events")
        .await;
    assert_eq!(feed, ["1 60 60"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_a_session_are_numbered_in_their_order() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    let steps = json!([
        {"id": "gate", "type": "external_gate"}, {"id": "done", "policy": "auto_approve"}]);
    let id = bench.submitted(steps).await;
    bench.until(id, "awaiting_external").await;
    // The next process's clock is behind.
    bench.back(Duration::from_secs(5));
    bench
        .decide(id, verifa_core::workflow::ExternalDecision::Continue)
        .await
        .unwrap();
    bench.until(id, "completed").await;
    worker.stop(Duration::from_secs(1)).await;
    Sealer::new(Arc::clone(&bench.app))
        .seal_all()
        .await
        .unwrap();
    let told = bench
        .rows("SELECT seq, event FROM outbox_events ORDER BY seq")
        .await;
    assert_eq!(
        told,
        [
            "1 session.created",
            "2 session.awaiting_external",
            "3 session.approved"
        ]
    );
    let noted = bench
        .rows("SELECT type FROM audit_events WHERE resource_type = 'session' ORDER BY seq")
        .await;
    assert_eq!(
        noted,
        [
            "session.created",
            "session.submitted",
            "session.awaiting_external",
            "session.external_decision",
            "session.decided"
        ]
    );
}

#[tokio::test]
async fn a_dead_sealer_is_replaced_and_one_that_wakes_up_numbers_nothing() {
    let bench = Bench::new().await;
    let stranger = bench.app.new_uuid();
    let now = bench.app.clock.now();
    let until = now.plus(Duration::from_secs(10));
    let taken = leases::acquire("sealer", stranger, until, now);
    let epoch: i64 = bench.app.db.write(taken).await.unwrap()[0].get(0).unwrap();
    let sealer = Sealer::new(Arc::clone(&bench.app));
    sealer.seal_all().await.unwrap();
    assert_eq!(bench.rows(UNSEALED).await, ["1"], "the lease holds");
    // Its ten seconds, and five for clocks that differ.
    bench.pass(Duration::from_secs(16)).await;
    sealer.seal_all().await.unwrap();
    assert_eq!(bench.rows(UNSEALED).await, ["0"]);
    let mut late = Commit::new();
    late.push(leases::guard("sealer", stranger, epoch, until));
    assert!(bench.app.db.commit(late).await.is_err());
}

#[tokio::test]
async fn a_cut_tail_is_found() {
    let bench = Bench::new().await;
    bench.session(CreateSession::default()).await;
    let sealer = Sealer::new(Arc::clone(&bench.app));
    sealer.seal_all().await.unwrap();
    assert_eq!(verify_chain(&bench.app).await.unwrap().fault, None);
    let cut = Stmt::new("test", "DELETE FROM audit_events WHERE seq = 2", vec![]);
    bench.app.db.write(cut).await.unwrap();
    let fault = verify_chain(&bench.app).await.unwrap().fault;
    assert_eq!(fault, Some((2, ChainFault::Unanchored)));
}
