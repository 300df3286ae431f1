//! The update call: metadata merged key by key, and kept as it was written.

use serde_json::{Value, json};
use verifa_testkit::{Answer, Client};

use crate::support::{SESSIONS, server_and_live};

async fn update(client: &Client, session: &str, body: Value) -> Answer {
    client
        .patch(&format!("{SESSIONS}/{session}"))
        .json(body)
        .await
}

#[tokio::test]
async fn metadata_is_merged_key_by_key() {
    let (_server, live) = server_and_live().await;
    let first = json!({"plan": "free", "seat": 4, "note": {"a": 1, "b": 2}});
    let session = live
        .session(json!({"external_ref": "ref-1", "metadata": first}))
        .await;
    let body = json!({"metadata": {"plan": "gold", "seat": null, "note": {"c": 3}, "new": [1]}});
    let updated = update(&live, &session, body).await.ok(200);
    // A key's value is replaced whole: the merge is of keys, not of their insides.
    let wanted = json!({"plan": "gold", "note": {"c": 3}, "new": [1]});
    assert_eq!(updated["metadata"], wanted);
    assert_eq!(updated["external_ref"], "ref-1");
    assert_eq!(live.look(&session).await, updated);
    let updated = update(&live, &session, json!({"metadata": {"absent": null}}))
        .await
        .ok(200);
    assert_eq!(updated["metadata"], wanted);
}

#[tokio::test]
async fn the_external_reference_is_set_kept_and_cleared() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"metadata": {"kept": true}})).await;
    let set = update(&live, &session, json!({"external_ref": "ref-2"}))
        .await
        .ok(200);
    assert_eq!(set["external_ref"], "ref-2");
    assert_eq!(set["metadata"], json!({"kept": true}));
    let kept = update(&live, &session, json!({"metadata": {}}))
        .await
        .ok(200);
    assert_eq!(kept["external_ref"], "ref-2");
    let cleared = update(&live, &session, json!({"external_ref": null}))
        .await
        .ok(200);
    assert_eq!(cleared["external_ref"], Value::Null);
}

#[tokio::test]
async fn no_other_field_can_change() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"country": "DE", "tags": ["a"]})).await;
    let before = live.look(&session).await;
    let body = json!({"status": "completed", "country": "FR", "tags": [], "workflow_id": "x",
        "id": "ses_x", "created_at": "2020-01-01T00:00:00Z"});
    let after = update(&live, &session, body).await.ok(200);
    for field in [
        "id",
        "status",
        "country",
        "tags",
        "workflow_id",
        "created_at",
    ] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

/// Through creation, a merge in an envelope, and reading: every number as it was spelled.
#[tokio::test]
async fn text_is_kept_as_it_was_sent() {
    let (_server, live) = server_and_live().await;
    let sent = r#"{"metadata":{"zulu":1.20,"alpha":1e2,"big":18446744073709551615,"s":"é\u00e9",
            "list":[1E2, 1E+02, -1.50e-3]}}"#;
    let made = live.post(SESSIONS).raw_json(sent).await.ok(201);
    let path = format!("{SESSIONS}/{}", made["id"].as_str().unwrap());
    let answer = live.get(&path).await;
    let kept = r#""metadata":{"zulu":1.20,"alpha":1e2,"big":18446744073709551615,"s":"éé","list":[1E2,1E+02,-1.50e-3]}"#;
    assert!(answer.text().contains(kept), "{}", answer.text());
    let answer = live
        .patch(&path)
        .raw_json(r#"{"data":{"attributes":{"metadata":{"beta":-0.0,"alpha":0.50e1}}}}"#)
        .await;
    let kept = r#""zulu":1.20,"alpha":0.50e1,"big":18446744073709551615"#;
    assert!(answer.text().contains(kept), "{}", answer.text());
    assert!(
        answer.text().contains(r#""beta":-0.0"#),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn limits_count_after_the_merge() {
    let (_server, live) = server_and_live().await;
    let keys = |range: std::ops::Range<u32>| -> Value {
        range
            .map(|number| (format!("key{number}"), json!(number)))
            .collect()
    };
    let session = live.session(json!({"metadata": keys(0..50)})).await;
    update(&live, &session, json!({"metadata": keys(49..51)}))
        .await
        .invalid_field("metadata");
    let body = json!({"metadata": {"key0": null, "key50": 50}});
    assert_eq!(update(&live, &session, body).await.status, 200);
    live.post(SESSIONS)
        .json(json!({"metadata": keys(0..51)}))
        .await
        .invalid_field("metadata");
    let metadata = live.look(&session).await["metadata"].clone();
    assert_eq!(metadata.as_object().unwrap().len(), 50);
}

#[tokio::test]
async fn a_value_may_have_16_kibibytes_and_no_byte_more() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    // Two quotes belong to the value's JSON.
    let longest = "a".repeat(16_382);
    update(&live, &session, json!({"metadata": {"big": longest}}))
        .await
        .ok(200);
    let too_long = "a".repeat(16_383);
    let body = json!({"metadata": {"big": too_long}});
    update(&live, &session, body.clone())
        .await
        .invalid_field("metadata.big");
    live.post(SESSIONS)
        .json(body)
        .await
        .invalid_field("metadata.big");
    // Compact JSON counts, not how it was spaced.
    let spaced = format!(r#"{{"metadata":{{"list":[1,{} 2]}}}}"#, " ".repeat(20_000));
    live.patch(&format!("{SESSIONS}/{session}"))
        .raw_json(spaced)
        .await
        .ok(200);
    // Bytes count, not characters.
    let accents = "é".repeat(8_192);
    update(&live, &session, json!({"metadata": {"e": accents}}))
        .await
        .invalid_field("metadata.e");
}

#[tokio::test]
async fn all_of_it_may_have_64_kibibytes() {
    let (_server, live) = server_and_live().await;
    let value = "a".repeat(16_000);
    let session = live
        .session(json!({"metadata": {"a": value, "b": value, "c": value}}))
        .await;
    update(&live, &session, json!({"metadata": {"d": value}}))
        .await
        .ok(200);
    update(&live, &session, json!({"metadata": {"e": value}}))
        .await
        .invalid_field("metadata");
}

#[tokio::test]
async fn wrong_updates_are_refused() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"metadata": {"a": 1}})).await;
    for (body, field) in [
        (json!({"metadata": null}), "metadata"),
        (json!({"metadata": [1]}), "metadata"),
        (json!({"metadata": "x"}), "metadata"),
        (json!({"external_ref": 1}), "external_ref"),
        (json!({"external_ref": "x".repeat(256)}), "external_ref"),
        (json!({"external_ref": "nul\u{0}"}), "external_ref"),
        (
            json!({"metadata": {"deep": {"in": ["nul\u{0}"]}}}),
            "metadata.deep.in[0]",
        ),
    ] {
        update(&live, &session, body).await.invalid_field(field);
    }
    assert_eq!(live.look(&session).await["metadata"], json!({"a": 1}));
}

#[tokio::test]
async fn a_redacted_session_refuses_updates() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"metadata": {"a": 1}})).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    for body in [
        json!({"metadata": {"b": 2}}),
        json!({"external_ref": "x"}),
        json!({}),
    ] {
        update(&live, &session, body)
            .await
            .refused(422, "validation_error");
    }
}

#[tokio::test]
async fn a_repeated_update_is_answered_byte_for_byte() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"metadata": {"n": 0}})).await;
    let path = format!("{SESSIONS}/{session}");
    let send = |body: Value| live.patch(&path).idempotent("update-1").json(body);
    let first = send(json!({"metadata": {"n": 1}})).await;
    first.ok(200);
    assert_eq!(first.header("idempotent-replayed"), "");
    update(&live, &session, json!({"metadata": {"n": 2}}))
        .await
        .ok(200);
    let again = send(json!({"metadata": {"n": 1}})).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.status, first.status);
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(live.look(&session).await["metadata"], json!({"n": 2}));
    let other = send(json!({"metadata": {"n": 3}}))
        .await
        .refused(422, "idempotency_mismatch");
    assert_eq!(
        other["detail"],
        "Idempotency key has already been used with different parameters."
    );
}

#[tokio::test]
async fn fifty_updates_at_once_lose_no_key() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let mut updates = tokio::task::JoinSet::new();
    for number in 0..50 {
        let (live, session) = (live.clone(), session.clone());
        updates.spawn(async move {
            // Calls that were in each other's way may be told to try again.
            loop {
                let body = json!({"metadata": {format!("key{number}"): number}});
                let answer = update(&live, &session, body).await;
                if answer.status != 409 {
                    break answer.ok(200);
                }
                assert!(
                    !answer.header("retry-after").is_empty(),
                    "{}",
                    answer.shown()
                );
            }
        });
    }
    updates.join_all().await;
    let metadata = live.look(&session).await["metadata"].clone();
    assert_eq!(metadata.as_object().unwrap().len(), 50, "{metadata}");
}
