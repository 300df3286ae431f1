//! Idempotency: one effect, one answer, byte for byte.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;
use tokio::task::JoinSet;

use crate::images::small_png;
use crate::support::{SESSIONS, WORKFLOWS, gate_steps, server, server_and_live};

#[tokio::test]
async fn thirty_two_at_once_have_one_effect() {
    let (server, live) = server_and_live().await;
    let mut creates = JoinSet::new();
    for _ in 0..32 {
        let live = live.clone();
        creates.spawn(async move {
            live.post(SESSIONS)
                .idempotent("race")
                .json(json!({"external_ref": "one"}))
                .await
        });
    }
    let answers = creates.join_all().await;
    let mut bodies = BTreeSet::new();
    let mut first = 0;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.shown());
        bodies.insert(answer.bytes.clone());
        first += usize::from(answer.header("idempotent-replayed").is_empty());
    }
    assert_eq!(bodies.len(), 1, "the answers differ");
    assert_eq!(first, 1, "{first} answers claim to be the first");
    let database = &server.installation.database;
    assert_eq!(database.count("sessions", "1 = 1").await, 1);
    assert_eq!(
        database
            .count("outbox_events", "event = 'session.created'")
            .await,
        1
    );
    assert_eq!(database.count("idempotency_keys", "1 = 1").await, 1);
}

#[tokio::test]
async fn other_parameters_under_the_key_are_a_mismatch() {
    let (server, live) = server_and_live().await;
    let create = |body| live.post(SESSIONS).idempotent("k").json(body);
    create(json!({"external_ref": "one"})).await.ok(201);
    for other in [
        json!({"external_ref": "two"}),
        json!({}),
        json!({"external_ref": "one", "tags": []}),
    ] {
        let refusal = create(other).await.refused(422, "idempotency_mismatch");
        assert_eq!(
            refusal["detail"],
            "Idempotency key has already been used with different parameters."
        );
    }
    // Another path is another parameter.
    let workflow = live.post(WORKFLOWS).idempotent("k");
    workflow
        .json(json!({"name": "w", "steps": gate_steps()}))
        .await
        .refused(422, "idempotency_mismatch");
    let queried = live.post(&format!("{SESSIONS}?include=qr")).idempotent("k");
    queried
        .json(json!({"external_ref": "one"}))
        .await
        .refused(422, "idempotency_mismatch");
    assert_eq!(
        server
            .installation
            .database
            .count("sessions", "1 = 1")
            .await,
        1
    );
}

#[tokio::test]
async fn the_body_counts_and_not_its_spelling() {
    let (_server, live) = server_and_live().await;
    let create = |body: &str| {
        live.post(SESSIONS)
            .idempotent("k")
            .raw_json(body.to_owned())
    };
    let first = create(r#"{"external_ref":"one","country":"DE"}"#).await;
    first.ok(201);
    let spaced = create("{ \"country\": \"DE\",\n  \"external_ref\": \"one\" }").await;
    assert_eq!(spaced.bytes, first.bytes);
    assert_eq!(spaced.header("idempotent-replayed"), "true");
    // Headers that shape the answer are no parameters: the first answer comes again.
    let camel =
        create(r#"{"external_ref":"one","country":"DE"}"#).header("key-inflection", "camel");
    assert_eq!(camel.await.bytes, first.bytes);
}

#[tokio::test]
async fn refusals_are_not_kept() {
    let (_server, live) = server_and_live().await;
    let create = |body| live.post(SESSIONS).idempotent("k").json(body);
    create(json!({"country": "DEU"}))
        .await
        .invalid_field("country");
    create(json!({"country": "DE"})).await.ok(201);
    let session = live.session(json!({})).await;
    let decide = || {
        live.act(&session, "external-decision")
            .idempotent("d")
            .json(json!({"decision": "continue"}))
    };
    decide().await.refused(409, "conflict");
    decide().await.refused(409, "conflict");
}

#[tokio::test]
async fn keys_are_each_callers_own() {
    let server = server().await;
    let other = server
        .anonymous()
        .key(&server.installation.create_key("live", "*"));
    let create = |client: &verifa_testkit::Client, reference: &str| {
        client
            .post(SESSIONS)
            .idempotent("same")
            .json(json!({"external_ref": reference}))
    };
    let one = create(&server.live(), "one").await.ok(201);
    let two = create(&other, "two").await.ok(201);
    let three = create(&server.sandbox(), "three").await.ok(201);
    assert_ne!(one["id"], two["id"]);
    assert_ne!(two["id"], three["id"]);
}

#[tokio::test]
async fn every_change_can_be_repeated() {
    let (server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let act = |action: &str, key: &str| live.act(&session, action).idempotent(key);
    let twice = async |name: &str, call: &dyn Fn() -> verifa_testkit::Call| {
        let first = call().await;
        assert!(first.status < 300, "{name}: {}", first.shown());
        let again = call().await;
        assert_eq!(again.header("idempotent-replayed"), "true", "{name}");
        assert_eq!(
            (again.status, &again.bytes),
            (first.status, &first.bytes),
            "{name}"
        );
    };
    twice("upload", &|| {
        live.upload(&session, "id_front", small_png(1))
            .idempotent("u")
    })
    .await;
    twice("submit", &|| act("submit", "s")).await;
    live.until(&session, "awaiting_external").await;
    twice("decide", &|| {
        act("external-decision", "d").json(json!({"decision": "reject"}))
    })
    .await;
    live.until(&session, "completed").await;
    let path = format!("{WORKFLOWS}/{workflow}");
    twice("trigger", &|| {
        let body = json!({"session_id": session});
        live.post(&format!("{path}/trigger"))
            .idempotent("t")
            .json(body)
    })
    .await;
    live.until(&session, "awaiting_external").await;
    twice("expire", &|| act("expire", "e")).await;
    twice("resume", &|| act("resume", "r")).await;
    twice("rename", &|| {
        live.patch(&path)
            .idempotent("p")
            .json(json!({"name": "new"}))
    })
    .await;
    twice("set default", &|| {
        live.post(&format!("{path}/set-default")).idempotent("f")
    })
    .await;
    twice("make workflow", &|| {
        live.post(WORKFLOWS)
            .idempotent("w")
            .json(json!({"name": "w", "steps": gate_steps()}))
    })
    .await;
    let redact = format!("{SESSIONS}/{session}/data");
    let first = live.delete(&redact).idempotent("x").await.ok(200);
    assert_eq!(first["documents_removed"], 1);
    let events = "(SELECT event FROM outbox_events WHERE event NOT IN ('session.awaiting_external') \
                  GROUP BY session_id, event HAVING count(*) > 1) AS doubled";
    assert_eq!(
        server
            .installation
            .database
            .count(events, "event <> 'session.expired'")
            .await,
        0
    );
    assert_eq!(
        server
            .installation
            .database
            .count("workflows", "1 = 1")
            .await,
        3
    );
}

#[tokio::test]
async fn a_key_has_one_to_255_characters() {
    let (_server, live) = server_and_live().await;
    let create = |key: &str| live.post(SESSIONS).idempotent(key).json(json!({}));
    create("").await.refused(400, "bad_request");
    create(&"k".repeat(256)).await.refused(400, "bad_request");
    create(&"k".repeat(255)).await.ok(201);
    create("k").await.ok(201);
}

#[tokio::test]
async fn a_kept_answer_outlives_a_restart_but_not_its_day() {
    let (mut server, live) = server_and_live().await;
    let create = || live.post(SESSIONS).idempotent("k").json(json!({}));
    let first = create().await;
    first.ok(201);
    server.kill9();
    server.restart().await;
    assert_eq!(create().await.bytes, first.bytes);
    let day = 24_i64 * 60 * 60 * 1_000_000;
    let change = format!("UPDATE idempotency_keys SET expires_at = expires_at - {day}");
    server.installation.database.change(&change).await;
    let later = create().await;
    later.ok(201);
    assert_ne!(later.bytes, first.bytes);
    assert_eq!(later.header("idempotent-replayed"), "");
}

#[tokio::test]
async fn kept_answers_lie_encrypted() {
    let (server, live) = server_and_live().await;
    let body = json!({"external_ref": "VERY-FINDABLE-REFERENCE"});
    live.post(SESSIONS)
        .idempotent("findable-key")
        .json(body)
        .await
        .ok(201);
    let database = &server.installation.database;
    let columns = match database.url() {
        None => "hex(sealed) || hex(key_hash) || hex(fingerprint)",
        Some(_) => "encode(sealed, 'hex') || encode(key_hash, 'hex')",
    };
    let query = format!("SELECT upper({columns}) FROM idempotency_keys");
    let stored = database.texts(&query).await;
    let hex = |text: &str| {
        let mut digits = String::new();
        for byte in text.bytes() {
            write!(digits, "{byte:02X}").unwrap();
        }
        digits
    };
    for secret in ["VERY-FINDABLE-REFERENCE", "findable-key", "capture_url"] {
        assert!(!stored[0].contains(&hex(secret)), "{secret} lies open");
    }
}
