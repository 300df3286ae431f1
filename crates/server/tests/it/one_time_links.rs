//! One-time links and client tokens: made, used once, dead afterwards.

use serde_json::{Value, json};
use verifa_testkit::{Answer, Client};

use crate::support::{
    SESSIONS, assert_fields, assert_id, assert_time, gate_steps, server_and_live, unknown_id,
};

const LINK: &str = "id session_id capture_url status expires_at created_at qr_code_data_url";

fn token(url: &Value) -> &str {
    url.as_str().unwrap().rsplit('/').next().unwrap()
}

fn start(client: &Client, token: &str) -> verifa_testkit::Call {
    client.post(&format!("/verify/{token}/start"))
}

#[track_caller]
fn dead(answer: &Answer) {
    let body = answer.refused(400, "bad_request");
    assert_eq!(
        body["detail"],
        "This link is not valid any more. Ask for a new one."
    );
}

async fn generate(live: &Client, session: &str, body: Value) -> Value {
    let call = live.act(session, "generate-one-time-link").json(body);
    let link = call.await.ok(200);
    assert_fields(&link, LINK);
    link
}

async fn statuses(live: &Client, session: &str) -> Vec<String> {
    let listed = live.part(session, "one-time-links").await;
    let links = listed["data"].as_array().unwrap();
    links
        .iter()
        .map(|link| link["status"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_link_opens_the_capture_once() {
    let (server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let link = generate(&live, &session, json!({})).await;
    assert_id(&link["id"], "lnk_");
    assert_eq!(link["session_id"], session);
    assert_eq!(link["status"], "active");
    assert_eq!(link["qr_code_data_url"], Value::Null);
    assert_time(&link["expires_at"]);
    let own = live.look(&session).await;
    // The session lives as long as its link: a day instead of twenty minutes.
    assert_eq!(own["token_expires_at"], link["expires_at"]);
    assert_ne!(own["capture_url"], link["capture_url"]);
    assert_eq!(own["status"], "pending");

    let nobody = server.anonymous();
    let started = start(&nobody, token(&link["capture_url"])).await.ok(200);
    assert_fields(
        &started,
        "session_id status capture_url expires_at is_sandbox",
    );
    assert_eq!(started["status"], "capturing");
    // The flow goes on under the session's own token.
    assert_eq!(started["capture_url"], own["capture_url"]);
    assert_eq!(live.look(&session).await["status"], "capturing");
    assert_eq!(statuses(&live, &session).await, ["consumed"]);
    dead(&start(&nobody, token(&link["capture_url"])).await);
    // The own token may be started with as often as somebody comes back.
    for _ in 0..2 {
        start(&nobody, token(&started["capture_url"])).await.ok(200);
    }
    let database = &server.installation.database;
    let events = "SELECT event FROM outbox_events ORDER BY id";
    let told = [
        "session.created",
        "session.link_generated",
        "session.started",
    ];
    assert_eq!(database.texts(events).await, told);
    let begun = "type = 'session.capture_begun'";
    assert_eq!(database.count("audit_events", begun).await, 1);
}

#[tokio::test]
async fn one_link_is_active_at_a_time_and_ends_with_the_session() {
    let (server, live) = server_and_live().await;
    let nobody = server.anonymous();
    let session = live.session(json!({})).await;
    let first = generate(&live, &session, json!({})).await;
    let second = generate(&live, &session, json!({"expires_in_minutes": 30})).await;
    let listed = live.part(&session, "one-time-links").await;
    assert_eq!(listed["data"][0], second);
    assert_eq!(listed["data"][1]["status"], "revoked");
    assert_eq!(listed["data"][1]["capture_url"], Value::Null);
    dead(&start(&nobody, token(&first["capture_url"])).await);
    // A shorter link does not shorten the session's life.
    assert_eq!(
        live.look(&session).await["token_expires_at"],
        first["expires_at"]
    );

    live.act(&session, "resume").await.ok(200);
    assert_eq!(statuses(&live, &session).await, ["revoked", "revoked"]);
    dead(&start(&nobody, token(&second["capture_url"])).await);

    let third = generate(&live, &session, json!({})).await;
    live.act(&session, "expire").await.ok(200);
    dead(&start(&nobody, token(&third["capture_url"])).await);
    // A link for an expired session opens it again.
    let fourth = generate(&live, &session, json!({"expires_in_minutes": 60})).await;
    assert_eq!(live.look(&session).await["status"], "pending");
    assert_eq!(
        live.look(&session).await["token_expires_at"],
        fourth["expires_at"]
    );
    start(&nobody, token(&fourth["capture_url"])).await.ok(200);
    let fifth = generate(&live, &session, json!({})).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    dead(&start(&nobody, token(&fifth["capture_url"])).await);
    let ended = ["revoked", "consumed", "revoked", "revoked", "revoked"];
    assert_eq!(statuses(&live, &session).await, ended);
    let kept = "token_hash IS NOT NULL OR sealed_token IS NOT NULL";
    let database = &server.installation.database;
    assert_eq!(database.count("one_time_links", kept).await, 0);
    let refused = live
        .act(&session, "generate-one-time-link")
        .json(json!({}))
        .await;
    refused.refused(400, "bad_request");
}

/// A link that opens a judged session again asks for what was judged once, as a resume does.
#[tokio::test]
async fn a_link_to_a_judged_session_asks_again() {
    let (server, live) = server_and_live().await;
    let (session, _) = crate::cases::under_review(&live).await;
    live.act(&session, "expire").await.ok(200);
    generate(&live, &session, json!({})).await;
    assert_eq!(live.look(&session).await["status"], "pending");
    let event = "session.resubmission-required";
    assert_eq!(crate::cases::told(&server, &session, event).await, 1);
    let resumed = "type = 'session.resumed'";
    let database = &server.installation.database;
    assert_eq!(database.count("audit_events", resumed).await, 1);
}

#[tokio::test]
async fn a_link_runs_out_by_the_clock() {
    let (server, live) = server_and_live().await;
    let session = live.session(json!({"expires_in_minutes": 600})).await;
    let link = generate(&live, &session, json!({"expires_in_minutes": 5})).await;
    let change = "UPDATE one_time_links SET expires_at = created_at + 1";
    assert_eq!(server.installation.database.change(change).await, 1);
    assert_eq!(statuses(&live, &session).await, ["expired"]);
    dead(&start(&server.anonymous(), token(&link["capture_url"])).await);
    assert_eq!(live.look(&session).await["status"], "pending");
    generate(&live, &session, json!({})).await;
    assert_eq!(statuses(&live, &session).await, ["active", "expired"]);
}

#[tokio::test]
async fn links_have_rules() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    for minutes in [json!(0), json!(10_081), json!(-1), json!("60")] {
        let call = live.act(&session, "generate-one-time-link");
        call.json(json!({"expires_in_minutes": minutes}))
            .await
            .invalid_field("expires_in_minutes");
    }
    let qr = live.post(&format!(
        "{SESSIONS}/{session}/generate-one-time-link?include=qr"
    ));
    let link = qr.json(json!({"expires_in_minutes": 10_080})).await.ok(200);
    let picture = link["qr_code_data_url"].as_str().unwrap();
    assert!(picture.starts_with("data:image/png;base64,"));
    let listed = live
        .get(&format!("{SESSIONS}/{session}/one-time-links?include=qr"))
        .await
        .ok(200);
    assert_eq!(listed["data"][0]["qr_code_data_url"], *picture);
    assert_eq!(
        live.part(&session, "one-time-links").await["data"][0]["qr_code_data_url"],
        Value::Null
    );
    for (part, unknown) in [
        ("one-time-links", unknown_id("ses_")),
        ("one-time-links", "x".into()),
    ] {
        live.get(&format!("{SESSIONS}/{unknown}/{part}"))
            .await
            .refused(404, "not_found");
        let call = live
            .act(&unknown, "generate-one-time-link")
            .json(json!({"expires_in_minutes": 0}));
        call.await.refused(404, "not_found");
    }
    let workflow = live.workflow(json!([{"policy": "auto_approve"}])).await;
    let done = live.session(json!({"workflow_id": workflow})).await;
    generate(&live, &done, json!({})).await;
    live.run_until(&done, "completed").await;
    assert_eq!(statuses(&live, &done).await, ["revoked"]);
    live.act(&done, "generate-one-time-link")
        .json(json!({}))
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn of_many_who_press_start_with_one_link_one_gets_in() {
    let (server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let link = generate(&live, &session, json!({})).await;
    let nobody = server.anonymous();
    let calls = (0..8).map(|_| {
        let call = start(&nobody, token(&link["capture_url"]));
        tokio::spawn(async move { call.await.status })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 400, 400, 400, 400, 400, 400, 400]);
    assert_eq!(statuses(&live, &session).await, ["consumed"]);
}

#[tokio::test]
async fn a_repeated_call_makes_no_second_link() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let call = || {
        live.act(&session, "generate-one-time-link")
            .json(json!({}))
            .idempotent("one")
    };
    let first = call().await;
    let again = call().await;
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(statuses(&live, &session).await, ["active"]);
}

#[tokio::test]
async fn a_client_token_is_exchanged_once() {
    let (server, live) = server_and_live().await;
    let nobody = server.anonymous();
    let session = live.session(json!({})).await;
    let made = live.act(&session, "client-token").await.ok(200);
    assert_fields(&made, "client_token embed_url expires_at");
    let client_token = made["client_token"].as_str().unwrap();
    assert_eq!(token(&made["embed_url"]), client_token);
    assert_time(&made["expires_at"]);
    let started = start(&nobody, client_token).await.ok(200);
    assert_eq!(started["session_id"], session);
    assert_eq!(
        started["capture_url"],
        live.look(&session).await["capture_url"]
    );
    dead(&start(&nobody, client_token).await);
    // While capturing too; several may be open at once.
    let second = live.act(&session, "client-token").await.ok(200);
    let third = live.act(&session, "client-token").await.ok(200);
    start(&nobody, token(&third["embed_url"])).await.ok(200);
    live.act(&session, "expire").await.ok(200);
    dead(&start(&nobody, token(&second["embed_url"])).await);
    let database = &server.installation.database;
    assert_eq!(database.count("client_tokens", "1 = 1").await, 0);
    live.act(&session, "client-token")
        .await
        .refused(400, "bad_request");
    live.act(&unknown_id("ses_"), "client-token")
        .await
        .refused(404, "not_found");

    let late = live.session(json!({})).await;
    let made = live.act(&late, "client-token").await.ok(200);
    let change = "UPDATE client_tokens SET expires_at = 1";
    assert_eq!(database.change(change).await, 1);
    dead(&start(&nobody, token(&made["embed_url"])).await);
}

#[tokio::test]
async fn start_says_nothing_of_tokens_that_open_nothing() {
    let (server, live) = server_and_live().await;
    let nobody = server.anonymous();
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let own = live.look(&session).await["capture_url"].clone();
    live.run_until(&session, "awaiting_external").await;
    for unknown in [
        token(&own),
        "tok_",
        "x",
        "tok_00000000000000000000000000000000",
        session.as_str(),
    ] {
        dead(&start(&nobody, unknown).await);
    }
    // The log and the trail know the route, never the token.
    let log = server.installation.log();
    assert!(!log.contains(token(&own)), "the log holds a capture token");
    let paths = "SELECT request_path FROM audit_events WHERE request_path IS NOT NULL";
    for path in server.installation.database.texts(paths).await {
        assert!(!path.contains("tok_"), "{path}");
    }
}
