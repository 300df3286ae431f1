//! Webhook endpoints over HTTP: made, looked at, changed, rotated, cloned, deleted.

use serde_json::{Value, json};
use verifa_testkit::{Answer, Client};

use crate::support::{assert_fields, assert_id, assert_time, ids, server_and_live, unknown_id};

pub(crate) const ENDPOINTS: &str = "/api/v1/webhooks/endpoints";
const URL: &str = "https://receiver.invalid/verifa";
const FIELDS: &str = "id url label description environment enabled disabled_reason enabled_events \
    secret former_secret_until public_key attribute_blocklist event_filter_conditions \
    api_version key_inflection created_at updated_at";

async fn create(client: &Client, body: Value) -> Answer {
    client.post(ENDPOINTS).json(body).await
}

async fn made(client: &Client) -> Value {
    create(client, json!({"url": URL})).await.ok(201)
}

fn path(endpoint: &Value) -> String {
    format!("{ENDPOINTS}/{}", endpoint["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_secret_is_shown_once_in_live_and_always_in_the_sandbox() {
    let (server, live) = server_and_live().await;
    let new = made(&live).await;
    assert_fields(&new, FIELDS);
    assert_id(&new["id"], "webhook_");
    assert_time(&new["created_at"]);
    assert_eq!(new["environment"], "live");
    assert_eq!(new["enabled"], true);
    assert_eq!(new["enabled_events"], json!([]));
    assert!(new["public_key"].as_str().unwrap().starts_with("whpk_"));
    let secret = new["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() > 40);
    let mut known = live.get(&path(&new)).await.ok(200);
    assert_eq!(known["secret"], Value::Null);
    known["secret"] = new["secret"].clone();
    assert_eq!(known, new);
    let listed = live.get(ENDPOINTS).await.ok(200);
    assert_eq!(listed["data"][0]["secret"], Value::Null);

    let sandbox = server.sandbox();
    let new = made(&sandbox).await;
    assert_eq!(new["environment"], "sandbox");
    assert_eq!(sandbox.get(&path(&new)).await.ok(200), new);
    let listed = sandbox.get(ENDPOINTS).await.ok(200);
    assert_eq!(listed["data"], json!([new]));
    for file in server.installation.data_directory().read_dir().unwrap() {
        // The database's files; directories hold no secrets of endpoints.
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "a secret lies in the clear");
    }
}

#[tokio::test]
async fn what_is_not_named_stays_and_null_is_the_default() {
    let (_server, live) = server_and_live().await;
    let all = json!({
        "url": URL, "label": "Shop", "description": "Orders", "enabled": false,
        "enabled_events": ["session.approved", "case.created", "session.approved"],
        "attribute_blocklist": ["result.extracted_data.ssn"],
        "event_filter_conditions": {"all": [{"field": "status", "op": "==", "value": "approved"}]},
        "api_version": "2026-02-01", "key_inflection": "camel",
    });
    let new = create(&live, all.clone()).await.ok(201);
    for field in [
        "url",
        "label",
        "description",
        "enabled",
        "attribute_blocklist",
        "event_filter_conditions",
        "key_inflection",
    ] {
        assert_eq!(new[field], all[field], "{field}");
    }
    assert_eq!(
        new["enabled_events"],
        json!(["session.approved", "case.created"])
    );
    assert_eq!(new["api_version"], "2026-01-01");
    let same = live.patch(&path(&new)).json(json!({})).await.ok(200);
    assert_eq!(same["label"], "Shop");
    assert_eq!(same["enabled"], false);
    let changes = json!({"label": null, "description": null, "enabled": true,
        "enabled_events": null, "attribute_blocklist": null, "event_filter_conditions": null,
        "api_version": null, "key_inflection": null, "url": "https://other.invalid/"});
    let plain = live.patch(&path(&new)).json(changes).await.ok(200);
    assert_eq!(plain["url"], "https://other.invalid/");
    assert_eq!(plain["enabled"], true);
    for field in [
        "label",
        "description",
        "event_filter_conditions",
        "api_version",
        "key_inflection",
    ] {
        assert_eq!(plain[field], Value::Null, "{field}");
    }
    assert_eq!(plain["enabled_events"], json!([]));
    assert_eq!(plain["attribute_blocklist"], json!([]));
    assert_eq!(live.get(&path(&new)).await.ok(200), plain);
}

#[tokio::test]
async fn urls_that_lead_inside_are_refused() {
    let (_server, live) = server_and_live().await;
    let known = made(&live).await;
    let long = format!("https://receiver.invalid/{}", "a".repeat(2_100));
    for url in [
        "http://receiver.invalid/",
        "ftp://receiver.invalid/",
        "receiver.invalid",
        "https://",
        "https://user@receiver.invalid/",
        "https://user:password@receiver.invalid/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.0.0.7/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        long.as_str(),
        "",
    ] {
        create(&live, json!({"url": url}))
            .await
            .invalid_field("url");
        let patch = live.patch(&path(&known)).json(json!({"url": url})).await;
        patch.invalid_field("url");
    }
    assert_eq!(live.get(&path(&known)).await.ok(200)["url"], URL);
}

#[tokio::test]
async fn each_offence_is_named() {
    let (_server, live) = server_and_live().await;
    let paths: Vec<String> = (0..101).map(|n| format!("a{n}")).collect();
    for (field, value) in [
        ("url", json!(null)),
        ("url", json!(7)),
        ("label", json!("x".repeat(256))),
        ("label", json!("")),
        ("label", json!(1)),
        ("description", json!("x".repeat(2_001))),
        ("enabled", json!(null)),
        ("enabled", json!("yes")),
        ("enabled_events", json!("session.created")),
        (
            "enabled_events[1]",
            json!(["session.created", "session.made"]),
        ),
        ("enabled_events[0]", json!(["session.*"])),
        ("attribute_blocklist", json!(paths)),
        ("attribute_blocklist[0]", json!(["a..b"])),
        ("attribute_blocklist[0]", json!(["idempotency_key"])),
        ("event_filter_conditions", json!([])),
        (
            "event_filter_conditions.op",
            json!({"field": "status", "op": "like", "value": "a"}),
        ),
        ("api_version", json!("2025-12-31")),
        ("api_version", json!("2999-01-01")),
        ("api_version", json!("latest")),
        ("key_inflection", json!("shout")),
    ] {
        let (name, _) = field.split_once(['[', '.']).unwrap_or((field, ""));
        let mut body = json!({"url": URL});
        body[name] = value;
        create(&live, body).await.invalid_field(field);
    }
    create(&live, json!({})).await.invalid_field("url");
    let page = live.get(ENDPOINTS).await.ok(200);
    assert_eq!(page["data"], json!([]));
}

#[tokio::test]
async fn bodies_come_and_go_in_any_casing() {
    let (_server, live) = server_and_live().await;
    let body = json!({"data": {"attributes": {"url": URL, "enabledEvents": ["session.created"],
        "key-inflection": "kebab",
        "eventFilterConditions": {"field": "external_ref", "op": "exists"}}}});
    let new = live
        .post(ENDPOINTS)
        .header("key-inflection", "camel")
        .json(body)
        .await
        .ok(201);
    assert_eq!(new["enabledEvents"], json!(["session.created"]));
    assert_eq!(new["keyInflection"], "kebab");
    assert_eq!(new["eventFilterConditions"]["field"], "external_ref");
    assert!(new["formerSecretUntil"].is_null() && new["publicKey"].is_string());
}

#[tokio::test]
async fn a_repeated_creation_makes_one_endpoint_and_shows_its_secret_again() {
    let (_server, live) = server_and_live().await;
    let send = |url| {
        live.post(ENDPOINTS)
            .idempotent("make-1")
            .json(json!({"url": url}))
    };
    let first = send(URL).await;
    first.ok(201);
    let again = send(URL).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(live.get(ENDPOINTS).await.ok(200)["pagination"]["total"], 1);
    send("https://other.invalid/")
        .await
        .refused(422, "idempotency_mismatch");
}

#[tokio::test]
async fn a_rotation_draws_a_new_secret_and_may_keep_the_former_for_a_while() {
    let (_server, live) = server_and_live().await;
    let new = made(&live).await;
    let rotate = format!("{}/rotate-secret", path(&new));
    let rotated = live.post(&rotate).await.ok(200);
    assert_fields(&rotated, FIELDS);
    assert_ne!(rotated["secret"], new["secret"]);
    assert_eq!(rotated["former_secret_until"], Value::Null);
    assert_eq!(rotated["public_key"], new["public_key"]);
    let overlapping = live.post(&rotate).json(json!({"overlapHours": 72})).await;
    let overlapping = overlapping.ok(200);
    assert_time(&overlapping["former_secret_until"]);
    for hours in [json!(-1), json!(73), json!(1.5), json!("1")] {
        let refused = live.post(&rotate).json(json!({"overlap_hours": hours}));
        refused.await.invalid_field("overlap_hours");
    }
    let known = live.get(&path(&new)).await.ok(200);
    assert_eq!(known["secret"], Value::Null);
    assert_eq!(
        known["former_secret_until"],
        overlapping["former_secret_until"]
    );
}

#[tokio::test]
async fn a_clone_has_the_settings_and_a_secret_of_its_own() {
    let (_server, live) = server_and_live().await;
    let body = json!({"url": URL, "label": "Shop", "enabled_events": ["case.created"]});
    let new = create(&live, body).await.ok(201);
    let clone = live.post(&format!("{}/clone", path(&new))).await.ok(201);
    for field in ["url", "label", "enabled_events", "enabled"] {
        assert_eq!(clone[field], new[field], "{field}");
    }
    for field in ["id", "secret", "public_key"] {
        assert_ne!(clone[field], new[field], "{field}");
    }
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_for_every_call() {
    let (_server, live) = server_and_live().await;
    let new = made(&live).await;
    let path = path(&new);
    let gone = live.delete(&path).await.ok(200);
    assert_eq!(gone, json!({"id": new["id"], "deleted": true}));
    let unknown = format!("{ENDPOINTS}/{}", unknown_id("webhook_"));
    for path in [
        path,
        unknown,
        format!("{ENDPOINTS}/ses_01k0000000000000000000000z"),
    ] {
        live.get(&path).await.refused(404, "not_found");
        // Before what is wrong with the body.
        let patch = live.patch(&path).json(json!({"label": 1})).await;
        patch.refused(404, "not_found");
        live.delete(&path).await.refused(404, "not_found");
        for (call, body) in [
            ("test", json!({})),
            ("rotate-secret", json!({"overlap_hours": 99})),
            ("clone", json!({})),
            ("recover", json!({"since": 1})),
        ] {
            let call = format!("{path}/{call}");
            live.post(&call).json(body).await.refused(404, "not_found");
        }
        let deliveries = format!("{path}/deliveries?status=odd");
        live.get(&deliveries).await.refused(404, "not_found");
    }
    assert_eq!(live.get(ENDPOINTS).await.ok(200)["data"], json!([]));
}

#[tokio::test]
async fn pages_are_newest_first_and_an_environment_has_fifty_at_most() {
    let (server, live) = server_and_live().await;
    let mut known = Vec::new();
    for _ in 0..50 {
        known.insert(0, made(&live).await["id"].as_str().unwrap().to_owned());
    }
    let full = create(&live, json!({"url": URL})).await;
    full.refused(409, "conflict");
    let clone = format!("{ENDPOINTS}/{}/clone", known[0]);
    live.post(&clone).await.refused(409, "conflict");
    // The other environment has room of its own.
    made(&server.sandbox()).await;
    let page = live.get(ENDPOINTS).await.ok(200);
    assert_eq!(ids(&page), known[..25]);
    assert_eq!(
        page["pagination"],
        json!({"total": 50, "limit": 25, "offset": 0})
    );
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = vec![("page[size]", "20")];
        if !cursor.is_empty() {
            query.push(("page[after]", cursor.as_str()));
        }
        let page = live.get(ENDPOINTS).query(&query).await.ok(200);
        seen.extend(ids(&page));
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, known);
}

#[tokio::test]
async fn every_event_is_listed() {
    let (_server, live) = server_and_live().await;
    let types = live.get(&format!("{ENDPOINTS}/event-types")).await.ok(200);
    let types = types["data"].as_array().unwrap();
    let names: Vec<_> = types
        .iter()
        .map(|one| one["event"].as_str().unwrap())
        .collect();
    // spec/resources.md, "Webhooks".
    for name in [
        "session.created",
        "session.requires-review",
        "session.resubmission-required",
        "session.retention-expired",
        "screening.completed",
        "check.monitoring.new_hits",
        "screening.monitoring.new_hits",
        "identity.tag-removed",
        "case.escalated",
        "document.extracted",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    assert_eq!(names.len(), 29);
    let body = json!({"url": URL, "enabled_events": names});
    create(&live, body).await.ok(201);
}
