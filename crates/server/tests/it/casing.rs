//! Key inflection: three casings read, one written, user data untouched.

use serde_json::json;

use crate::support::{SESSIONS, server, server_and_live};

#[tokio::test]
async fn answers_come_in_the_casing_asked_for() {
    let (_server, live) = server_and_live().await;
    let metadata = json!({"my_key": {"otherKey": 1}, "kebab-key": [{"in_side": 2}]});
    let session = live
        .session(json!({"external_ref": "Ab_c", "metadata": metadata}))
        .await;
    let path = format!("{SESSIONS}/{session}");
    for (inflection, reference, created) in [
        ("snake", "external_ref", "created_at"),
        ("camel", "externalRef", "createdAt"),
        ("kebab", "external-ref", "created-at"),
    ] {
        let body = live
            .get(&path)
            .header("key-inflection", inflection)
            .await
            .ok(200);
        assert_eq!(body[reference], "Ab_c", "{body}");
        assert!(body[created].is_string(), "{body}");
        assert_eq!(body["metadata"], metadata);
        let page = live
            .get(SESSIONS)
            .header("key-inflection", inflection)
            .await
            .ok(200);
        assert_eq!(page["data"][0][reference], "Ab_c");
    }
}

#[tokio::test]
async fn refusals_and_patches_follow_too() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let path = format!("{SESSIONS}/{session}");
    for (inflection, field, status) in [
        ("snake", "external_ref", "status_code"),
        ("camel", "externalRef", "statusCode"),
        ("kebab", "external-ref", "status-code"),
    ] {
        let send = |body| {
            live.patch(&path)
                .header("key-inflection", inflection)
                .json(body)
        };
        let updated = send(json!({field: "x", "metadata": {"a_b-cD": 1}}))
            .await
            .ok(200);
        assert_eq!(updated[field], "x");
        assert_eq!(updated["metadata"], json!({"a_b-cD": 1}));
        let refusal = send(json!({field: 7})).await;
        assert_eq!(refusal.status, 422);
        assert_eq!(refusal.json()[status], 422, "{}", refusal.shown());
    }
}

#[tokio::test]
async fn requests_are_read_in_any_casing() {
    let (_server, live) = server_and_live().await;
    for (expires, redirect) in [
        ("expires_in_minutes", "redirect_url"),
        ("expiresInMinutes", "redirectUrl"),
        ("expires-in-minutes", "redirect-url"),
    ] {
        let wrong = json!({expires: "x"});
        let fields = live.post(SESSIONS).json(wrong).await.invalid();
        assert_eq!(fields.len(), 1, "{expires} was not read");
        let wrong = json!({redirect: "x"});
        assert_eq!(
            live.post(SESSIONS).json(wrong).await.invalid().len(),
            1,
            "{redirect}"
        );
    }
}

#[tokio::test]
async fn an_unknown_casing_is_a_bad_request() {
    let (_server, live) = server_and_live().await;
    for wrong in ["pascal", "", "Snake", "snake,camel"] {
        let answer = live.get(SESSIONS).header("key-inflection", wrong).await;
        answer.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn a_keys_own_casing_is_the_default() {
    let server = server().await;
    let made = server.installation.create_key_object("live", "*");
    let secret = made["secret"].as_str().unwrap();
    let change = "UPDATE api_keys SET default_key_inflection = 'camel'";
    server.installation.database.change(change).await;
    let client = server.anonymous().key(secret);
    let body = client
        .post(SESSIONS)
        .json(json!({"externalRef": "x"}))
        .await
        .ok(201);
    assert_eq!(body["externalRef"], "x");
    let asked = client
        .get(SESSIONS)
        .header("key-inflection", "snake")
        .await
        .ok(200);
    assert_eq!(asked["data"][0]["external_ref"], "x");
}
