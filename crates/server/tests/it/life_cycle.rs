//! The state machine: every call in every status, as spec/sessions.md has it.

use serde_json::{Value, json};
use verifa_testkit::{Client, TestServer, eventually};

use crate::images::small_png;
use crate::support::{SESSIONS, WORKFLOWS, assert_fields, assert_time, gate_steps, server};

const STATUSES: [&str; 9] = [
    "pending",
    "capturing",
    "processing",
    "awaiting_external",
    "under_review",
    "sandbox_pending",
    "completed",
    "expired",
    "failed",
];

/// Brings a session into a status by the ways that lead there.
async fn reach(server: &TestServer, workflow: &str, status: &str) -> (Client, String) {
    let client = if status == "sandbox_pending" {
        server.sandbox()
    } else {
        server.live()
    };
    let body = match status {
        // The default workflow reads a document, which is an error without models.
        "failed" => json!({}),
        _ => json!({"workflow_id": workflow}),
    };
    let session = client.session(body).await;
    match status {
        "pending" => {}
        "capturing" => upload(&client, &session).await,
        "processing" => {
            client.run_until(&session, "awaiting_external").await;
            // No test can hold a session here; what counts is what the calls say.
            hold_in_processing(server, &session).await;
        }
        "awaiting_external" => drop(client.run_until(&session, status).await),
        "under_review" => {
            client.run_until(&session, "awaiting_external").await;
            client.decide(&session, "fail").await;
        }
        "sandbox_pending" => drop(client.act(&session, "submit").await.ok(200)),
        "completed" => {
            client.run_until(&session, "awaiting_external").await;
            client.decide(&session, "reject").await;
        }
        "expired" => drop(client.act(&session, "expire").await.ok(200)),
        "failed" => {
            upload(&client, &session).await;
            client.act(&session, "submit").await.ok(200);
        }
        other => panic!("no way to {other}"),
    }
    eventually(&format!("{session} is {status}"), async || {
        (client.look(&session).await["status"] == status).then_some(())
    })
    .await;
    (client, session)
}

async fn hold_in_processing(server: &TestServer, session: &str) {
    let database = &server.installation.database;
    let id = database.literal(session);
    let held = format!("UPDATE sessions SET status = 'processing' WHERE id = {id}");
    assert_eq!(database.change(&held).await, 1);
}

async fn upload(client: &Client, session: &str) {
    client
        .upload(session, "id_front", small_png(1))
        .await
        .ok(201);
}

/// Runs one call in every status and compares with the statuses that allow it.
async fn allowed_in(
    call: &str,
    allowed: &[&str],
    success: u16,
    refusal: (u16, &str),
    send: impl AsyncFn(&Client, &str, &str) -> verifa_testkit::Answer,
) {
    let server = server().await;
    let workflow = server.live().workflow(gate_steps()).await;
    for status in STATUSES {
        let (client, session) = reach(&server, &workflow, status).await;
        let answer = send(&client, &session, &workflow).await;
        if allowed.contains(&status) {
            assert_eq!(
                answer.status,
                success,
                "{call} while {status}: {}",
                answer.shown()
            );
        } else {
            let shown = answer.shown();
            assert_eq!(answer.status, refusal.0, "{call} while {status}: {shown}");
            answer.refused(refusal.0, refusal.1);
            assert_eq!(
                client.look(&session).await["status"],
                status,
                "{call} changed {status}"
            );
        }
    }
}

#[tokio::test]
async fn submit_while_pending_or_capturing() {
    allowed_in(
        "submit",
        &["pending", "capturing"],
        200,
        (409, "conflict"),
        async |client, id, _| client.act(id, "submit").await,
    )
    .await;
}

#[tokio::test]
async fn resume_while_pending_capturing_expired_or_failed() {
    let allowed = ["pending", "capturing", "expired", "failed"];
    allowed_in(
        "resume",
        &allowed,
        200,
        (400, "bad_request"),
        async |client, id, _| client.act(id, "resume").await,
    )
    .await;
}

#[tokio::test]
async fn expire_while_active() {
    let allowed = &STATUSES[..6];
    allowed_in(
        "expire",
        allowed,
        200,
        (400, "bad_request"),
        async |client, id, _| client.act(id, "expire").await,
    )
    .await;
}

#[tokio::test]
async fn upload_while_pending_or_capturing() {
    let allowed = ["pending", "capturing"];
    allowed_in(
        "upload",
        &allowed,
        201,
        (409, "conflict"),
        async |client, id, _| client.upload(id, "id_front", small_png(2)).await,
    )
    .await;
}

#[tokio::test]
async fn decide_while_awaiting_external() {
    let allowed = ["awaiting_external"];
    allowed_in(
        "decide",
        &allowed,
        200,
        (409, "conflict"),
        async |client, id, _| {
            client
                .act(id, "external-decision")
                .json(json!({"decision": "continue"}))
                .await
        },
    )
    .await;
}

#[tokio::test]
async fn redact_unless_processing() {
    let allowed: Vec<_> = STATUSES
        .into_iter()
        .filter(|status| *status != "processing")
        .collect();
    allowed_in(
        "redact",
        &allowed,
        200,
        (409, "conflict"),
        async |client, id, _| client.delete(&format!("{SESSIONS}/{id}/data")).await,
    )
    .await;
}

#[tokio::test]
async fn update_in_every_status() {
    allowed_in(
        "update",
        &STATUSES,
        200,
        (409, "conflict"),
        async |client, id, _| {
            client
                .patch(&format!("{SESSIONS}/{id}"))
                .json(json!({"metadata": {"a": 1}}))
                .await
        },
    )
    .await;
}

#[tokio::test]
async fn trigger_while_completed_or_failed() {
    let allowed = ["completed", "failed"];
    allowed_in(
        "trigger",
        &allowed,
        202,
        (409, "conflict"),
        async |client, id, workflow| {
            let path = format!("{WORKFLOWS}/{workflow}/trigger");
            client.post(&path).json(json!({"session_id": id})).await
        },
    )
    .await;
}

#[tokio::test]
async fn a_result_from_under_review_on() {
    let allowed = ["under_review", "completed"];
    allowed_in(
        "result",
        &allowed,
        200,
        (404, "not_found"),
        async |client, id, _| client.get(&format!("{SESSIONS}/{id}/result")).await,
    )
    .await;
}

#[tokio::test]
async fn expire_answers_and_ends_the_token() {
    let server = server().await;
    let live = server.live();
    let session = live.session(json!({})).await;
    let answer = live.act(&session, "expire").await.ok(200);
    assert_fields(&answer, "id status expired_at");
    assert_eq!(answer["status"], "expired");
    assert_time(&answer["expired_at"]);
    assert_eq!(live.look(&session).await["capture_url"], Value::Null);
    live.act(&session, "expire")
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn resume_gives_a_new_token_and_keeps_the_documents() {
    let server = server().await;
    let live = server.live();
    let session = live.session(json!({})).await;
    upload(&live, &session).await;
    let old = live.look(&session).await["capture_url"].clone();
    let answer = live.act(&session, "resume").await.ok(200);
    assert_fields(&answer, "id status capture_url expires_at qr_code_data_url");
    assert_eq!(answer["status"], "pending");
    assert_ne!(answer["capture_url"], old);
    assert_eq!(
        live.look(&session).await["capture_url"],
        answer["capture_url"]
    );
    let documents = live.part(&session, "documents").await;
    assert_eq!(documents["data"].as_array().unwrap().len(), 1);
    live.act(&session, "submit").await.ok(200);
}

#[tokio::test]
async fn a_token_that_is_over_is_over_before_any_job_ran() {
    let server = server().await;
    let live = server.live();
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let untouched = live.session(json!({"workflow_id": workflow})).await;
    let running = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&running, "awaiting_external").await;
    let past = "UPDATE sessions SET token_expires_at = created_at - 1";
    server.installation.database.change(past).await;
    live.act(&session, "submit").await.refused(409, "conflict");
    assert_eq!(live.look(&session).await["status"], "expired");
    live.upload(&untouched, "id_front", small_png(1))
        .await
        .refused(409, "conflict");
    assert_eq!(live.look(&untouched).await["status"], "expired");
    // Processing that began before it stands.
    assert_eq!(live.look(&running).await["status"], "awaiting_external");
    live.act(&session, "resume").await.ok(200);
    live.act(&session, "submit").await.ok(200);
    let expired = server
        .installation
        .database
        .count("outbox_events", "event = 'session.expired'");
    assert_eq!(expired.await, 2);
}

#[tokio::test]
async fn a_job_expires_what_nobody_asks_about() {
    let mut server = server().await;
    server.live().session(json!({})).await;
    let installation = std::sync::Arc::clone(&server.installation);
    let database = &installation.database;
    database
        .change("UPDATE sessions SET token_expires_at = created_at - 1")
        .await;
    database.change("UPDATE jobs SET due_at = created_at").await;
    // Nothing tells a worker of rows that a test moved; a new one looks by itself.
    server.kill9();
    server.restart().await;
    eventually("the session expires by itself", async || {
        (database.count("sessions", "status = 'expired'").await == 1).then_some(())
    })
    .await;
    assert_eq!(
        database
            .count("outbox_events", "event = 'session.expired'")
            .await,
        1
    );
}

#[tokio::test]
async fn expiring_a_running_session_cancels_its_run() {
    let server = server().await;
    let live = server.live();
    let session = crate::support::paused_session(&live).await;
    live.act(&session, "expire").await.ok(200);
    assert_eq!(
        live.part(&session, "workflow-run").await["status"],
        "cancelled"
    );
    live.act(&session, "external-decision")
        .json(json!({"decision": "continue"}))
        .await
        .refused(409, "conflict");
}
