//! Rate limits: headers on every answer, 429 where a limit is configured.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use verifa_testkit::{Answer, Installation, Options, TestServer};

use crate::support::{SESSIONS, VERIFA, assert_fields, server};

/// A server that holds its organization to a limit of the plan `free`.
async fn held(setting: &str, limit: u32) -> TestServer {
    let variable = format!("VERIFA_RATE_LIMITS__PLANS__FREE__{setting}");
    let options = Options::default().set(&variable, limit);
    let installation = Installation::init(VERIFA, &options).await;
    // An organization has no plan until it is given one.
    let given = "UPDATE organizations SET plan = 'free'";
    assert_eq!(installation.database.change(given).await, 1);
    TestServer::serve(Arc::new(installation), Vec::new()).await
}

fn number(answer: &Answer, header: &str) -> u64 {
    let text = answer.header(header);
    text.parse()
        .unwrap_or_else(|_| panic!("{header} of {} is {text:?}", answer.call))
}

fn assert_limited(answer: &Answer) {
    let body = answer.refused(429, "rate_limited");
    let seconds = number(answer, "retry-after");
    assert!((1..=60).contains(&seconds), "{seconds}");
    let detail = format!("Rate limit exceeded. Retry after {seconds} seconds.");
    assert_eq!(body["detail"], detail);
}

#[tokio::test]
async fn every_answer_has_the_headers_even_without_limits() {
    let server = server().await;
    for client in [server.live(), server.sandbox()] {
        for path in [SESSIONS, "/api/v1/workflows", "/api/v1/sessions/x"] {
            let answer = client.get(path).await;
            assert_eq!(number(&answer, "x-ratelimit-limit"), 1000, "{path}");
            assert!(number(&answer, "x-ratelimit-remaining") <= 1000);
            assert!(number(&answer, "x-ratelimit-reset") > 1_790_000_000);
        }
    }
    for path in [SESSIONS, "/api/v1/nothing"] {
        number(&server.anonymous().get(path).await, "x-ratelimit-limit");
    }
}

#[tokio::test]
async fn a_plan_is_counted_down_and_then_refuses() {
    let server = held("REQUESTS_PER_MINUTE", 5).await;
    let live = server.live();
    let mut remaining = BTreeSet::new();
    for _ in 0..5 {
        let answer = live.get(SESSIONS).await;
        answer.ok(200);
        assert_eq!(number(&answer, "x-ratelimit-limit"), 5);
        remaining.insert(number(&answer, "x-ratelimit-remaining"));
    }
    assert_eq!(remaining.len(), 5, "{remaining:?}");
    assert_eq!(remaining.first(), Some(&0));
    let refused = live.get(SESSIONS).await;
    assert_limited(&refused);
    assert_eq!(number(&refused, "x-ratelimit-remaining"), 0);
    // Health is nobody's quota.
    assert_eq!(live.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn creating_sessions_has_a_limit_of_its_own() {
    let server = held("SESSION_CREATIONS_PER_MINUTE", 2).await;
    let live = server.live();
    for _ in 0..2 {
        live.post(SESSIONS).json(json!({})).await.ok(201);
    }
    assert_limited(&live.post(SESSIONS).json(json!({})).await);
    live.get(SESSIONS).await.ok(200);
    assert_eq!(
        server
            .installation
            .database
            .count("sessions", "1 = 1")
            .await,
        2
    );
}

/// A repeated call makes nothing, so it takes nothing of what is counted, and is answered when
/// nothing is left.
#[tokio::test]
async fn a_repetition_is_not_counted() {
    for setting in ["SESSION_CREATIONS_PER_MINUTE", "VERIFICATIONS_PER_DAY"] {
        let server = held(setting, 2).await;
        let live = server.live();
        let create = |key: &'static str| live.post(SESSIONS).json(json!({})).idempotent(key);
        let first = create("one").await.ok(201);
        for _ in 0..3 {
            assert_eq!(create("one").await.ok(201), first, "{setting}");
        }
        create("two").await.ok(201);
        create("three").await.refused(429, "rate_limited");
        assert_eq!(create("one").await.ok(201), first, "{setting}");
    }
}

/// Calls that come together find the same number left; the commit lets no more through.
#[tokio::test]
async fn a_daily_quota_holds_for_calls_that_come_together() {
    let server = held("VERIFICATIONS_PER_DAY", 5).await;
    let live = server.live();
    let calls = (0..30).map(|number: u32| {
        let call = live.post(SESSIONS).json(json!({}));
        // With and without a kept answer: two ways to the commit.
        if number.is_multiple_of(2) {
            call.idempotent(&format!("call-{number}")).into_future()
        } else {
            call.into_future()
        }
    });
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 5);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.refused(429, "rate_limited");
        assert_eq!(number(refused, "x-quota-remaining"), 0);
    }
    let database = &server.installation.database;
    assert_eq!(database.count("sessions", "1 = 1").await, 5);
    let limits = live.get("/api/v1/rate-limits").await.ok(200);
    assert_eq!(limits["quotas"]["verification_creation"]["remaining"], 0);
}

/// Equal calls that race for the last unit: one takes it, and the others repeat its answer instead
/// of being refused what was theirs.
#[tokio::test]
async fn the_last_unit_is_not_refused_to_a_repetition() {
    let server = held("VERIFICATIONS_PER_DAY", 1).await;
    let live = server.live();
    let calls = (0..16).map(|_| {
        let call = live.post(SESSIONS).json(json!({}));
        call.idempotent("the last").into_future()
    });
    let answers = futures::future::join_all(calls).await;
    let bodies: BTreeSet<_> = answers
        .iter()
        .map(|answer| answer.ok(201)["id"].to_string())
        .collect();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let database = &server.installation.database;
    assert_eq!(database.count("sessions", "1 = 1").await, 1);
    live.post(SESSIONS)
        .json(json!({}))
        .await
        .refused(429, "rate_limited");
}

/// A key that every visitor of a page can read is bounded by address and in all.
#[tokio::test]
async fn a_publishable_key_has_a_limit_of_its_own() {
    let options =
        Options::default().set("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_IN_ALL_PER_MINUTE", 3);
    let server = TestServer::start(VERIFA, &options).await;
    let keys = &server.installation.keys;
    let browser = server.anonymous().key(&keys.publishable_live);
    for left in [2, 1, 0] {
        let answer = browser.post(SESSIONS).json(json!({})).await;
        answer.ok(201);
        assert_eq!(number(&answer, "x-ratelimit-remaining"), left);
        assert_eq!(number(&answer, "x-ratelimit-limit"), 3);
    }
    assert_limited(&browser.post(SESSIONS).json(json!({})).await);
    let other = server.anonymous().key(&keys.publishable_sandbox);
    other.post(SESSIONS).json(json!({})).await.ok(201);
}

#[tokio::test]
async fn calls_without_a_key_are_limited_by_address() {
    let options = Options::default().set("VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE", 12);
    let server = TestServer::start(VERIFA, &options).await;
    let guesses: Vec<Answer> = {
        let mut answers = Vec::new();
        for number in 0..14 {
            let key = format!("vk_live_guess{number:027}");
            answers.push(server.anonymous().key(&key).get(SESSIONS).await);
        }
        answers
    };
    guesses[0].refused(401, "unauthorized");
    assert_limited(guesses.last().unwrap());
    // Who has a key is not held up by those who guess.
    server.live().get(SESSIONS).await.ok(200);
    // A header that anybody can write is not an address.
    let spoofed = server
        .anonymous()
        .get(SESSIONS)
        .header("x-forwarded-for", "203.0.113.9")
        .await;
    assert_limited(&spoofed);
}

#[tokio::test]
async fn the_limits_can_be_asked_for() {
    let server = server().await;
    let limits = server.live().get("/api/v1/rate-limits").await.ok(200);
    assert_fields(&limits, "rate_limit quotas plan environment");
    assert_fields(
        &limits["rate_limit"],
        "limit remaining reset_in_seconds window_seconds",
    );
    assert_fields(&limits["quotas"], "verification_creation key_creation");
    assert_eq!(limits["rate_limit"]["limit"], 1000);
    assert_eq!(limits["rate_limit"]["window_seconds"], 60);
}
