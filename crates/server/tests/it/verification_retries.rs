//! A check tried again, a session judged anew, the attempts that they leave.

use serde_json::{Value, json};
use verifa_testkit::{Client, Options, TestServer, installed_models};

use crate::images::small_png;
use crate::mrz_images::reads_here;
use crate::support::{
    SESSIONS, VERIFA, assert_fields, gate_steps, paused_session, server_and_live, unknown_id,
};

/// Without models the document can't be read: an error, which routes to a review.
fn reading_steps() -> Value {
    json!([
        {"policy": "document_ocr", "on_error": "review"},
        {"policy": "auto_approve"}
    ])
}

async fn reviewed(live: &Client) -> String {
    let workflow = live.workflow(reading_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.upload(&session, "id_front", small_png(1))
        .await
        .ok(201);
    live.run_until(&session, "under_review").await;
    session
}

fn retry(live: &Client, session: &str, policy: &str) -> verifa_testkit::Call {
    live.act(session, &format!("verifications/{policy}/retry"))
}

async fn attempts(live: &Client, session: &str, policy: &str) -> Value {
    live.part(session, &format!("verifications/{policy}/attempts"))
        .await
}

#[tokio::test]
async fn a_retry_makes_another_attempt_and_routes_again() {
    let (server, live) = server_and_live().await;
    let session = reviewed(&live).await;
    let first = attempts(&live, &session, "document_ocr").await;
    assert_fields(&first, "session_id policy attempts");
    assert_eq!(first["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(first["attempts"][0]["status"], "error");
    let answer = retry(&live, &session, "document_ocr").await.ok(202);
    assert_eq!(
        answer,
        json!({"status": "processing", "session_id": session, "policy": "document_ocr"})
    );
    live.until(&session, "under_review").await;
    let both = attempts(&live, &session, "document_ocr").await;
    let numbers: Vec<_> = both["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["attempt_number"].clone())
        .collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(
        both["attempts"][0], first["attempts"][0],
        "an attempt is immutable"
    );
    let latest = live.part(&session, "verifications").await;
    let shown = latest["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["policy"] == "document_ocr");
    assert_eq!(shown.unwrap()["attempt_number"], 2);
    assert_eq!(live.look(&session).await["processing_attempts"], 2);
    // The case is the same one, open again.
    let open = "status = 'open'";
    assert_eq!(server.installation.database.count("cases", open).await, 1);
    assert_eq!(
        server.installation.database.count("cases", "1 = 1").await,
        1
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_retry() {
    let (_server, live) = server_and_live().await;
    let session = reviewed(&live).await;
    for policy in ["age_verification", "no_such_check"] {
        retry(&live, &session, policy)
            .await
            .refused(404, "not_found");
        let path = format!("{SESSIONS}/{session}/verifications/{policy}/attempts");
        live.get(&path).await.refused(404, "not_found");
    }
    retry(&live, &unknown_id("ses_"), "document_ocr")
        .await
        .refused(404, "not_found");
    // One that passed, in a session that is completed.
    let workflow = live.workflow(json!([{"policy": "auto_approve"}])).await;
    let approved = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&approved, "completed").await;
    retry(&live, &approved, "auto_approve")
        .await
        .refused(400, "bad_request");
    // One that failed, in a session that was resumed since.
    let workflow = live.workflow(json!([{"policy": "document_ocr"}])).await;
    let failed = live.session(json!({"workflow_id": workflow})).await;
    live.upload(&failed, "id_front", small_png(1)).await.ok(201);
    live.run_until(&failed, "failed").await;
    live.act(&failed, "resume").await.ok(200);
    retry(&live, &failed, "document_ocr")
        .await
        .refused(400, "bad_request");
    // And one whose data is gone.
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    retry(&live, &session, "document_ocr")
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn a_failed_session_that_is_resumed_asks_for_the_documents_again() {
    let (server, live) = server_and_live().await;
    let workflow = live.workflow(json!([{"policy": "document_ocr"}])).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.upload(&session, "id_front", small_png(1))
        .await
        .ok(201);
    live.act(&session, "resume").await.ok(200);
    live.run_until(&session, "failed").await;
    live.act(&session, "resume").await.ok(200);
    let told = "event = 'session.resubmission-required'";
    assert_eq!(
        server
            .installation
            .database
            .count("outbox_events", told)
            .await,
        1
    );
}

#[tokio::test]
async fn once_the_document_can_be_read_the_retry_approves() {
    if !reads_here() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default()).await;
    let live = server.live();
    let workflow = live.workflow(reading_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let drawn = crate::mrz_images::drawn_passport(7);
    live.upload(&session, "id_front", drawn).await.ok(201);
    live.run_until(&session, "under_review").await;
    assert_eq!(live.look(&session).await["document_type"], Value::Null);
    let data = server.installation.data_directory();
    std::os::unix::fs::symlink(installed_models().unwrap(), data.join("models")).unwrap();
    retry(&live, &session, "document_ocr").await.ok(202);
    let done = live.until(&session, "completed").await;
    assert_eq!(done["document_type"], "passport", "the kind that was read");
    let result = live.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    let database = &server.installation.database;
    for event in [
        "session.approved",
        "document.extracted",
        "document.verified",
    ] {
        let told = format!("event = '{event}'");
        assert_eq!(database.count("outbox_events", &told).await, 1, "{event}");
    }
    // Judged anew, it is approved once more; what was told once stays told once.
    live.act(&session, "reprocess").await.ok(202);
    live.until(&session, "completed").await;
    for (event, times) in [
        ("session.approved", 2),
        ("document.extracted", 1),
        ("document.verified", 1),
    ] {
        let told = format!("event = '{event}'");
        assert_eq!(
            database.count("outbox_events", &told).await,
            times,
            "{event}"
        );
    }
}

#[tokio::test]
async fn a_session_is_judged_anew_by_the_current_version() {
    let (server, live) = server_and_live().await;
    let workflow = live.workflow(json!([{"policy": "auto_approve"}])).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.act(&session, "reprocess")
        .await
        .refused(409, "conflict");
    live.run_until(&session, "completed").await;
    live.patch(&format!("/api/v1/workflows/{workflow}"))
        .json(json!({"steps": gate_steps()}))
        .await
        .ok(200);
    let answer = live.act(&session, "reprocess").await.ok(202);
    assert_eq!(
        answer,
        json!({"session_id": session, "status": "processing"})
    );
    live.until(&session, "awaiting_external").await;
    live.get(&format!("{SESSIONS}/{session}/result"))
        .await
        .refused(404, "not_found");
    live.act(&session, "reprocess")
        .await
        .refused(409, "conflict");
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    let run = live.part(&session, "workflow-run").await;
    assert_eq!(run["workflow_version"], 2);
    let approved = "event = 'session.approved'";
    assert_eq!(
        server
            .installation
            .database
            .count("outbox_events", approved)
            .await,
        2
    );

    // A version that demands what the session never had.
    live.patch(&format!("/api/v1/workflows/{workflow}"))
        .json(json!({"steps": reading_steps()}))
        .await
        .ok(200);
    live.act(&session, "reprocess")
        .await
        .invalid_field("id_front");
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    live.act(&session, "reprocess")
        .await
        .refused(422, "validation_error");
    live.act(&unknown_id("ses_"), "reprocess")
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn what_has_not_come_yet_is_not_found_or_empty() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.get(&format!("{SESSIONS}/{session}/risk-assessment"))
        .await
        .refused(404, "not_found");
    let page = live.part(&session, "list-matches").await;
    assert_eq!(
        page,
        json!({"data": [], "pagination": {"total": 0, "limit": 25, "offset": 0}})
    );
    for part in ["risk-assessment", "list-matches"] {
        let path = format!("{SESSIONS}/{}/{part}", unknown_id("ses_"));
        live.get(&path).await.refused(404, "not_found");
    }
    let path = format!("{SESSIONS}/{session}/list-matches");
    live.get(&path)
        .query(&[("limit", "101")])
        .await
        .invalid_field("limit");
}
