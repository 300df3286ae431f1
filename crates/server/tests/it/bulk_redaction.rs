//! Many sessions redacted by one call, each on its own.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::images::small_png;
use crate::support::{paused_session, server_and_live, unknown_id};

const BULK: &str = "/api/v1/sessions/bulk-redact";

async fn redact(live: &Client, ids: &[&str]) -> Value {
    live.post(BULK)
        .json(json!({ "session_ids": ids }))
        .await
        .ok(200)
}

#[tokio::test]
async fn each_session_gets_its_own_answer() {
    let (server, live) = server_and_live().await;
    let first = live.session(json!({})).await;
    live.upload(&first, "id_front", small_png(1)).await.ok(201);
    live.upload(&first, "selfie", small_png(2)).await.ok(201);
    let second = paused_session(&live).await;
    let elsewhere = server.sandbox().session(json!({})).await;
    let unknown = unknown_id("ses_");
    let busy = live.session(json!({})).await;
    let change = String::from(
        "UPDATE sessions SET status = 'processing' WHERE created_at = \
         (SELECT max(created_at) FROM sessions WHERE environment = 'live')",
    );
    assert_eq!(server.installation.database.change(&change).await, 1);
    let ids = [
        first.as_str(),
        &second,
        &elsewhere,
        &unknown,
        "no id",
        &busy,
        &first,
    ];
    let answer = redact(&live, &ids).await;
    assert_eq!(
        answer,
        json!({"total": 7, "results": [
            {"session_id": first, "status": "deleted", "documents_removed": 2},
            {"session_id": second, "status": "deleted", "documents_removed": 0},
            {"session_id": elsewhere, "status": "not_found", "documents_removed": 0},
            {"session_id": unknown, "status": "not_found", "documents_removed": 0},
            {"session_id": "no id", "status": "not_found", "documents_removed": 0},
            {"session_id": busy, "status": "conflict", "documents_removed": 0},
            {"session_id": first, "status": "already_redacted", "documents_removed": 0},
        ]})
    );
    for session in [&first, &second] {
        assert_eq!(live.look(session).await["retention_status"], "redacted");
    }
    assert_eq!(
        server.sandbox().look(&elsewhere).await["retention_status"],
        "active"
    );
    let told = "event = 'session.redacted'";
    assert_eq!(
        server
            .installation
            .database
            .count("outbox_events", told)
            .await,
        2
    );
}

#[tokio::test]
async fn the_whole_answer_is_kept_for_repetitions() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let call = || {
        live.post(BULK)
            .json(json!({"session_ids": [session]}))
            .idempotent("bulk")
    };
    let first = call().await;
    assert_eq!(first.ok(200)["results"][0]["status"], "deleted");
    let again = call().await;
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let anew = redact(&live, &[&session]).await;
    assert_eq!(anew["results"][0]["status"], "already_redacted");
    let other = live
        .post(BULK)
        .json(json!({"session_ids": ["x"]}))
        .idempotent("bulk")
        .await;
    other.refused(422, "idempotency_mismatch");
}

#[tokio::test]
async fn one_to_a_hundred() {
    let (_server, live) = server_and_live().await;
    for body in [
        json!({}),
        json!({"session_ids": []}),
        json!({"session_ids": vec!["x"; 101]}),
        json!({"session_ids": "x"}),
    ] {
        live.post(BULK)
            .json(body)
            .await
            .invalid_field("session_ids");
    }
    let empty = live.post(BULK).json(json!({"session_ids": ["x", ""]}));
    empty.await.invalid_field("session_ids[1]");
    let answer = redact(&live, &vec!["x"; 100]).await;
    assert_eq!(answer["total"], 100);
}
