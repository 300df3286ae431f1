//! Submitting: just what the workflow needs, and what is missing by name.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::images::small_png;
use crate::support::{SESSIONS, WORKFLOWS, assert_fields, gate_steps, server, server_and_live};

async fn workflow_with(client: &Client, steps: Value, requirements: Value) -> String {
    let body = json!({"name": "w", "steps": steps, "data_requirements": requirements});
    let made = client.post(WORKFLOWS).json(body).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_workflow_without_documents_needs_neither_upload_nor_body() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let answer = live.act(&session, "submit").await.ok(200);
    assert_fields(&answer, "id status is_sandbox message");
    assert_eq!(answer["id"], json!(session));
    assert_eq!(answer["status"], "processing");
    assert_eq!(answer["is_sandbox"], false);
    let shown = live.until(&session, "awaiting_external").await;
    assert_eq!(shown["capture_url"], Value::Null);
    assert_eq!(shown["processing_attempts"], 1);
}

#[tokio::test]
async fn a_missing_document_is_named() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let missing = live.act(&session, "submit").await.invalid();
    assert_eq!(missing, ["id_front"]);
    assert_eq!(live.look(&session).await["status"], "pending");
    // A kind that has two sides needs both.
    let missing = live
        .act(&session, "submit")
        .json(json!({"id_type": "national_id"}))
        .await;
    assert_eq!(missing.invalid(), ["id_front", "id_back"]);
    live.upload(&session, "id_front", small_png(1))
        .await
        .ok(201);
    let missing = live
        .act(&session, "submit")
        .json(json!({"id_type": "drivers_license"}))
        .await;
    assert_eq!(missing.invalid(), ["id_back"]);
    live.act(&session, "submit")
        .json(json!({"id_type": "passport"}))
        .await
        .ok(200);
}

#[tokio::test]
async fn every_missing_thing_is_named() {
    let (_server, live) = server_and_live().await;
    let requirements = json!({
        "document": {"required": true},
        "selfie": true,
        "user_info": {"fields": {
            "first_name": {"collect": true, "required": true},
            "email": {"collect": true, "required": true},
            "phone": {"collect": true, "required": false}
        }}
    });
    let workflow = workflow_with(&live, gate_steps(), requirements).await;
    let session = live
        .session(json!({"workflow_id": workflow, "fields": {"email": "a@example.org"}}))
        .await;
    let missing = live.act(&session, "submit").await.invalid();
    assert_eq!(missing, ["id_front", "selfie", "fields.first_name"]);
    live.upload(&session, "id_front", small_png(1))
        .await
        .ok(201);
    live.upload(&session, "selfie", small_png(2)).await.ok(201);
    let missing = live.act(&session, "submit").await.invalid();
    assert_eq!(missing, ["fields.first_name"]);
    let complete = live
        .session(json!({"workflow_id": workflow,
            "fields": {"email": "a@example.org", "first_name": "Anna"}}))
        .await;
    live.upload(&complete, "id_front", small_png(1))
        .await
        .ok(201);
    live.upload(&complete, "selfie", small_png(2)).await.ok(201);
    live.act(&complete, "submit").await.ok(200);
}

#[tokio::test]
async fn a_sandbox_session_waits_for_its_outcome() {
    let server = server().await;
    let sandbox = server.sandbox();
    let workflow = sandbox.workflow(gate_steps()).await;
    let session = sandbox.session(json!({"workflow_id": workflow})).await;
    let answer = sandbox.act(&session, "submit").await.ok(200);
    assert_eq!(answer["status"], "sandbox_pending");
    assert_eq!(answer["is_sandbox"], true);
    assert_eq!(
        server
            .installation
            .database
            .count("workflow_runs", "1 = 1")
            .await,
        0
    );
}

#[tokio::test]
async fn a_second_submit_is_a_conflict() {
    let (server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let mut submits = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (live, session) = (live.clone(), session.clone());
        submits.spawn(async move { live.act(&session, "submit").await.status });
    }
    let mut statuses = submits.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[..2], [200, 409], "{statuses:?}");
    live.until(&session, "awaiting_external").await;
    assert_eq!(
        server
            .installation
            .database
            .count("workflow_runs", "1 = 1")
            .await,
        1
    );
}

#[tokio::test]
async fn a_wrong_body_is_refused() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.act(&session, "submit")
        .json(json!({"id_type": "library_card"}))
        .await
        .invalid_field("id_type");
    live.post(&format!("{SESSIONS}/{session}/submit"))
        .json(json!([]))
        .await
        .refused(422, "validation_error");
    assert_eq!(live.look(&session).await["status"], "pending");
}

#[tokio::test]
async fn a_document_without_models_is_an_error_and_never_a_pass() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    live.upload(&session, "id_front", small_png(1))
        .await
        .ok(201);
    live.act(&session, "submit").await.ok(200);
    live.until(&session, "failed").await;
    let checks = live.part(&session, "verifications").await;
    let ocr = checks["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["policy"] == "document_ocr");
    let ocr = ocr.expect("an attempt of document_ocr");
    assert_eq!(ocr["status"], "error");
    assert!(!ocr["reasons"].as_array().unwrap().is_empty(), "{ocr}");
    live.get(&format!("{SESSIONS}/{session}/result"))
        .await
        .refused(404, "not_found");
}
