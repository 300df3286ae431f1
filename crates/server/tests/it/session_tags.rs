//! Tags: added, removed, set; what changes nothing succeeds and leaves no trace.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::support::{SESSIONS, assert_fields, ids, server_and_live, unknown_id};

async fn tags(live: &Client, session: &str, action: &str, body: Value) -> Value {
    let answer = live.act(session, action).json(body).await.ok(200);
    assert_fields(&answer, "id tags");
    assert_eq!(answer["id"], session);
    answer["tags"].clone()
}

#[tokio::test]
async fn tags_come_and_go() {
    let (server, live) = server_and_live().await;
    let session = live.session(json!({"tags": ["a"]})).await;
    let add = |tag: &str| json!({ "tag": tag });
    assert_eq!(
        tags(&live, &session, "add-tag", add("b")).await,
        json!(["a", "b"])
    );
    let audited = "type = 'session.tags_changed'";
    let database = &server.installation.database;
    assert_eq!(database.count("audit_events", audited).await, 1);
    let before = live.look(&session).await["updated_at"].clone();
    // There already, and not there: nothing happens, and nothing is noted.
    assert_eq!(
        tags(&live, &session, "add-tag", add("a")).await,
        json!(["a", "b"])
    );
    assert_eq!(
        tags(&live, &session, "remove-tag", add("x")).await,
        json!(["a", "b"])
    );
    let same = json!({"tags": ["a", "b"]});
    assert_eq!(
        tags(&live, &session, "set-tags", same).await,
        json!(["a", "b"])
    );
    assert_eq!(live.look(&session).await["updated_at"], before);
    assert_eq!(database.count("audit_events", audited).await, 1);

    assert_eq!(
        tags(&live, &session, "remove-tag", add("a")).await,
        json!(["b"])
    );
    let repeated = json!({"tags": ["c", "é", "c"]});
    assert_eq!(
        tags(&live, &session, "set-tags", repeated).await,
        json!(["c", "é"])
    );
    assert_eq!(live.look(&session).await["tags"], json!(["c", "é"]));
    let other = live.session(json!({"tags": ["c"]})).await;
    for (tag, found) in [
        ("c", vec![other, session.clone()]),
        ("é", vec![session.clone()]),
        ("b", vec![]),
    ] {
        let page = live.get(SESSIONS).query(&[("tag", tag)]).await.ok(200);
        assert_eq!(ids(&page), found, "{tag}");
    }
    assert_eq!(
        tags(&live, &session, "set-tags", json!({"tags": []})).await,
        json!([])
    );
}

#[tokio::test]
async fn tags_have_rules() {
    let (_server, live) = server_and_live().await;
    let fifty: Vec<_> = (0..50).map(|n| format!("tag-{n}")).collect();
    let session = live.session(json!({ "tags": fifty })).await;
    for (action, body, field) in [
        ("add-tag", json!({}), "tag"),
        ("add-tag", json!({"tag": ""}), "tag"),
        ("add-tag", json!({"tag": "x".repeat(65)}), "tag"),
        ("add-tag", json!({"tag": 7}), "tag"),
        ("add-tag", json!({"tag": "one more"}), "tag"),
        ("remove-tag", json!({}), "tag"),
        ("set-tags", json!({}), "tags"),
        ("set-tags", json!({"tags": "a"}), "tags"),
        ("set-tags", json!({"tags": ["a", ""]}), "tags[1]"),
        (
            "set-tags",
            json!({"tags": (0..51).map(|n| n.to_string()).collect::<Vec<_>>()}),
            "tags",
        ),
    ] {
        live.act(&session, action)
            .json(body)
            .await
            .invalid_field(field);
    }
    // One of the fifty again is no fifty-first.
    live.act(&session, "add-tag")
        .json(json!({"tag": "tag-7"}))
        .await
        .ok(200);
    // Unknown comes before a wrong body.
    for action in ["add-tag", "remove-tag", "set-tags"] {
        let answer = live.act(&unknown_id("ses_"), action).json(json!({})).await;
        answer.refused(404, "not_found");
    }
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    live.act(&session, "add-tag")
        .json(json!({"tag": "x"}))
        .await
        .refused(422, "validation_error");
}

#[tokio::test]
async fn many_at_once_all_arrive() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let calls = (0..10).map(|n| {
        let call = live
            .act(&session, "add-tag")
            .json(json!({"tag": format!("t{n}")}));
        tokio::spawn(async move { call.await.ok(200) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let mut found: Vec<String> =
        serde_json::from_value(live.look(&session).await["tags"].clone()).unwrap();
    found.sort();
    assert_eq!(found, (0..10).map(|n| format!("t{n}")).collect::<Vec<_>>());
}
