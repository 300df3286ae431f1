//! Publishable keys: create sessions and nothing else, weaken nothing, ten a minute.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use verifa_testkit::{Client, Options, TestServer};

use crate::support::{SESSIONS, VERIFA, server};

fn publishable(server: &TestServer) -> Client {
    server
        .anonymous()
        .key(&server.installation.keys.publishable_live)
}

#[tokio::test]
async fn they_create_sessions_and_nothing_else() {
    let server = server().await;
    let browser = publishable(&server);
    let made = browser
        .post(SESSIONS)
        .json(json!({"metadata": {"cart": 7}}))
        .await
        .ok(201);
    let session = made["id"].as_str().unwrap();
    assert_eq!(made["is_sandbox"], false);
    assert_eq!(server.live().look(session).await["status"], "pending");
    for path in [
        SESSIONS.to_owned(),
        format!("{SESSIONS}/{session}"),
        format!("{SESSIONS}/{session}/result"),
        format!("{SESSIONS}/{session}/documents"),
        "/api/v1/workflows".to_owned(),
        "/api/v1/results".to_owned(),
    ] {
        browser.get(&path).await.refused(403, "forbidden");
    }
    browser
        .act(session, "submit")
        .await
        .refused(403, "forbidden");
    browser
        .delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .refused(403, "forbidden");
    let sandbox = server
        .anonymous()
        .key(&server.installation.keys.publishable_sandbox);
    assert_eq!(
        sandbox.post(SESSIONS).json(json!({})).await.ok(201)["is_sandbox"],
        true
    );
}

#[tokio::test]
async fn a_browser_may_not_weaken_checks_or_speak_for_somebody() {
    let options = Options::default().set("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_PER_MINUTE", 100);
    let server = TestServer::start(VERIFA, &options).await;
    let browser = publishable(&server);
    for body in [
        json!({"checks": ["document_ocr"]}),
        json!({"send_email": true, "applicant_email": "a@example.org"}),
        json!({"applicant_email": "a@example.org"}),
        json!({"applicant_name": "A"}),
        json!({"brand_name": "B"}),
        json!({"support_url": "https://evil.example"}),
        json!({"fields": {"first_name": "A"}}),
        json!({"name-first": "A"}),
        json!({"external_ref": "somebody-else"}),
        json!({"reference-id": "somebody-else"}),
        json!({"data": {"attributes": {"externalRef": "somebody-else"}}}),
        json!({"external_ref": "x", "external_ref_signature": "00".repeat(32)}),
        json!({"external_ref": "x", "external_ref_signature": "not hex"}),
    ] {
        let shown = body.to_string();
        let answer = browser.post(SESSIONS).json(body).await;
        assert_eq!(answer.status, 403, "{shown}: {}", answer.shown());
        answer.refused(403, "forbidden");
    }
    assert_eq!(
        server
            .installation
            .database
            .count("sessions", "1 = 1")
            .await,
        0
    );
}

/// What `verifa keys reference-secret` prints.
fn reference_secret(server: &TestServer, more: &[&str]) -> Value {
    let command = ["keys", "reference-secret", "--json"];
    server
        .installation
        .run(&[&command[..], more].concat())
        .json()
}

/// As an organization's own server signs, by the documented recipe.
fn signed(shown: &Value, reference: &str) -> String {
    let secret = shown["secret"].as_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(reference.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_signed_reference_is_taken_until_the_secret_is_replaced() {
    let options = Options::default().set("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_PER_MINUTE", 100);
    let server = TestServer::start(VERIFA, &options).await;
    let browser = publishable(&server);
    let create = |client: &Client, reference: &str, signature: &str| {
        let body = json!({"external_ref": reference, "external_ref_signature": signature});
        client.post(SESSIONS).json(body)
    };
    let shown = reference_secret(&server, &[]);
    assert_eq!(
        shown["organization"],
        server.installation.printed["organization"]
    );
    assert_eq!(shown["rotated"], false);
    assert_eq!(reference_secret(&server, &[]), shown);
    for reference in ["customer-4711", "Kundin Müller 漢"] {
        let signature = signed(&shown, reference);
        let made = create(&browser, reference, &signature).await.ok(201);
        assert_eq!(made["external_ref"], reference);
    }
    let signature = signed(&shown, "customer-4711");
    create(&browser, "customer-4712", &signature)
        .await
        .refused(403, "forbidden");
    let sandbox = server
        .anonymous()
        .key(&server.installation.keys.publishable_sandbox);
    create(&sandbox, "customer-4711", &signature).await.ok(201);

    let rotated = reference_secret(&server, &["--rotate"]);
    assert_eq!(rotated["rotated"], true);
    assert_ne!(rotated["secret"], shown["secret"]);
    assert_eq!(reference_secret(&server, &[])["secret"], rotated["secret"]);
    create(&browser, "customer-4711", &signature)
        .await
        .refused(403, "forbidden");
    let again = signed(&rotated, "customer-4711");
    create(&browser, "customer-4711", &again).await.ok(201);
}

#[tokio::test]
async fn the_secret_is_replaced_by_a_call_once() {
    const ROTATE: &str = "/api/v1/settings/rotate-reference-secret";
    let server = server().await;
    let browser = publishable(&server);
    let reader = server.installation.create_key("live", "settings:read");
    let reader = server.anonymous().key(&reader);
    reader.post(ROTATE).await.refused(403, "forbidden");
    browser.post(ROTATE).await.refused(403, "forbidden");
    let before = reference_secret(&server, &[]);
    let live = server.live();
    let made = live.post(ROTATE).idempotent("once").await;
    let rotated = made.ok(200);
    assert_ne!(rotated["secret"], before["secret"]);
    assert_eq!(rotated["organization"], before["organization"]);
    assert_eq!(reference_secret(&server, &[])["secret"], rotated["secret"]);
    // The repeated call replaces nothing.
    let again = live.post(ROTATE).idempotent("once").await;
    assert_eq!(again.bytes, made.bytes);
    assert_eq!(reference_secret(&server, &[])["secret"], rotated["secret"]);
    for (secret, status) in [(&before, 403), (&rotated, 201)] {
        let signature = signed(secret, "customer-4711");
        let body = json!({"external_ref": "customer-4711", "external_ref_signature": signature});
        assert_eq!(browser.post(SESSIONS).json(body).await.status, status);
    }
    // Nothing but the column, sealed, and the sealed answer hold it.
    let hidden = rotated["secret"].as_str().unwrap();
    assert!(!server.installation.log().contains(hidden));
}

#[tokio::test]
async fn who_saw_the_reference_secret_stands_in_the_audit_trail() {
    let server = server().await;
    let shown = reference_secret(&server, &[]);
    let rotated = reference_secret(&server, &["--rotate"]);
    let organization = server.installation.printed["organization"]
        .as_str()
        .unwrap();
    let path = format!("/api/v1/events?resource_id={organization}&q=organization.reference");
    let listed = server.live().get(&path).await.ok(200);
    let events = listed["data"].as_array().unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), &event["actor"]))
        .collect();
    assert_eq!(
        told,
        [
            ("organization.reference_secret_rotated", &json!("cli")),
            ("organization.reference_secret_shown", &json!("cli")),
        ]
    );
    for secret in [&shown, &rotated] {
        let hidden = secret["secret"]
            .as_str()
            .unwrap()
            .trim_start_matches("refsec_");
        assert!(!listed.to_string().contains(hidden));
        assert!(!server.installation.log().contains(hidden));
    }
    let unknown = ["keys", "reference-secret", "--organization", "nobody"];
    let ran = server.installation.run(&unknown);
    assert_ne!(ran.code, 0);
    assert!(!ran.stdout.contains("refsec_"));
}

#[tokio::test]
async fn ten_a_minute() {
    let server = server().await;
    let browser = publishable(&server);
    for _ in 0..10 {
        browser.post(SESSIONS).json(json!({})).await.ok(201);
    }
    browser
        .post(SESSIONS)
        .json(json!({}))
        .await
        .refused(429, "rate_limited");
    server.live().post(SESSIONS).json(json!({})).await.ok(201);
}

#[tokio::test]
async fn browsers_of_allowed_origins_get_cors() {
    let server = server().await;
    let change = "UPDATE api_keys SET allowed_origins = '[\"https://shop.example\"]' \
                  WHERE publishable = 1 AND environment = 'live'";
    assert_eq!(server.installation.database.change(change).await, 1);
    let browser = publishable(&server);
    let from = |origin: &str| {
        browser
            .post(SESSIONS)
            .header("origin", origin)
            .json(json!({}))
    };
    let answer = from("https://shop.example").await;
    answer.ok(201);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert!(
        answer
            .header("vary")
            .to_ascii_lowercase()
            .contains("origin")
    );
    for origin in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "null",
    ] {
        let answer = from(origin).await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let preflight = server
        .anonymous()
        .call(reqwest::Method::OPTIONS, SESSIONS)
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-api-key, content-type")
        .await;
    assert!(preflight.status < 300, "{}", preflight.status);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "https://shop.example"
    );
    let headers = preflight
        .header("access-control-allow-headers")
        .to_ascii_lowercase();
    assert!(
        headers.contains("x-api-key") && headers.contains("content-type"),
        "{headers}"
    );
    // A secret key in a browser gets no help.
    let secret = server
        .live()
        .get(SESSIONS)
        .header("origin", "https://shop.example")
        .await;
    assert_eq!(secret.header("access-control-allow-origin"), "");
}
