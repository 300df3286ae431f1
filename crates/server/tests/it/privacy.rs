//! What the log must never hold, at its most talkative.

use serde_json::json;
use verifa_testkit::{Options, TestServer};

use crate::images::small_png;
use crate::support::{SESSIONS, VERIFA, gate_steps};

#[tokio::test]
async fn the_log_holds_no_personal_data_no_keys_and_no_tokens() {
    let options = Options::default()
        .set("VERIFA_LOG__FILTER", "trace")
        .set("VERIFA_LOG__FORMAT", "json");
    let mut server = TestServer::start(VERIFA, &options).await;
    let live = server.live();
    let workflow = live.workflow(gate_steps()).await;
    let made = live
        .post(SESSIONS)
        .idempotent("PII-idempotency-key")
        .json(json!({
            "workflow_id": workflow,
            "external_ref": "PII-reference",
            "metadata": {"PII-key": "PII-value"},
            "tags": ["PII-tag"],
            "applicant_email": "PII-mail@example.org",
            "fields": {"first_name": "PII-first", "last_name": "PII-last",
                "date_of_birth": "1987-03-21", "ssn": "078-05-1120",
                "document_number": "PII-number", "address": {"city": "PII-city"}}
        }))
        .await
        .ok(201);
    let session = made["id"].as_str().unwrap();
    let token = made["capture_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    live.upload(session, "id_front", small_png(1)).await.ok(201);
    let documents = live.part(session, "documents").await;
    let url = documents["data"][0]["url"].as_str().unwrap().to_owned();
    server.anonymous().get(&url).await;
    // What is refused is logged too, and must not be quoted.
    live.post(SESSIONS)
        .json(json!({"country": "PII-country", "metadata": "PII-text"}))
        .await
        .invalid();
    live.post(SESSIONS)
        .raw_json("{\"PII-broken\": ")
        .await
        .refused(400, "bad_request");
    live.get(SESSIONS)
        .query(&[("q", "PII-search"), ("external_ref", "PII-reference")])
        .await
        .ok(200);
    server
        .anonymous()
        .key("vk_live_PII-guess")
        .get(SESSIONS)
        .await
        .refused(401, "unauthorized");
    live.get(&format!("{SESSIONS}/PII-id"))
        .await
        .refused(404, "not_found");
    live.run_until(session, "awaiting_external").await;
    live.act(session, "external-decision")
        .json(json!({"decision": "continue", "metadata": {"PII-gate": "PII-note"}}))
        .await
        .ok(200);
    live.until(session, "completed").await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    server.terminate().await;

    let log = server.installation.log();
    assert!(log.lines().count() > 20, "hardly anything was logged");
    let signature = url.split("sig=").nth(1).unwrap().split('&').next().unwrap();
    let keys = &server.installation.keys;
    let secrets = [
        "PII-",
        "1987-03-21",
        "078-05-1120",
        "078051120",
        token.as_str(),
        signature,
        &keys.live["vk_live_".len() + 6..],
        &keys.sandbox["vk_sandbox_".len() + 6..],
    ];
    for line in log.lines() {
        for secret in secrets {
            assert!(
                !line.contains(secret),
                "the log holds {secret}: {line:.400}"
            );
        }
    }
}

#[tokio::test]
async fn the_log_of_every_day_is_json_with_the_request_id() {
    let options = Options::default().set("VERIFA_LOG__FORMAT", "json");
    let mut server = TestServer::start(VERIFA, &options).await;
    let answer = server.live().get(SESSIONS).await;
    let id = answer.header("x-request-id").to_owned();
    server.terminate().await;
    let log = server.installation.log();
    let mut found = false;
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| {
            panic!("{error}: {line}");
        });
        assert!(
            event["level"].is_string() && event["timestamp"].is_string(),
            "{line}"
        );
        found |= line.contains(&id);
    }
    assert!(found, "no line tells of the request");
}

#[tokio::test]
async fn the_audit_trail_holds_ids_and_templates_only() {
    let server = crate::support::server().await;
    let live = server.live();
    let session = live
        .session(
            json!({"external_ref": "PII-reference", "metadata": {"PII-key": "PII-value"},
            "tags": ["PII-tag"], "fields": {"first_name": "PII-first"}}),
        )
        .await;
    live.patch(&format!("{SESSIONS}/{session}"))
        .json(json!({"external_ref": "PII-other", "metadata": {"PII-key": null}}))
        .await
        .ok(200);
    live.act(&session, "expire").await.ok(200);
    let database = &server.installation.database;
    let query = "SELECT type || ' ' || metadata || ' ' || coalesce(request_path, '') || ' ' || \
                 actor FROM audit_events";
    let events = database.texts(query).await;
    assert!(events.len() >= 3, "{events:?}");
    for event in &events {
        assert!(!event.contains("PII"), "{event}");
        assert!(!event.contains("127.0.0.1"), "{event}");
    }
    assert!(
        events
            .iter()
            .any(|event| event.contains("/api/v1/sessions/{id}")),
        "{events:?}"
    );
}
