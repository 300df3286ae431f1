//! The feed of events: every event once, in order, without gaps.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use verifa_testkit::{Client, TestServer, eventually};

use crate::support::{SESSIONS, assert_id, assert_time, server_and_live};

pub(crate) const FEED: &str = "/api/v1/webhooks/feed";

pub(crate) async fn feed(client: &Client, query: &[(&str, &str)]) -> Value {
    client.get(FEED).query(query).await.ok(200)
}

/// Reads the whole feed until it has `count` events.
pub(crate) async fn read_all(client: &Client, count: usize) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    eventually(&format!("the feed has {count} events"), async || {
        let after = events
            .last()
            .map_or(0, |event| event["seq"].as_i64().unwrap());
        let page = feed(client, &[("after", &after.to_string()), ("limit", "100")]).await;
        events.extend(page["data"].as_array().unwrap().iter().cloned());
        (events.len() >= count).then_some(())
    })
    .await;
    events
}

/// Forgets the event `seq` of an environment, and notes that all up to it are gone, as housekeeping
/// does after 90 days, which no test can wait for. Of what a receiver was sent late, something older
/// may be kept: no reader can go on from there without a gap.
pub(crate) async fn forget(server: &TestServer, environment: &str, seq: i64) {
    let organization = server.installation.printed["organization"].as_str();
    let organization = organization.unwrap();
    let database = &server.installation.database;
    let id = database.literal(organization);
    let forget = format!(
        "DELETE FROM outbox_events WHERE organization_id = {id} AND environment = '{environment}' AND seq = {seq}"
    );
    assert_eq!(database.change(&forget).await, 1);
    let name = format!("forgotten:{organization}:{environment}");
    let note = format!("INSERT INTO sequence_heads (name, seq) VALUES ('{name}', {seq})");
    assert_eq!(database.change(&note).await, 1);
}

fn numbers(events: &[Value]) -> Vec<i64> {
    events
        .iter()
        .map(|event| event["seq"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn events_come_in_order_under_numbers_without_gaps() {
    let (server, live) = server_and_live().await;
    let empty = feed(&live, &[]).await;
    assert_eq!(empty, json!({"data": [], "next_after": 0}));
    let session = live.session(json!({"external_ref": "customer-1"})).await;
    live.act(&session, "expire").await.ok(200);
    let events = read_all(&live, 2).await;
    assert_eq!(numbers(&events), [1, 2]);
    let first = &events[0];
    assert_eq!(first["event"], "session.created");
    assert_eq!(first["session_id"], session.as_str());
    assert_eq!(first["external_ref"], "customer-1");
    assert_eq!(first["is_sandbox"], false);
    assert_id(&first["idempotency_key"], "idk_");
    assert_time(&first["created_at"]);
    assert_eq!(events[1]["event"], "session.expired");

    let page = feed(&live, &[("limit", "1")]).await;
    assert_eq!(page["data"], json!([first]));
    assert_eq!(page["next_after"], 1);
    let page = feed(&live, &[("after", "1")]).await;
    assert_eq!(page["data"], json!([events[1]]));
    let page = feed(&live, &[("after", "2")]).await;
    assert_eq!(page, json!({"data": [], "next_after": 2}));
    let latest = feed(&live, &[("after", "latest")]).await;
    assert_eq!(latest, json!({"data": [], "next_after": 2}));
    // As a reader that outlived a restore: the end is named.
    let ahead = live.get(FEED).query(&[("after", "3")]).await;
    let refusal = ahead.refused(409, "conflict");
    let detail = refusal["detail"].as_str().unwrap();
    assert!(detail.starts_with("The feed ends at 2,"), "{detail}");
    // Each environment has a feed of its own.
    let sandbox = server.sandbox();
    let session = sandbox.session(json!({})).await;
    let events = read_all(&sandbox, 1).await;
    assert_eq!(numbers(&events), [1]);
    assert_eq!(events[0]["session_id"], session.as_str());
    assert_eq!(events[0]["is_sandbox"], true);
}

#[tokio::test]
async fn a_reader_beside_many_writers_sees_each_event_once() {
    const WRITERS: usize = 64;
    const EACH: usize = 3;
    let (_server, live) = server_and_live().await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let live = live.clone();
        writers.spawn(async move {
            let mut made = Vec::new();
            for number in 0..EACH {
                let body = json!({"external_ref": format!("{writer}-{number}")});
                made.push(live.session(body).await);
            }
            made
        });
    }
    // Reads on from where it was, whatever is written meanwhile.
    let mut events: Vec<Value> = Vec::new();
    let mut after = 0;
    eventually("every event was read", async || {
        let query = [("after", after.to_string()), ("limit", "17".to_owned())];
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let page = feed(&live, &query).await;
        events.extend(page["data"].as_array().unwrap().iter().cloned());
        after = page["next_after"].as_i64().unwrap();
        (events.len() >= WRITERS * EACH).then_some(())
    })
    .await;
    let mut made: Vec<String> = writers.join_all().await.into_iter().flatten().collect();
    let wanted: Vec<i64> = (1..).take(WRITERS * EACH).collect();
    assert_eq!(numbers(&events), wanted);
    let mut told: Vec<String> = events
        .iter()
        .map(|event| event["session_id"].as_str().unwrap().to_owned())
        .collect();
    made.sort();
    told.sort();
    assert_eq!(told, made);
}

#[tokio::test]
async fn a_call_that_waits_is_answered_by_the_next_event() {
    let (_server, live) = server_and_live().await;
    live.session(json!({})).await;
    read_all(&live, 1).await;
    let began = Instant::now();
    let none = feed(&live, &[("after", "1"), ("wait", "1")]).await;
    assert_eq!(none, json!({"data": [], "next_after": 1}));
    assert!(began.elapsed() >= Duration::from_millis(950));

    let waiting = {
        let live = live.clone();
        tokio::spawn(async move { feed(&live, &[("after", "1"), ("wait", "25")]).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let began = Instant::now();
    let session = live.session(json!({})).await;
    let page = waiting.await.unwrap();
    assert_eq!(page["data"][0]["session_id"], session.as_str());
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    // With something to tell nobody waits.
    let began = Instant::now();
    feed(&live, &[("after", "0"), ("wait", "25")]).await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_waiting_call_does_not_hold_up_the_servers_end() {
    let (mut server, live) = server_and_live().await;
    let waiting = tokio::spawn(async move {
        let query = [("wait", "25"), ("after", "latest")];
        live.get(FEED).query(&query).may_be_away().attempt().await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    server.terminate().await;
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    let answer = waiting.await.unwrap().expect("an answer before the end");
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let (_server, live) = server_and_live().await;
    for (name, value) in [
        ("after", "-1"),
        ("after", "first"),
        ("after", "99999999999999999999"),
        ("limit", "0"),
        ("limit", "101"),
        ("wait", "26"),
        ("wait", "-1"),
    ] {
        let answer = live.get(FEED).query(&[(name, value)]).await;
        answer.invalid_field(name);
    }
}

#[tokio::test]
async fn field_names_follow_the_wanted_casing() {
    let (_server, live) = server_and_live().await;
    live.session(json!({"external_ref": "a_b"})).await;
    read_all(&live, 1).await;
    let camel = live
        .get(FEED)
        .header("key-inflection", "camel")
        .await
        .ok(200);
    assert_eq!(camel["nextAfter"], 1);
    let event = &camel["data"][0];
    assert_eq!(event["externalRef"], "a_b");
    assert!(event["idempotencyKey"].is_string() && event["seq"] == 1);
}

#[tokio::test]
async fn a_redaction_leaves_the_numbers_and_takes_the_person() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"external_ref": "customer-1"})).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let events = read_all(&live, 3).await;
    assert_eq!(numbers(&events), [1, 2, 3]);
    let names: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["session.created", "session.expired", "session.redacted"]
    );
    for event in &events {
        assert_eq!(event["session_id"], session.as_str());
        assert_id(&event["idempotency_key"], "idk_");
    }
}

#[tokio::test]
async fn who_was_away_too_long_is_told_so() {
    let (server, live) = server_and_live().await;
    for _ in 0..4 {
        live.session(json!({})).await;
    }
    read_all(&live, 4).await;
    forget(&server, "live", 2).await;
    let after = |number: &'static str| live.get(FEED).query(&[("after", number)]);
    after("1").await.refused(410, "gone");
    let page = live.get(FEED).query(&[("after", "0"), ("limit", "1")]);
    let page = page.await.ok(200);
    assert_eq!(numbers(page["data"].as_array().unwrap()), [3]);
    assert_eq!(page["next_after"], 3);
    for whole in ["0", "2"] {
        let page = after(whole).await.ok(200);
        assert_eq!(numbers(page["data"].as_array().unwrap()), [3, 4], "{whole}");
    }
    let page = after("4").await.ok(200);
    assert_eq!(page, json!({"data": [], "next_after": 4}));
    // Of the sandbox nothing was forgotten: it never came so far.
    let sandbox = server.sandbox().get(FEED).query(&[("after", "1")]);
    sandbox.await.refused(409, "conflict");
}
