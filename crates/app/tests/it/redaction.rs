//! What a redaction leaves behind, in rows and in files.

use std::time::Duration;

use serde_json::json;
use verifa_app::AppError;
use verifa_app::sessions::CreateSession;
use verifa_core::id::Id;
use verifa_core::session::Metadata;
use verifa_store::outbox::{self, OutboxRecord};
use verifa_vault::Place;

use crate::harness::Bench;

fn personal(workflow: Option<String>) -> CreateSession {
    CreateSession {
        metadata: Metadata::from_iter([("name".to_owned(), json!("Tessa Testwoman"))]),
        redirect_url: Some("https://shop.example/done?customer=Tessa".to_owned()),
        workflow_id: workflow,
        ..CreateSession::default()
    }
}

async fn events(bench: &Bench, id: verifa_core::id::SessionId) -> Vec<(String, serde_json::Value)> {
    let key = bench
        .app
        .keys
        .organization(&bench.app.db, bench.tenant.organization)
        .await
        .unwrap();
    let mut told = Vec::new();
    for row in bench.app.db.query(outbox::of_session(id)).await.unwrap() {
        let event = OutboxRecord::from_row(&row).unwrap();
        let place = Place::new("outbox_events", "sealed", event.id.uuid());
        let text = key.open(&place, &event.sealed.unwrap()).unwrap();
        told.push((event.event, serde_json::from_slice(&text).unwrap()));
    }
    told
}

#[tokio::test]
async fn events_are_still_told_without_the_person() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    let steps = json!([{"id": "done", "policy": "auto_approve"}]);
    let workflow = bench.workflow(steps).await.to_string();
    let id = bench.session(personal(Some(workflow))).await;
    let submitted = bench
        .app
        .submit_session(&bench.actor, bench.tenant, id, None, None)
        .await;
    bench.apply(submitted).await;
    bench.until(id, "completed").await;
    worker.stop(Duration::from_secs(1)).await;
    let redacted = bench
        .app
        .redact_session(&bench.actor, bench.tenant, id)
        .await;
    bench.apply(redacted).await;

    let told = events(&bench, id).await;
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["session.created", "session.approved", "session.redacted"]
    );
    for (name, body) in &told {
        assert_eq!(body["event"], json!(name));
        assert_eq!(body["session_id"], json!(id));
        assert!(body["idempotency_key"].is_string(), "{body}");
    }
    assert_eq!(told[1].1["status"], "approved");
    assert_eq!(told[1].1["result"]["extracted_data"], json!({}));
    assert!(bench.rows("SELECT redirect_url FROM sessions").await == [""]);
}

#[tokio::test]
async fn an_active_session_tells_that_it_expired() {
    let bench = Bench::new().await;
    let id = bench.session(personal(None)).await;
    let redacted = bench
        .app
        .redact_session(&bench.actor, bench.tenant, id)
        .await;
    bench.apply(redacted).await;
    let told = events(&bench, id).await;
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["session.created", "session.expired", "session.redacted"]
    );
    assert_eq!(told[1].1["status"], "expired");
    let counted = bench
        .rows("SELECT name, SUM(n) FROM counters GROUP BY name HAVING SUM(n) <> 0")
        .await;
    assert_eq!(counted, ["sessions:expired 1"]);
    assert!(bench.rows("SELECT kind FROM jobs").await.is_empty());
}

#[tokio::test]
async fn no_file_holds_what_was_erased() {
    let bench = Bench::new().await;
    let id = bench.session(personal(None)).await;
    let key = bench
        .app
        .db
        .query(verifa_store::keys::get_data(id))
        .await
        .unwrap();
    let wrapped: Vec<u8> = key[0].get(0).unwrap();
    let holds =
        |bytes: &[u8], needle: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
    let before = bench.files();
    assert!(holds(&before, &wrapped), "the test would notice nothing");
    assert!(!holds(&before, b"Testwoman"), "metadata lies open");
    let redacted = bench
        .app
        .redact_session(&bench.actor, bench.tenant, id)
        .await;
    bench.apply(redacted).await;
    let after = bench.files();
    assert!(!holds(&after, &wrapped), "the data key is still there");
    assert!(!holds(&after, b"Tessa"), "the way back is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_review_leaves_no_result() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    let steps = json!([{"id": "gate", "type": "external_gate", "on_fail": "review"}]);
    let id = bench.submitted(steps).await;
    bench.until(id, "awaiting_external").await;
    bench
        .decide(id, verifa_core::workflow::ExternalDecision::Fail)
        .await
        .unwrap();
    bench.until(id, "under_review").await;
    let result = bench.app.result(bench.tenant, id).await.unwrap();
    assert_eq!(result.record.status.as_str(), "needs_review");
    let expired = bench
        .app
        .expire_session(&bench.actor, bench.tenant, id)
        .await;
    bench.apply(expired).await;
    let result = bench.app.result(bench.tenant, id).await;
    assert!(matches!(result.err(), Some(AppError::NotFound(_))));
    let cases = bench.rows("SELECT status FROM cases").await;
    assert_eq!(cases, ["closed"]);
    worker.stop(Duration::from_secs(1)).await;
}
