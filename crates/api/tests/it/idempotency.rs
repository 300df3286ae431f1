//! Kept answers: replayed, refused, raced for, and forgotten.

use serde_json::{Value, json};

use crate::app::AppServer;

const SESSIONS: &str = "/api/v1/sessions";

fn keyed<'a>(server: &'a AppServer, secret: &'a str, key: &'a str) -> [(&'a str, &'a str); 2] {
    let _ = server;
    [("x-api-key", secret), ("idempotency-key", key)]
}

#[tokio::test]
async fn the_first_answer_again_byte_for_byte() {
    let server = AppServer::start().await;
    let secret = server.live();
    let body = json!({"external_ref": "r", "metadata": {"a": 1}});
    let first = server
        .call_with("POST", SESSIONS, &keyed(&server, &secret, "k1"), &body)
        .await;
    assert_eq!(
        (first.status.as_u16(), first.header("idempotent-replayed")),
        (201, "")
    );
    let same = json!({"data": {"attributes": {"metadata": {"a": 1}, "externalRef": "r"}}});
    let headers = [
        ("x-api-key", secret.as_str()),
        ("idempotency-key", "k1"),
        ("key-inflection", "camel"),
    ];
    let again = server.call_with("POST", SESSIONS, &headers, &same).await;
    assert_eq!(
        (again.status.as_u16(), again.header("idempotent-replayed")),
        (201, "true")
    );
    assert_eq!(again.bytes, first.bytes);

    let other = json!({"external_ref": "r2"});
    let mismatch = server
        .call_with("POST", SESSIONS, &keyed(&server, &secret, "k1"), &other)
        .await;
    let mismatch = mismatch.refused(422, "idempotency_mismatch");
    assert_eq!(
        mismatch["detail"],
        "Idempotency key has already been used with different parameters."
    );
    // Another API key, and another path, have keys of their own.
    let sandbox = server.organization.sandbox.secret.reveal().to_owned();
    let foreign = server
        .call_with("POST", SESSIONS, &keyed(&server, &sandbox, "k1"), &other)
        .await;
    assert_eq!(
        (
            foreign.status.as_u16(),
            foreign.header("idempotent-replayed")
        ),
        (201, "")
    );
    // Refusals are not kept.
    let bad = json!({"country": "Atlantis"});
    server
        .call_with("POST", SESSIONS, &keyed(&server, &secret, "k2"), &bad)
        .await
        .refused(422, "validation_error");
    let good = server
        .call_with("POST", SESSIONS, &keyed(&server, &secret, "k2"), &json!({}))
        .await;
    assert_eq!(good.status, 201);
    // A day later the key is free again.
    server.clock.advance(std::time::Duration::from_hours(24));
    let fresh = server
        .call_with("POST", SESSIONS, &keyed(&server, &secret, "k1"), &other)
        .await;
    assert_eq!(
        (fresh.status.as_u16(), fresh.header("idempotent-replayed")),
        (201, "")
    );
    for key in [String::new(), "x".repeat(256)] {
        let refused = server
            .call_with("POST", SESSIONS, &keyed(&server, &secret, &key), &other)
            .await;
        refused.refused(400, "bad_request");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_equal_calls_one_happens() {
    let server = AppServer::start().await;
    let secret = server.live();
    let body = json!({"external_ref": "once"});
    let headers = keyed(&server, &secret, "race");
    let calls = (0..64).map(|_| server.call_with("POST", SESSIONS, &headers, &body));
    let answers = futures::future::join_all(calls).await;
    let fresh = answers
        .iter()
        .filter(|a| a.header("idempotent-replayed").is_empty())
        .count();
    assert_eq!(fresh, 1);
    assert!(
        answers
            .iter()
            .all(|a| a.status == 201 && a.bytes == answers[0].bytes)
    );
    let page = server
        .get(&format!("{SESSIONS}?external_ref=once"))
        .await
        .json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redaction_takes_kept_answers_along() {
    let server = AppServer::start().await;
    let secret = server.live();
    let id = server.session(json!({"metadata": {"plan": "free"}})).await;
    let path = format!("{SESSIONS}/{id}");
    let patch = json!({"metadata": {"plan": "pro"}});
    let headers = keyed(&server, &secret, "p");
    assert_eq!(
        server
            .call_with("PATCH", &path, &headers, &patch)
            .await
            .status,
        200
    );
    let again = server.call_with("PATCH", &path, &headers, &patch).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    server
        .call("DELETE", &format!("{path}/data"), Value::Null)
        .await;
    server
        .call_with("PATCH", &path, &headers, &patch)
        .await
        .refused(410, "gone");
}
