//! Errors, versions, casing, limits and the containment of faults.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use verifa_api::limits::Plan;

use crate::harness::{ALL, Server, request};

const KEY: (&str, &str) = ("x-api-key", ALL);

#[tokio::test]
async fn every_refusal_has_the_common_body() {
    let server = Server::new();
    let body = server
        .get("/no/such/route", &[])
        .await
        .refused(404, "not_found");
    assert!(body.get("errors").is_none());
    server
        .get("/api/v1/nothing", &[KEY])
        .await
        .refused(404, "not_found");
    let answer = server
        .send(request("PUT", "/api/v1/things", &[KEY], ""))
        .await;
    answer.refused(405, "method_not_allowed");
    assert!(answer.header("allow").contains("GET"));
    server
        .get("/api/v1/things", &[])
        .await
        .refused(401, "unauthorized");
    server
        .get("/api/v1/things?limit=101", &[KEY])
        .await
        .refused(422, "validation_error");
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let server = Server::new();
    server.add_key("vk_live_reader", |key| {
        key.scopes = "sessions:read".parse_scopes();
    });
    let path = "/api/v1/things/unknown";
    server
        .post(path, &[], "{")
        .await
        .refused(401, "unauthorized");
    server
        .post(path, &[("x-api-key", "vk_live_reader")], "{")
        .await
        .refused(403, "forbidden");
    server
        .post(path, &[KEY], "{")
        .await
        .refused(404, "not_found");
    server
        .post("/api/v1/things/known", &[KEY], "{")
        .await
        .refused(400, "bad_request");
    let body = server.post("/api/v1/things/known", &[KEY], "{}").await;
    let body = body.refused(422, "validation_error");
    assert_eq!(body["errors"][0]["field"], "seat_count");
}

trait ParseScopes {
    fn parse_scopes(&self) -> verifa_core::tenant::Scopes;
}
impl ParseScopes for str {
    fn parse_scopes(&self) -> verifa_core::tenant::Scopes {
        verifa_core::tenant::Scopes::from_stored(self)
    }
}

#[tokio::test]
async fn versions_resolve_and_are_told() {
    let server = Server::new();
    let with = |date: &'static str| {
        let server = &server;
        async move {
            server
                .get("/api/v1/things", &[KEY, ("verifa-version", date)])
                .await
        }
    };
    for date in ["2026-01-01", "2026-02-01"] {
        let answer = with(date).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("verifa-version"), "2026-01-01");
    }
    for date in ["2025-12-31", "2099-01-01", "yesterday", "2026-02-30", ""] {
        with(date).await.refused(400, "bad_request");
    }
    // The key is asked for first.
    let answer = server
        .get("/api/v1/things", &[("verifa-version", "x")])
        .await;
    answer.refused(401, "unauthorized");
    server.add_key("vk_live_pinned", |key| {
        key.api_version = Some("2026-03-09".to_owned());
    });
    let answer = server
        .get("/api/v1/things", &[("x-api-key", "vk_live_pinned")])
        .await;
    assert_eq!(answer.header("verifa-version"), "2026-01-01");
}

#[tokio::test]
async fn casing_of_fields_and_not_of_data() {
    let server = Server::new();
    let body = r#"{"data":{"attributes":{"externalRef":"A_b","seat-count":2,
        "metadata":{"my_key":{"otherKey":1.20}}}}}"#;
    let text = |answer: crate::harness::Answer| String::from_utf8(answer.bytes).unwrap();
    for (inflection, wanted) in [
        (
            "snake",
            r#"{"external_ref":"A_b","metadata":{"my_key":{"otherKey":1.20}},"seat_count":2}"#,
        ),
        (
            "camel",
            r#"{"externalRef":"A_b","metadata":{"my_key":{"otherKey":1.20}},"seatCount":2}"#,
        ),
        (
            "kebab",
            r#"{"external-ref":"A_b","metadata":{"my_key":{"otherKey":1.20}},"seat-count":2}"#,
        ),
    ] {
        let headers = [KEY, ("key-inflection", inflection)];
        let answer = server.post("/api/v1/things/known", &headers, body).await;
        assert_eq!(answer.status, 201);
        assert_eq!(text(answer), wanted);
    }
    let bad = [KEY, ("key-inflection", "shout")];
    server
        .post("/api/v1/things/known", &bad, body)
        .await
        .refused(400, "bad_request");
    let camel = [("key-inflection", "camel")];
    let answer = server.get("/api/v1/things", &camel).await.json();
    assert_eq!(answer["statusCode"], 401);
    assert!(answer["requestId"].is_string());
}

#[tokio::test]
async fn faults_are_contained_and_tell_nothing() {
    let server = Server::with(|settings| settings.request_timeout = Duration::from_millis(50));
    let body = server
        .get("/api/v1/panic", &[KEY])
        .await
        .refused(500, "internal_error");
    assert_eq!(body["detail"], "An internal error occurred.");
    let answer = server.get("/api/v1/hang", &[KEY]).await;
    answer.refused(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    server.keys.broken.store(true, Ordering::SeqCst);
    server.add_key("vk_live_other", |_| {});
    let answer = server
        .get("/api/v1/things", &[("x-api-key", "vk_live_other")])
        .await;
    let body = answer.refused(503, "unavailable");
    assert!(!body.to_string().contains("SELECT"));
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn a_plan_limits_a_tenant_and_says_so() {
    let server = Server::new();
    server.add_key("vk_live_free", |key| key.plan = Plan::Free);
    let headers = [("x-api-key", "vk_live_free")];
    let first = server.get("/api/v1/things", &headers).await;
    assert_eq!(first.header("x-ratelimit-limit"), "300");
    assert_eq!(first.header("x-ratelimit-remaining"), "299");
    assert_eq!(first.header("x-ratelimit-reset"), "1795000060");
    for _ in 1..300 {
        assert_eq!(server.get("/api/v1/things", &headers).await.status, 200);
    }
    server.clock.advance(Duration::from_secs(48));
    let refused = server.get("/api/v1/things", &headers).await;
    let body = refused.refused(429, "rate_limited");
    assert_eq!(
        body["detail"],
        "Rate limit exceeded. Retry after 12 seconds."
    );
    assert_eq!(refused.header("retry-after"), "12");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    server.clock.advance(Duration::from_secs(12));
    assert_eq!(server.get("/api/v1/things", &headers).await.status, 200);
}

#[tokio::test]
async fn a_self_hosted_tenant_only_sees_the_ceiling() {
    let server = Server::new();
    for _ in 0..1500 {
        let answer = server.get("/api/v1/things", &[KEY]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-remaining"), "1000");
    }
}

#[tokio::test]
async fn strangers_are_limited_by_address() {
    let server = Server::with(|settings| settings.limits.anonymous_per_minute = Some(3));
    for path in ["/nowhere", "/api/v1/things", "/healthz"] {
        assert_ne!(server.get(path, &[]).await.status, 429, "{path}");
    }
    server
        .get("/nowhere", &[])
        .await
        .refused(429, "rate_limited");
    server
        .get("/healthz", &[])
        .await
        .refused(429, "rate_limited");
    server
        .get("/api/v1/things", &[("x-api-key", "vk_live_guess")])
        .await
        .refused(429, "rate_limited");
    // A valid key and another address are not concerned.
    assert_eq!(server.get("/api/v1/things", &[KEY]).await.status, 200);
    let other = server
        .send_from("203.0.113.6", request("GET", "/nowhere", &[], ""))
        .await;
    other.refused(404, "not_found");
}

#[tokio::test]
async fn readiness_names_what_fails_without_its_cause() {
    let server = Server::new();
    let ready = server.get("/readyz", &[]).await;
    assert_eq!(
        ready.json(),
        json!({"status":"ready","checks":[{"name":"blob_store","ok":true}]})
    );
    server.disk_ok.store(false, Ordering::SeqCst);
    server.clock.advance(Duration::from_secs(5));
    let body = server.get("/readyz", &[]).await.refused(503, "unavailable");
    assert_eq!(body["detail"], "Not ready: blob_store.");
    server.disk_ok.store(true, Ordering::SeqCst);
    server.shared.start_draining();
    server.get("/readyz", &[]).await.refused(503, "unavailable");
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn polling_readiness_probes_once_in_five_seconds() {
    let server = Server::new();
    let asked = || server.disk_asked.load(Ordering::SeqCst);
    let crowd = (0..50).map(|_| server.get("/readyz", &[]));
    let answers = futures::future::join_all(crowd).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(asked(), 1);
    server.disk_ok.store(false, Ordering::SeqCst);
    server.clock.advance(Duration::from_millis(4_999));
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    assert_eq!(asked(), 1);
    server.clock.advance(Duration::from_millis(1));
    server.get("/readyz", &[]).await.refused(503, "unavailable");
    assert_eq!(asked(), 2);
    // A failure is asked about again sooner, and no more than once a second.
    server.disk_ok.store(true, Ordering::SeqCst);
    server.get("/readyz", &[]).await.refused(503, "unavailable");
    assert_eq!(asked(), 2);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    assert_eq!(asked(), 3);
}

#[tokio::test]
async fn whoever_hangs_up_does_not_make_readiness_probe_again() {
    let server = Server::new();
    for _ in 0..10 {
        let hasty = server.get("/readyz", &[]);
        let hung_up = tokio::time::timeout(Duration::from_millis(1), hasty).await;
        assert!(hung_up.is_err() || server.disk_asked.load(Ordering::SeqCst) == 1);
    }
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    assert_eq!(server.disk_asked.load(Ordering::SeqCst), 1);
}
