//! Redaction: what was personal is unreadable, the record stays, nothing can change any more.

use serde_json::{Value, json};
use verifa_testkit::{Client, TestServer};

use crate::images::small_png;
use crate::support::{SESSIONS, WORKFLOWS, assert_fields, gate_steps, server_and_live, unknown_id};

async fn redact(client: &Client, session: &str) -> Value {
    client
        .delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200)
}

/// A finished session full of personal data, with a document and a link to it.
async fn full_session(live: &Client) -> (String, String) {
    let workflow = live.workflow(gate_steps()).await;
    let session = live
        .session(json!({
            "workflow_id": workflow,
            "metadata": {"name": "Tessa Testwoman"},
            "fields": {"first_name": "Tessa", "date_of_birth": "1990-06-15"}
        }))
        .await;
    live.upload(&session, "id_front", small_png(5))
        .await
        .ok(201);
    let documents = live.part(&session, "documents").await;
    let url = documents["data"][0]["url"].as_str().unwrap().to_owned();
    live.run_until(&session, "awaiting_external").await;
    live.act(&session, "external-decision")
        .json(json!({"decision": "continue", "metadata": {"note": "knows Tessa"}}))
        .await
        .ok(200);
    live.until(&session, "completed").await;
    (session, url)
}

#[tokio::test]
async fn what_was_personal_is_gone() {
    let (server, live) = server_and_live().await;
    let (session, url) = full_session(&live).await;
    assert_eq!(server.anonymous().get(&url).await.status, 200);
    let answer = redact(&live, &session).await;
    assert_fields(&answer, "status session_id documents_removed message");
    assert_eq!(answer["status"], "deleted");
    assert_eq!(answer["session_id"], json!(session));
    assert_eq!(answer["documents_removed"], 1);

    let shown = live.look(&session).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["retention_status"], "redacted");
    assert_eq!(shown["metadata"], json!({}));
    assert_eq!(shown["capture_url"], Value::Null);
    let result = live.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    assert_eq!(result["sensitive_data_expired"], true);
    assert_eq!(result["extracted_data"], json!({}));
    let old_link = server.anonymous().get(&url).await;
    assert!(
        [403, 404, 410].contains(&old_link.status),
        "{}",
        old_link.status
    );
    let list = live.get(&format!("{SESSIONS}/{session}/documents")).await;
    assert!(
        list.status == 410 || list.json()["data"] == json!([]),
        "{}",
        list.shown()
    );
    for part in ["workflow-run", "verifications"] {
        let text = live.part(&session, part).await.to_string();
        assert!(!text.contains("Tessa"), "{part} still tells");
    }
    assert_eq!(blobs(&server), 0, "an image was left");
    assert_eq!(
        server
            .installation
            .database
            .count("data_keys", "1 = 1")
            .await,
        0
    );
}

/// How many files lie in the blob store.
fn blobs(server: &TestServer) -> usize {
    let mut open = vec![server.installation.data_directory().join("blobs")];
    let mut files = 0;
    while let Some(directory) = open.pop() {
        for entry in directory.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                files += 1;
            }
        }
    }
    files
}

#[tokio::test]
async fn a_second_redaction_says_the_same_and_removes_nothing() {
    let (server, live) = server_and_live().await;
    let (session, _) = full_session(&live).await;
    let mut first = redact(&live, &session).await;
    let second = redact(&live, &session).await;
    first["documents_removed"] = json!(0);
    assert_eq!(second["status"], first["status"]);
    assert_eq!(second["session_id"], first["session_id"]);
    assert_eq!(second["documents_removed"], 0);
    let redacted = server
        .installation
        .database
        .count("outbox_events", "event = 'session.redacted'");
    assert_eq!(redacted.await, 1);
    let path = format!("{SESSIONS}/{}/data", unknown_id("ses_"));
    live.delete(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_active_session_expires_first() {
    let (server, live) = server_and_live().await;
    let session = crate::support::paused_session(&live).await;
    redact(&live, &session).await;
    let shown = live.look(&session).await;
    assert_eq!(shown["status"], "expired");
    assert_eq!(
        live.part(&session, "workflow-run").await["status"],
        "cancelled"
    );
    let database = &server.installation.database;
    assert_eq!(
        database
            .count("outbox_events", "event = 'session.expired'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_redacted_session_refuses_every_change() {
    let (_server, live) = server_and_live().await;
    let (session, _) = full_session(&live).await;
    redact(&live, &session).await;
    let before = live.look(&session).await;
    live.act(&session, "submit").await.refused(409, "conflict");
    live.act(&session, "resume")
        .await
        .refused(400, "bad_request");
    live.act(&session, "expire")
        .await
        .refused(400, "bad_request");
    live.upload(&session, "id_front", small_png(1))
        .await
        .refused(409, "conflict");
    live.act(&session, "external-decision")
        .json(json!({"decision": "continue"}))
        .await
        .refused(409, "conflict");
    let workflow = before["workflow_id"].as_str().unwrap();
    let trigger = live.post(&format!("{WORKFLOWS}/{workflow}/trigger"));
    let trigger = trigger.json(json!({"session_id": session})).await;
    assert!([409, 422].contains(&trigger.status), "{}", trigger.shown());
    assert_eq!(live.look(&session).await, before);
}

#[tokio::test]
async fn kept_answers_die_with_it() {
    let (_server, live) = server_and_live().await;
    let body = || json!({"metadata": {"name": "Tessa Testwoman"}});
    let create = || live.post(SESSIONS).idempotent("create-tessa").json(body());
    let session = create().await.ok(201)["id"].as_str().unwrap().to_owned();
    let path = format!("{SESSIONS}/{session}");
    let update = || live.patch(&path).idempotent("update-tessa").json(body());
    assert!(update().await.text().contains("Tessa"));
    redact(&live, &session).await;
    assert!(!update().await.text().contains("Tessa"));
}

#[tokio::test]
async fn the_audit_chain_stays_whole() {
    let (mut server, live) = server_and_live().await;
    let (session, _) = full_session(&live).await;
    let (kept, _) = full_session(&live).await;
    redact(&live, &session).await;
    let installation = std::sync::Arc::clone(&server.installation);
    let database = &installation.database;
    verifa_testkit::eventually("every audit event is sealed", async || {
        (database.count("audit_events", "seq IS NULL").await == 0).then_some(())
    })
    .await;
    server.terminate().await;
    let verified = installation.run(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);

    // And it is worth something: a changed event is found.
    let event = "UPDATE audit_events SET metadata = '{\"forged\":true}' WHERE seq = 2";
    assert_eq!(database.change(event).await, 1);
    let verified = installation.run(&["audit", "verify"]);
    assert_ne!(verified.code, 0, "{}", verified.stdout);
    drop(kept);
}

#[tokio::test]
async fn a_removed_audit_event_is_found() {
    let (mut server, live) = server_and_live().await;
    full_session(&live).await;
    let installation = std::sync::Arc::clone(&server.installation);
    let database = &installation.database;
    verifa_testkit::eventually("every audit event is sealed", async || {
        (database.count("audit_events", "seq IS NULL").await == 0).then_some(())
    })
    .await;
    server.terminate().await;
    // The last ones are cut off: only a signed checkpoint can tell.
    let cut = "DELETE FROM audit_events WHERE seq >= 3";
    assert!(database.change(cut).await > 0);
    let verified = installation.run(&["audit", "verify"]);
    assert_ne!(verified.code, 0, "{}", verified.stdout);
}
