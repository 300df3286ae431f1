//! What was sent, over HTTP: lists by endpoint and by session, bodies as they went out, test,
//! retry and recover.

use serde_json::{Value, json};
use verifa_testkit::{Client, Options, Scripted, TestServer, WebhookReceiver, eventually};

use crate::support::{SESSIONS, VERIFA, assert_fields, assert_id, assert_time, ids, unknown_id};
use crate::webhook_endpoints::ENDPOINTS;

const FIELDS: &str = "id endpoint_id event session_id idempotency_key status attempts \
    next_attempt_at payload created_at";

/// A server whose webhooks may go to the loopback.
async fn server() -> TestServer {
    let options = Options::default().set("VERIFA_WEBHOOKS__ALLOWED_HOSTS", "127.0.0.1");
    TestServer::start(VERIFA, &options).await
}

/// Makes an endpoint; the path of its calls.
async fn endpoint(client: &Client, body: Value) -> String {
    let made = client.post(ENDPOINTS).json(body).await.ok(201);
    format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap())
}

/// The deliveries of a path, once there are `count` of which none is pending.
async fn settled(client: &Client, path: &str, count: usize) -> Value {
    eventually(&format!("{count} deliveries are settled"), async || {
        let page = client.get(path).await.ok(200);
        let data = page["data"].as_array().unwrap();
        let is_settled = data.iter().all(|delivery| delivery["status"] != "pending");
        (data.len() >= count && is_settled).then_some(page)
    })
    .await
}

#[tokio::test]
async fn deliveries_are_listed_by_endpoint_and_by_session() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::scripted(|_| Scripted::Text(201, "thanks".to_owned())).await;
    let path = endpoint(&live, json!({"url": receiver.url("/a")})).await;
    let other = endpoint(&live, json!({"url": receiver.url("/b")})).await;
    let session = live.session(json!({"external_ref": "customer-1"})).await;
    live.session(json!({})).await;
    live.act(&session, "expire").await.ok(200);
    let deliveries = format!("{path}/deliveries");
    let page = settled(&live, &deliveries, 3).await;
    assert_eq!(
        page["pagination"],
        json!({"total": 3, "limit": 50, "offset": 0})
    );
    // Newest first.
    let newest = &page["data"][0];
    assert_fields(newest, FIELDS);
    assert_id(&newest["id"], "dlv_");
    assert_id(&newest["idempotency_key"], "idk_");
    assert_time(&newest["created_at"]);
    assert_eq!(newest["event"], "session.expired");
    assert_eq!(newest["session_id"], session.as_str());
    assert_eq!(newest["status"], "succeeded");
    assert_eq!(newest["next_attempt_at"], Value::Null);
    let tries = newest["attempts"].as_array().unwrap();
    assert_eq!(tries.len(), 1);
    assert_fields(
        &tries[0],
        "at http_status duration_ms error response_excerpt",
    );
    assert_eq!(tries[0]["http_status"], 201);
    assert_eq!(tries[0]["error"], Value::Null);
    assert_eq!(tries[0]["response_excerpt"], "thanks");
    assert_eq!(newest["payload"]["event"], "session.expired");
    assert_eq!(newest["payload"]["external_ref"], "customer-1");
    assert_eq!(
        newest["payload"]["idempotency_key"],
        newest["idempotency_key"]
    );

    let of_session = format!("{SESSIONS}/{session}/webhook-deliveries");
    let page = settled(&live, &of_session, 4).await;
    assert_eq!(page["pagination"]["total"], 4);
    let events: Vec<_> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["event"])
        .collect();
    assert_eq!(
        events
            .iter()
            .filter(|event| **event == "session.created")
            .count(),
        2
    );
    // The scope for sessions is enough for these, and for no other.
    let reader = server.installation.create_key("live", "sessions:read");
    let reader = server.anonymous().key(&reader);
    assert_eq!(ids(&reader.get(&of_session).await.ok(200)), ids(&page));
    reader.get(&deliveries).await.refused(403, "forbidden");
    let unknown = format!("{SESSIONS}/{}/webhook-deliveries", unknown_id("ses_"));
    live.get(&unknown).await.refused(404, "not_found");
    server
        .sandbox()
        .get(&of_session)
        .await
        .refused(404, "not_found");

    // What went to an endpoint that is gone stays in the session's list, without the body.
    live.delete(&other).await.ok(200);
    let page = live.get(&of_session).await.ok(200);
    let payloads = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["payload"]);
    assert_eq!(payloads.filter(|payload| payload.is_null()).count(), 2);
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let path = endpoint(&live, json!({"url": receiver.url("/")})).await;
    let deliveries = format!("{path}/deliveries");
    for _ in 0..30 {
        let session = live.session(json!({})).await;
        live.act(&session, "expire").await.ok(200);
    }
    let all = settled(&live, &format!("{deliveries}?limit=100"), 60).await;
    let known = ids(&all);
    assert_eq!(known.len(), 60);
    assert_eq!(ids(&live.get(&deliveries).await.ok(200)), known[..50]);
    // More than are read at a time, each with its own tries and body.
    for delivery in all["data"].as_array().unwrap() {
        assert_eq!(delivery["payload"]["session_id"], delivery["session_id"]);
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 1);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = vec![("page[size]", "25")];
        if !cursor.is_empty() {
            query.push(("page[after]", cursor.as_str()));
        }
        let page = live.get(&deliveries).query(&query).await.ok(200);
        seen.extend(ids(&page));
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, known);
    let count = async |query: &[(&str, &str)]| {
        let page = live.get(&deliveries).query(query).await.ok(200);
        page["pagination"]["total"].as_i64().unwrap()
    };
    assert_eq!(count(&[("event_type", "session.expired")]).await, 30);
    assert_eq!(count(&[("status", "succeeded")]).await, 60);
    assert_eq!(count(&[("status", "failed")]).await, 0);
    let middle = all["data"][29]["created_at"].as_str().unwrap();
    let from = count(&[("date_from", middle)]).await;
    let to = count(&[("date_to", middle)]).await;
    // Both bounds include the millisecond that is shown, in which several may fall.
    let shown = |keep: fn(&str, &str) -> bool| {
        let all = all["data"].as_array().unwrap();
        let matching = all
            .iter()
            .filter(|one| keep(one["created_at"].as_str().unwrap(), middle));
        i64::try_from(matching.count()).unwrap()
    };
    assert_eq!(from, shown(|at, bound| at >= bound));
    assert_eq!(to, shown(|at, bound| at <= bound));
    assert_eq!(count(&[("date_from", "2099-01-01T00:00:00Z")]).await, 0);
    for (name, value) in [
        ("event_type", "session.made"),
        ("status", "sent"),
        ("date_from", "yesterday"),
        ("date_to", "1"),
        ("limit", "101"),
    ] {
        let answer = live.get(&deliveries).query(&[(name, value)]).await;
        answer.invalid_field(name);
    }
}

#[tokio::test]
async fn a_body_is_shown_as_it_is_sent_to_that_endpoint() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let path = endpoint(
        &live,
        json!({"url": receiver.url("/"), "key_inflection": "kebab",
            "attribute_blocklist": ["external_ref"], "enabled_events": ["session.created"]}),
    )
    .await;
    let session = live.session(json!({"external_ref": "customer-1"})).await;
    live.act(&session, "expire").await.ok(200);
    let page = settled(&live, &format!("{path}/deliveries"), 1).await;
    let sent = receiver.received();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].json(), page["data"][0]["payload"]);
    let payload = &page["data"][0]["payload"];
    assert_eq!(payload["session-id"], session.as_str());
    assert!(payload.get("external-ref").is_none());
    // The caller's own casing changes the delivery and not the body.
    let camel = live
        .get(&format!("{path}/deliveries"))
        .header("key-inflection", "camel")
        .await
        .ok(200);
    assert_eq!(camel["data"][0]["payload"], *payload);
    assert!(camel["data"][0]["idempotencyKey"].is_string());
}

#[tokio::test]
async fn a_redaction_takes_answers_of_receivers_too() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::scripted(|received| {
        Scripted::Text(200, format!("got {}", received.json()["external_ref"]))
    })
    .await;
    let path = endpoint(&live, json!({"url": receiver.url("/")})).await;
    let session = live.session(json!({"external_ref": "customer-1"})).await;
    let deliveries = format!("{path}/deliveries");
    let page = settled(&live, &deliveries, 1).await;
    let excerpt = &page["data"][0]["attempts"][0]["response_excerpt"];
    assert_eq!(excerpt, "got \"customer-1\"");
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let page = settled(&live, &deliveries, 3).await;
    let created = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["event"] == "session.created")
        .unwrap();
    assert_eq!(created["attempts"][0]["response_excerpt"], Value::Null);
    assert_eq!(created["payload"]["session_id"], session.as_str());
}

/// The kept answer of a retry shows the body that was sent again: it ends with the person's data.
#[tokio::test]
async fn a_redaction_takes_the_kept_answer_of_a_retry_too() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let path = endpoint(&live, json!({"url": receiver.url("/")})).await;
    let session = live.session(json!({"external_ref": "customer-1"})).await;
    let page = settled(&live, &format!("{path}/deliveries"), 1).await;
    let delivery = page["data"][0]["id"].as_str().unwrap();
    let retry = format!("/api/v1/webhooks/deliveries/{delivery}/retry");
    let retry = || live.post(&retry).idempotent("again");
    let first = retry().await;
    assert_eq!(first.ok(202)["payload"]["external_ref"], "customer-1");
    assert_eq!(retry().await.bytes, first.bytes);
    let data = format!("{SESSIONS}/{session}/data");
    live.delete(&data).await.ok(200);
    retry().await.refused(410, "gone");
}

#[tokio::test]
async fn a_test_tells_what_the_receiver_said() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let body = json!({"url": receiver.url("/x"), "enabled": false});
    let path = endpoint(&live, body).await;
    let test = format!("{path}/test");
    let told = live.post(&test).await.ok(200);
    let wanted = json!({"success": true, "http_status": 200, "error": null,
        "url": receiver.url("/x")});
    assert_eq!(told, wanted);
    let sent = receiver.received();
    assert_eq!(sent[0].json()["event"], "webhook.test");
    assert!(sent[0].header("x-verifa-signature").starts_with("t="));
    receiver.answer(|_| Scripted::Status(418));
    let told = live.post(&test).await.ok(200);
    assert_eq!(told["success"], false);
    assert_eq!(told["http_status"], 418);
    assert_eq!(told["error"], "http_status");
    let page = live.get(&format!("{path}/deliveries")).await.ok(200);
    assert_eq!(page["data"], json!([]));
}

#[tokio::test]
async fn a_retry_and_a_recovery_are_accepted_and_told() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let path = endpoint(&live, json!({"url": receiver.url("/")})).await;
    let before = live.get(&path).await.ok(200)["created_at"].clone();
    live.session(json!({})).await;
    let deliveries = format!("{path}/deliveries");
    let page = settled(&live, &deliveries, 1).await;
    let id = page["data"][0]["id"].as_str().unwrap();
    let retry = format!("/api/v1/webhooks/deliveries/{id}/retry");
    let again = live.post(&retry).await.ok(202);
    assert_fields(&again, FIELDS);
    assert_eq!(again["id"], id);
    assert_eq!(again["status"], "pending");
    assert_eq!(again["attempts"].as_array().unwrap().len(), 1);
    eventually("it was tried twice", async || {
        let page = live.get(&deliveries).await.ok(200);
        let tries = page["data"][0]["attempts"].as_array().unwrap().len();
        (tries == 2 && page["data"][0]["status"] == "succeeded").then_some(())
    })
    .await;
    let unknown = unknown_id("dlv_");
    let retry = format!("/api/v1/webhooks/deliveries/{unknown}/retry");
    live.post(&retry).await.refused(404, "not_found");

    live.patch(&path)
        .json(json!({"enabled": false}))
        .await
        .ok(200);
    let recover = format!("{path}/recover");
    let since = json!({"since": before});
    let missed = live.session(json!({})).await;
    crate::webhook_feed::read_all(&live, 2).await;
    let recovered = live.post(&recover).json(since.clone()).await.ok(202);
    assert_fields(&recovered, "id queued is_complete next_after");
    assert_eq!(recovered["queued"], 1);
    assert_eq!(recovered["is_complete"], true);
    assert_eq!(recovered["next_after"], Value::Null);
    let page = live.get(&deliveries).await.ok(200);
    assert_eq!(page["data"][0]["status"], "pending", "it is disabled still");
    live.patch(&path)
        .json(json!({"enabled": true}))
        .await
        .ok(200);
    let again = live.post(&recover).json(since).await.ok(202);
    assert_eq!(again["queued"], 0);
    let page = settled(&live, &deliveries, 2).await;
    assert_eq!(page["data"][0]["session_id"], missed.as_str());
    for body in [json!({}), json!({"since": 1}), json!({"since": "soon"})] {
        live.post(&recover).json(body).await.invalid_field("since");
    }
    for after in [json!(-1), json!("latest")] {
        let body = json!({"since": before, "after": after});
        live.post(&recover).json(body).await.invalid_field("after");
    }
}
