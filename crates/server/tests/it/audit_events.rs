//! The audit trail over the API: what it shows, how it is filtered, and its signed checkpoints.

use serde_json::{Value, json};
use verifa_testkit::{Client, eventually};

use crate::support::{
    SESSIONS, assert_fields, assert_id, assert_time, ids, paused_session, server, server_and_live,
};

const EVENTS: &str = "/api/v1/events";

async fn filtered(client: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let page = client.get(EVENTS).query(query).await.ok(200);
    let data = page["data"].as_array().unwrap();
    let types = data.iter().map(|event| event["type"].as_str().unwrap());
    types.map(str::to_owned).collect()
}

/// The newest events once the sealer has numbered them all.
async fn sealed(client: &Client) -> Value {
    eventually("the trail is sealed", async || {
        let page = client.get(EVENTS).await.ok(200);
        let data = page["data"].as_array().unwrap();
        let all = data.iter().all(|event| event["seq"].is_number());
        all.then(|| page.clone())
    })
    .await
}

#[tokio::test]
async fn an_event_has_its_documented_fields() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"external_ref": "customer-4711"})).await;
    let page = sealed(&live).await;
    assert_eq!(page["pagination"]["limit"], 50);
    let event = &page["data"][0];
    assert_fields(
        event,
        "id type created_at resource_type resource_id actor metadata ip_address request_method
         request_path seq hash",
    );
    assert_id(&event["id"], "aud_");
    assert_id(&event["actor"], "key_");
    assert_time(&event["created_at"]);
    assert_eq!(event["type"], "session.created");
    assert_eq!(event["resource_type"], "session");
    assert_eq!(event["resource_id"], json!(session));
    assert_eq!(event["ip_address"], "127.0.0.1");
    assert_eq!(event["request_method"], "POST");
    assert_eq!(event["request_path"], SESSIONS);
    assert_eq!(event["hash"].as_str().unwrap().len(), 64);
    assert!(!page.to_string().contains("customer-4711"));
}

#[tokio::test]
async fn the_list_is_filtered_and_paged() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    live.session(json!({})).await;
    let of_session = filtered(&live, &[("resource_id", &session)]).await;
    assert_eq!(
        of_session.last().map(String::as_str),
        Some("session.created")
    );
    assert!(of_session.len() >= 4, "{of_session:?}");
    assert_eq!(
        filtered(&live, &[("action", "session.created")])
            .await
            .len(),
        2
    );
    assert!(
        filtered(&live, &[("resource_type", "workflow")])
            .await
            .iter()
            .all(|kind| kind.starts_with("workflow."))
    );
    assert_eq!(
        filtered(&live, &[("q", "session.creat")]).await,
        ["session.created"; 2]
    );
    assert!(filtered(&live, &[("q", &session[..20])]).await.len() > 1);
    assert_eq!(filtered(&live, &[("q", "%")]).await, [""; 0]);
    assert_eq!(
        filtered(&live, &[("created_before", "2020-01-01T00:00:00Z")]).await,
        [""; 0]
    );
    assert!(
        !filtered(&live, &[("created_after", "2020-01-01T00:00:00Z")])
            .await
            .is_empty()
    );
    let all = live.get(EVENTS).query(&[("limit", "100")]).await.ok(200);
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = live
            .get(EVENTS)
            .query(&[("page[size]", "3"), ("page[after]", &cursor)])
            .await
            .ok(200);
        walked.extend(ids(&page));
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(walked, ids(&all));
    let total = all["pagination"]["total"].as_u64();
    assert_eq!(total, Some(walked.len() as u64));
    live.get(EVENTS)
        .query(&[("created_after", "yesterday")])
        .await
        .invalid_field("created_after");
    // The other environment has a trail of its own.
    let sandbox = server.sandbox().get(EVENTS).await.ok(200);
    assert!(!sandbox.to_string().contains(&session));
}

#[tokio::test]
async fn addresses_die_with_the_sessions_key_and_the_rest_stays() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let page = live
        .get(EVENTS)
        .query(&[("resource_id", &session)])
        .await
        .ok(200);
    let created = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["type"] == "session.created")
        .unwrap();
    assert_eq!(created["ip_address"], Value::Null);
    assert_id(&created["actor"], "key_");
}

/// The signature by ten lines of our own: `openssl` could do it as well.
#[tokio::test]
async fn the_checkpoint_is_signed_over_the_bytes_that_the_reference_names() {
    let server = server().await;
    let live = server.live();
    live.session(json!({})).await;
    let newest = sealed(&live).await["data"][0].clone();
    let checkpoint = live.get(&format!("{EVENTS}/checkpoint")).await.ok(200);
    assert_fields(
        &checkpoint,
        "sequence hash signed_at signed_at_micros algorithm signature public_key",
    );
    assert_eq!(checkpoint["algorithm"], "ed25519");
    assert!(checkpoint["sequence"].as_i64() >= newest["seq"].as_i64());
    let bytes = |name: &str| hex::decode(checkpoint[name].as_str().unwrap()).unwrap();
    let mut signed = b"verifa/1/audit-checkpoint\0".to_vec();
    signed.extend(checkpoint["sequence"].as_u64().unwrap().to_be_bytes());
    signed.extend(bytes("hash"));
    let micros = checkpoint["signed_at_micros"].as_i64().unwrap();
    signed.extend(micros.to_be_bytes());
    let key: [u8; 32] = bytes("public_key").try_into().unwrap();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&bytes("signature")).unwrap();
    key.verify_strict(&signed, &signature).unwrap();
    signed[30] ^= 1;
    assert!(key.verify_strict(&signed, &signature).is_err());
}

#[tokio::test]
async fn the_chain_is_exported_whole() {
    let (server, live) = server_and_live().await;
    live.session(json!({})).await;
    sealed(&live).await;
    let ran = server.installation.run(&["audit", "export"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["kind"], "key");
    let events: Vec<_> = lines
        .iter()
        .filter(|line| line["kind"] == "event")
        .collect();
    for (position, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], json!(position + 1));
        assert!(event["hash"].is_string());
    }
    let last = lines.last().unwrap();
    assert_eq!(last["kind"], "checkpoint");
    assert_eq!(last["sequence"], events.last().unwrap()["seq"]);
    assert_eq!(last["hash"], events.last().unwrap()["hash"]);
    let later = server
        .installation
        .run(&["audit", "export", "--after", "2"]);
    let first = later.stdout.lines().nth(1).unwrap();
    let first: Value = serde_json::from_str(first).unwrap();
    assert_eq!(first["seq"], 3);
    // The address is in it as it is stored: sealed.
    assert!(!ran.stdout.contains("127.0.0.1"));
}
