//! What a run asks of a session, and what its end tells.

use serde_json::json;
use verifa_app::sessions::CreateSession;
use verifa_core::session::{CheckResult, CheckStatus};

use crate::harness::{Bench, outcome};

const JUDGED: &str = "SELECT policy, status FROM verification_attempts ORDER BY id";

/// A session's `checks` name checks of its own workflow. Another workflow that is triggered later
/// has checks that the list could not have named: they run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subset_of_checks_leaves_nothing_out_of_another_workflow() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    let own = bench
        .workflow(json!([{"policy": "document_expiration"}, {"policy": "id_document_filter"}]))
        .await;
    let id = bench
        .session(CreateSession {
            workflow_id: Some(own.to_string()),
            checks: Some(vec!["document_expiration".to_owned()]),
            ..CreateSession::default()
        })
        .await;
    let submitted = bench
        .app
        .submit_session(&bench.actor, bench.tenant, id, None, None);
    bench.apply(submitted.await).await;
    bench.until(id, "completed").await;
    let placed = async |name: &str| {
        let judged = bench.rows(JUDGED).await;
        judged.iter().filter(|row| row.starts_with(name)).count()
    };
    assert_eq!(placed("id_document_filter").await, 0, "it was left out");

    let other = bench
        .workflow(json!([{"policy": "age_verification"}]))
        .await;
    let triggered = bench
        .app
        .trigger_workflow(&bench.actor, bench.tenant, other, id);
    bench.apply(triggered.await).await;
    bench.until(id, "completed").await;
    assert_eq!(placed("age_verification passed").await, 1);
    worker.stop(std::time::Duration::from_secs(1)).await;
}

/// `document.verified` is told when the document's checks passed, and not when one of them could
/// not judge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_verified_when_every_check_of_it_passed() {
    let told = "SELECT event FROM outbox_events WHERE event = 'document.verified'";
    for (expiry, verified) in [
        (CheckStatus::Passed, 1),
        (CheckStatus::Skipped, 0),
        (CheckStatus::Failed, 0),
    ] {
        let bench = Bench::new().await;
        bench.checks(move |name| match name {
            "document_expiration" => outcome(expiry, "no_expiry_date"),
            _ => CheckResult::passed(),
        });
        let worker = bench.worker();
        let id = bench
            .submitted(json!([
                {"policy": "document_ocr"},
                {"policy": "document_expiration", "on_fail": "continue"},
            ]))
            .await;
        bench.until(id, "completed").await;
        assert_eq!(bench.rows(told).await.len(), verified, "{expiry}");
        let session = bench.app.session(bench.tenant, id).await.unwrap();
        assert_eq!(session.record.document_type.as_deref(), Some("passport"));
        worker.stop(std::time::Duration::from_secs(1)).await;
    }
}
