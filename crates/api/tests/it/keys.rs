//! API keys: state, addresses, publishable keys, and how soon a change is known.

use std::sync::atomic::Ordering;
use std::time::Duration;

use verifa_app::actor::Author;
use verifa_app::api_keys::NewApiKey;
use verifa_core::api_key::Grant;
use verifa_core::time::Clock;
use verifa_store::api_keys::revoke;
use verifa_store::db::Commit;
use verifa_vault::ApiKeyKind;

use crate::app::AppServer;
use crate::harness::{ALL, Server, request};

const THINGS: &str = "/api/v1/things";

#[tokio::test]
async fn dead_and_unknown_keys_are_one_refusal() {
    let server = Server::new();
    let now = server.clock.now();
    server.add_key("vk_live_expired", |key| key.expires_at = Some(now));
    server.add_key("vk_live_revoked", |key| key.revoked_at = Some(now));
    let mut details = Vec::new();
    for secret in [
        "vk_live_expired",
        "vk_live_revoked",
        "vk_live_unknown",
        "garbage",
        "",
    ] {
        let answer = server.get(THINGS, &[("x-api-key", secret)]).await;
        details.push(answer.refused(401, "unauthorized")["detail"].clone());
    }
    details.dedup();
    assert_eq!(details.len(), 1);
}

#[tokio::test]
async fn changes_are_known_within_a_second() {
    let server = Server::new();
    let headers = [("x-api-key", "vk_live_new")];
    server
        .get(THINGS, &headers)
        .await
        .refused(401, "unauthorized");
    server.add_key("vk_live_new", |_| {});
    assert_eq!(server.get(THINGS, &headers).await.status, 200);
    server.add_key("vk_live_new", |key| {
        key.revoked_at = Some(server.clock.now());
    });
    server.clock.advance(Duration::from_secs(1));
    server
        .get(THINGS, &headers)
        .await
        .refused(401, "unauthorized");
}

#[tokio::test]
async fn looking_up_and_touching_is_rare() {
    let server = Server::new();
    for _ in 0..50 {
        server.get(THINGS, &[("x-api-key", ALL)]).await;
    }
    tokio::task::yield_now().await;
    assert_eq!(server.keys.lookups.load(Ordering::SeqCst), 1);
    assert_eq!(server.keys.touches.load(Ordering::SeqCst), 1);
    server.clock.advance(Duration::from_secs(61));
    server.get(THINGS, &[("x-api-key", ALL)]).await;
    tokio::task::yield_now().await;
    assert_eq!(server.keys.touches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn allowed_addresses_count_behind_trusted_proxies_only() {
    let server = Server::new();
    server.add_key("vk_live_office", |key| {
        key.allowed_ips = Some(vec!["192.0.2.0/24".parse().unwrap()]);
    });
    let from = |peer: &'static str, forwarded: &'static str| {
        let headers = [
            ("x-api-key", "vk_live_office"),
            ("x-forwarded-for", forwarded),
        ];
        let request = request("GET", THINGS, &headers, "");
        let server = &server;
        async move { server.send_from(peer, request).await.status.as_u16() }
    };
    assert_eq!(from("192.0.2.9", "6.6.6.6").await, 200);
    assert_eq!(from("10.0.0.1", "192.0.2.9").await, 200);
    assert_eq!(from("203.0.113.1", "192.0.2.9").await, 401);
    assert_eq!(from("10.0.0.1", "192.0.2.9, 203.0.113.1").await, 401);
}

#[tokio::test]
async fn publishable_keys_create_and_nothing_else() {
    let server = Server::new();
    server.add_key("vk_pub_live_1", |key| {
        key.publishable = true;
        key.allowed_origins = Some(vec!["https://shop.example".to_owned()]);
    });
    let key = ("x-api-key", "vk_pub_live_1");
    let shop = ("origin", "https://shop.example");
    let body = r#"{"seat_count":1}"#;
    let make = "/api/v1/things/known";
    let answer = server.post(make, &[key, shop], body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example"
    );
    let evil = server
        .post(make, &[key, ("origin", "https://evil.example")], body)
        .await;
    evil.refused(403, "forbidden");
    assert_eq!(evil.header("access-control-allow-origin"), "");
    server
        .post(make, &[key], body)
        .await
        .refused(403, "forbidden");
    server
        .get(THINGS, &[key, shop])
        .await
        .refused(403, "forbidden");
    // Ten a minute for each address; the four calls above count.
    for _ in 0..6 {
        assert_eq!(server.post(make, &[key, shop], body).await.status, 201);
    }
    server
        .post(make, &[key, shop], body)
        .await
        .refused(429, "rate_limited");
    let elsewhere = request(
        "POST",
        make,
        &[key, shop, ("content-type", "application/json")],
        body,
    );
    assert_eq!(
        server.send_from("203.0.113.99", elsewhere).await.status,
        201
    );
}

fn preflight(origin: &str) -> http::Request<axum::body::Body> {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
    ];
    request("OPTIONS", "/api/v1/sessions", &headers, "")
}

/// A preflight needs no key: a crowd of them is one question to the database, and one that is over
/// its address's limit is none.
#[tokio::test]
async fn preflights_are_counted_before_anything_is_looked_for() {
    let server = Server::with(|settings| settings.limits.anonymous_per_minute = Some(20));
    server.add_key("vk_pub_live_1", |key| {
        key.publishable = true;
        key.allowed_origins = Some(vec!["https://shop.example".to_owned()]);
    });
    let asked = || server.keys.origins_asked.load(Ordering::SeqCst);
    let crowd = (0..20).map(|_| server.send(preflight("https://shop.example")));
    for answer in futures::future::join_all(crowd).await {
        assert_eq!(answer.status, 204);
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!(allowed, "https://shop.example");
    }
    assert_eq!(asked(), 1);
    server.clock.advance(Duration::from_secs(1));
    for _ in 0..5 {
        let refused = server.send(preflight("https://shop.example")).await;
        refused.refused(429, "rate_limited");
    }
    assert_eq!(asked(), 1);
    let elsewhere = server
        .send_from("203.0.113.99", preflight("https://evil.example"))
        .await;
    assert_eq!(elsewhere.header("access-control-allow-origin"), "");
    assert_eq!(asked(), 2);
}

/// Behind a proxy that nobody told us of, probes and strangers come from one address.
#[tokio::test]
async fn probes_are_answered_however_many_calls_came() {
    let server = Server::with(|settings| settings.limits.anonymous_per_minute = Some(3));
    for path in ["/healthz", "/readyz"] {
        for _ in 0..5 {
            let answer = server.get(path, &[]).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("x-ratelimit-limit"), "3");
            assert_eq!(answer.header("x-ratelimit-remaining"), "3");
        }
    }
    for _ in 0..3 {
        server.get(THINGS, &[]).await.refused(401, "unauthorized");
    }
    server.get(THINGS, &[]).await.refused(429, "rate_limited");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path, &[]).await.status, 200, "{path}");
    }
}

/// Pages keep working however many keys are made after theirs.
#[tokio::test]
async fn a_thousand_newer_keys_take_no_origin_away() {
    let server = AppServer::start().await;
    let app = &server.app;
    let first = &server.organization;
    let tenant = first.live.record.tenant;
    let actor = Author::command_line().on(tenant);
    let body = serde_json::json!({
        "publishable": true, "allowed_origins": ["https://shop.example"],
    });
    let shop = app.issue_api_key(&actor, &Grant::everything(), &body).await;
    app.apply(shop.unwrap().commit).await.unwrap();
    let mut others = Commit::new();
    // The first ones are bound to no origin.
    for key in [&first.publishable_live, &first.publishable_sandbox] {
        others.push(revoke(key.record.id, app.clock.now()));
    }
    for _ in 0..1_001 {
        let (_, newer) = app.new_api_key(tenant, ApiKeyKind::Secret, NewApiKey::default());
        others.push(newer);
    }
    app.apply(others).await.unwrap();
    let allowed = async |origin: &str| {
        let answer = server.send(preflight(origin)).await;
        answer.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(
        allowed("https://shop.example").await,
        "https://shop.example"
    );
    assert_eq!(allowed("https://evil.example").await, "");
}
