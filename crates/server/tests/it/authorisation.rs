//! Nobody unguarded: every operation that the server describes, against everybody who may not.
//!
//! The list of operations comes from `/openapi.json`. One that this file doesn't know fails the
//! test: whoever adds an operation says here what it hangs on.

mod foreign;
mod scopes;
mod things;

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use verifa_testkit::{Client, TestServer};

use crate::support::{SESSIONS, WORKFLOWS, server};
use Hangs::{CaptureToken, Delivery, Endpoint, Nothing, Session, Signature, Workflow};
use things::{Hangs, Things, owner_of};

/// Every operation of the API, what it hangs on, and the scopes that the contract demands for it
/// (spec/sessions.md names them call by call, spec/conventions.md the resources'): of `a|b` one is
/// enough, of `a+b` each is needed. A row is all that a new operation needs; copy its scopes from
/// the contract, not from the code. [`Hangs`] has a kind for each thing that a path can name.
// A row is a line: a table that can be read down its columns.
#[rustfmt::skip]
const OPERATIONS: &[(&str, &str, Hangs, &str)] = &[
    ("GET", "/api/v1/sessions", Nothing, "sessions:read"),
    ("POST", "/api/v1/sessions", Nothing, "sessions:create"),
    ("GET", "/api/v1/sessions/{id}", Session, "sessions:read"),
    ("PATCH", "/api/v1/sessions/{id}", Session, "sessions:write"),
    ("DELETE", "/api/v1/sessions/{id}/data", Session, "redact:write|sessions:write"),
    ("GET", "/api/v1/sessions/{id}/legal-hold", Session, "redact:write"),
    ("POST", "/api/v1/sessions/{id}/legal-hold", Session, "redact:write"),
    ("DELETE", "/api/v1/sessions/{id}/legal-hold", Session, "redact:write"),
    ("GET", "/api/v1/sessions/{id}/erasure-certificate", Session, "sessions:read|audit:read"),
    ("GET", "/api/v1/sessions/{id}/export", Session, "sessions:read+verifications:read+documents:read"),
    ("POST", "/api/v1/sessions/{id}/submit", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/resume", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/expire", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/external-decision", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/simulate", Hangs::SandboxSession, "sessions:write"),
    ("POST", "/api/v1/sessions/bulk-redact", Nothing, "redact:write|sessions:write"),
    ("POST", "/api/v1/sessions/{id}/add-tag", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/remove-tag", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/set-tags", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/resend-invite", Session, "sessions:write"),
    ("POST", "/api/v1/sessions/{id}/generate-one-time-link", Session, "sessions:write"),
    ("GET", "/api/v1/sessions/{id}/one-time-links", Session, "sessions:read"),
    ("POST", "/api/v1/sessions/{id}/client-token", Session, "sessions:create"),
    ("POST", "/api/v1/sessions/{id}/reprocess", Session, "sessions:write"),
    ("GET", "/api/v1/sessions/{id}/risk-assessment", Session, "verifications:read"),
    ("GET", "/api/v1/sessions/{id}/list-matches", Session, "lists:read"),
    ("POST", "/api/v1/sessions/{id}/verifications/{policy}/retry", Session, "sessions:write"),
    ("POST", "/verify/{token}/start", CaptureToken, ""),
    ("GET", "/verify/{token}/outcome", CaptureToken, ""),
    ("POST", "/verify/{token}/contest", CaptureToken, ""),
    ("GET", "/api/v1/sessions/{id}/result", Session, "verifications:read"),
    ("GET", "/api/v1/sessions/{id}/report", Session, "verifications:read"),
    ("GET", "/api/v1/sessions/{id}/verifications", Session, "verifications:read"),
    ("GET", "/api/v1/sessions/{id}/verifications/{policy}/attempts", Session, "verifications:read"),
    ("GET", "/api/v1/sessions/{id}/workflow-run", Session, "workflows:read|verifications:read"),
    ("GET", "/api/v1/sessions/{id}/documents", Session, "documents:read|verifications:read"),
    ("POST", "/api/v1/sessions/{id}/documents", Session, "documents:write|sessions:write"),
    ("GET", "/api/v1/sessions/{id}/documents/{doc_type}", Signature, ""),
    ("GET", "/api/v1/results", Nothing, "verifications:read"),
    ("GET", "/api/v1/results/{session_id}", Session, "verifications:read"),
    ("GET", "/api/v1/cases", Nothing, "cases:read"),
    ("POST", "/api/v1/cases", Nothing, "cases:write"),
    ("GET", "/api/v1/cases/{id}", Hangs::Case, "cases:read"),
    ("PATCH", "/api/v1/cases/{id}", Hangs::Case, "cases:write"),
    ("POST", "/api/v1/cases/{id}/claim", Hangs::Case, "cases:write"),
    ("POST", "/api/v1/cases/{id}/release", Hangs::Case, "cases:write"),
    ("POST", "/api/v1/cases/{id}/approve", Hangs::Case, "cases:decide"),
    ("POST", "/api/v1/cases/{id}/reject", Hangs::Case, "cases:decide"),
    ("GET", "/api/v1/cases/{id}/notes", Hangs::Case, "cases:read"),
    ("POST", "/api/v1/cases/{id}/notes", Hangs::Case, "cases:write"),
    ("POST", "/api/v1/cases/{id}/checks/{policy}/override", Hangs::Case, "cases:decide"),
    ("GET", "/api/v1/sandbox/clock", Nothing, "sessions:write"),
    ("POST", "/api/v1/sandbox/clock", Nothing, "sessions:write"),
    ("GET", "/api/v1/workflows", Nothing, "workflows:read"),
    ("POST", "/api/v1/workflows", Nothing, "workflows:write"),
    ("GET", "/api/v1/workflows/{id}", Workflow, "workflows:read"),
    ("PATCH", "/api/v1/workflows/{id}", Workflow, "workflows:write"),
    ("GET", "/api/v1/workflows/{id}/versions", Workflow, "workflows:read"),
    ("GET", "/api/v1/workflows/{id}/versions/{n}", Workflow, "workflows:read"),
    ("POST", "/api/v1/workflows/{id}/set-default", Workflow, "workflows:write"),
    ("POST", "/api/v1/workflows/{id}/deactivate", Workflow, "workflows:write"),
    ("POST", "/api/v1/workflows/{id}/trigger", Workflow, "workflows:trigger"),
    ("GET", "/api/v1/verification-policies", Nothing, "workflows:read"),
    ("GET", "/api/v1/rate-limits", Nothing, ""),
    ("GET", "/api/v1/sessions/{id}/webhook-deliveries", Session, "webhooks:read|sessions:read"),
    ("GET", "/api/v1/webhooks/endpoints", Nothing, "webhooks:read"),
    ("POST", "/api/v1/webhooks/endpoints", Nothing, "webhooks:write"),
    ("GET", "/api/v1/webhooks/endpoints/event-types", Nothing, "webhooks:read"),
    ("GET", "/api/v1/webhooks/endpoints/{id}", Endpoint, "webhooks:read"),
    ("PATCH", "/api/v1/webhooks/endpoints/{id}", Endpoint, "webhooks:write"),
    ("DELETE", "/api/v1/webhooks/endpoints/{id}", Endpoint, "webhooks:write"),
    ("POST", "/api/v1/webhooks/endpoints/{id}/test", Endpoint, "webhooks:write"),
    ("POST", "/api/v1/webhooks/endpoints/{id}/rotate-secret", Endpoint, "webhooks:write"),
    ("POST", "/api/v1/webhooks/endpoints/{id}/clone", Endpoint, "webhooks:write"),
    ("POST", "/api/v1/webhooks/endpoints/{id}/recover", Endpoint, "webhooks:write"),
    ("GET", "/api/v1/webhooks/endpoints/{id}/deliveries", Endpoint, "webhooks:read"),
    ("POST", "/api/v1/webhooks/deliveries/{id}/retry", Delivery, "webhooks:write"),
    ("GET", "/api/v1/webhooks/feed", Nothing, "webhooks:read"),
    ("GET", "/api/v1/settings", Nothing, "settings:read"),
    ("PATCH", "/api/v1/settings", Nothing, "settings:write"),
    ("POST", "/api/v1/settings/rotate-reference-secret", Nothing, "settings:write"),
    ("GET", "/api/v1/api-keys", Nothing, "api_keys:read"),
    ("POST", "/api/v1/api-keys", Nothing, "api_keys:write"),
    ("GET", "/api/v1/api-keys/{id}", Hangs::ApiKey, "api_keys:read"),
    ("PATCH", "/api/v1/api-keys/{id}", Hangs::ApiKey, "api_keys:write"),
    ("POST", "/api/v1/api-keys/{id}/expire", Hangs::ApiKey, "api_keys:write"),
    ("POST", "/api/v1/api-keys/{id}/clone", Hangs::ApiKey, "api_keys:write"),
    ("GET", "/api/v1/events", Nothing, "audit:read"),
    ("GET", "/api/v1/events/checkpoint", Nothing, "audit:read"),
    ("GET", "/api/v1/organizations", Hangs::Server, ""),
    ("POST", "/api/v1/organizations", Hangs::Server, ""),
    ("GET", "/api/v1/organizations/{id}", Hangs::Organization, ""),
    ("PATCH", "/api/v1/organizations/{id}", Hangs::Organization, ""),
    ("GET", "/api/v1/organizations/{id}/api-keys", Hangs::Organization, ""),
    ("POST", "/api/v1/organizations/{id}/api-keys", Hangs::Organization, ""),
    ("POST", "/api/v1/organizations/{id}/api-keys/{key_id}/expire", Hangs::Organization, ""),
];

/// Outside the API: no key, no tenant.
const OPEN: &[&str] = &["/healthz", "/readyz", "/openapi.json", "/docs"];

/// One operation of the served description.
struct Operation {
    method: Method,
    template: String,
    scopes: Vec<String>,
    needs_all: bool,
    needs_key: bool,
    publishable: bool,
    hangs: Hangs,
}

async fn operations(server: &TestServer) -> Vec<Operation> {
    let document = server.anonymous().get("/openapi.json").await.ok(200);
    let mut found = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        if OPEN.contains(&template.as_str()) {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_ascii_uppercase();
            let known = OPERATIONS
                .iter()
                .find(|(m, t, ..)| *m == method && same(t, template));
            let (_, _, hangs, wanted) = known.unwrap_or_else(|| {
                panic!("{method} {template} has no authorisation case: add it to OPERATIONS")
            });
            let wanted = wanted.split(['|', '+']).filter(|scope| !scope.is_empty());
            let scopes: Vec<String> = wanted.map(str::to_owned).collect();
            let described = operation.get("x-required-scopes").cloned();
            assert_eq!(
                described.unwrap_or(json!([])),
                json!(scopes),
                "{method} {template}"
            );
            let security = operation["security"].as_array();
            found.push(Operation {
                method: method.parse().unwrap(),
                template: template.clone(),
                needs_all: known.is_some_and(|(_, _, _, wanted)| wanted.contains('+')),
                scopes,
                needs_key: security.is_none_or(|list| list.iter().all(|one| one != &json!({}))),
                publishable: security
                    .is_some_and(|list| list.iter().any(|one| one.get("PublishableKey").is_some())),
                hangs: *hangs,
            });
        }
    }
    assert!(
        found.len() >= 25,
        "only {} operations are described",
        found.len()
    );
    found
}

/// Templates are the same whatever their parameters are called.
fn same(one: &str, other: &str) -> bool {
    let shape = |template: &str| -> Vec<String> {
        let parts = template.split('/');
        parts
            .map(|part| {
                if part.starts_with('{') {
                    "{}".into()
                } else {
                    part.into()
                }
            })
            .collect()
    };
    shape(one) == shape(other)
}

#[tokio::test]
async fn without_a_key_nothing_answers() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    for operation in &operations {
        let answer = things.send(&server.anonymous(), operation).await;
        if operation.hangs == Signature {
            assert!(!operation.needs_key);
            answer.refused(403, "forbidden");
            continue;
        }
        if operation.hangs == CaptureToken {
            assert!(!operation.needs_key);
            answer.refused(400, "bad_request");
            continue;
        }
        assert!(
            operation.needs_key,
            "{} {}",
            operation.method, operation.template
        );
        answer.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn with_a_publishable_key_only_sessions_are_made() {
    let options = verifa_testkit::Options::default()
        .set("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_PER_MINUTE", 10_000)
        .set("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_IN_ALL_PER_MINUTE", 0);
    let server = TestServer::start(crate::support::VERIFA, &options).await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let browser = server
        .anonymous()
        .key(&server.installation.keys.publishable_live);
    let mut open = Vec::new();
    for operation in operations.iter().filter(|operation| operation.needs_key) {
        if operation.hangs.is_the_operators() {
            continue;
        }
        if operation.publishable {
            open.push(format!("{} {}", operation.method, operation.template));
            continue;
        }
        things
            .send(&browser, operation)
            .await
            .refused(403, "forbidden");
    }
    assert_eq!(open, ["POST /api/v1/sessions"]);
}

#[tokio::test]
async fn the_other_environment_finds_nothing() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    for operation in &operations {
        match operation.hangs {
            Hangs::SandboxSession => {
                let answer = things.send(&server.live(), operation).await;
                answer.refused(403, "forbidden");
            }
            hangs if hangs.is_of_one_environment() => {
                let answer = things.send(&server.sandbox(), operation).await;
                answer.refused(404, "not_found");
            }
            _ => {}
        }
    }
    assert_eq!(
        server.live().look(&things.session()).await["status"],
        "awaiting_external"
    );
}

#[tokio::test]
async fn another_organization_finds_nothing() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let strangers = strangers(&server).await;
    for operation in &operations {
        if operation.hangs.is_of_one_organization() {
            let stranger = &strangers[operation.hangs.environment()];
            things
                .send(stranger, operation)
                .await
                .refused(404, "not_found");
        }
    }
    let stranger = &strangers["live"];
    for list in [SESSIONS, "/api/v1/results"] {
        let page = stranger.get(list).await.ok(200);
        assert_eq!(page["data"], json!([]), "{list}");
        assert_eq!(page["pagination"]["total"], 0, "{list}");
    }
    // Each organization begins with a default workflow of its own.
    let page = stranger.get(WORKFLOWS).await.ok(200);
    assert_eq!(page["pagination"]["total"], 1);
}

/// The holders of every scope in another organization, by environment.
async fn strangers(server: &TestServer) -> BTreeMap<&'static str, Client> {
    let body = json!({"name": "Stranger"});
    let made = server.operator().post("/api/v1/organizations").json(body);
    let keys = made.await.ok(201)["keys"].clone();
    let holder = |environment: &'static str| {
        let secret = keys[environment].as_str().unwrap();
        (environment, server.anonymous().key(secret))
    };
    ["live", "sandbox"].map(holder).into()
}

/// No API key opens what is the operator's, and an admin token opens nothing else.
#[tokio::test]
async fn admin_tokens_and_api_keys_open_different_doors() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let keys = &server.installation.keys;
    let mut operators = 0;
    for operation in operations.iter().filter(|operation| operation.needs_key) {
        if !operation.hangs.is_the_operators() {
            let answer = things.send(&server.operator(), operation).await;
            answer.refused(401, "unauthorized");
            continue;
        }
        operators += 1;
        for key in [&keys.live, &keys.sandbox, &keys.publishable_live] {
            let answer = things.send(&server.anonymous().key(key), operation).await;
            answer.refused(401, "unauthorized");
        }
    }
    assert!(operators >= 7, "only {operators} operations");
}

#[tokio::test]
async fn every_described_operation_is_served() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    for operation in &operations {
        let answer = things
            .send(&owner_of(&server, operation.hangs), operation)
            .await;
        let body: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        let missing = body["detail"] == "There is no such route.";
        assert!(
            !missing && answer.status != 405,
            "{}: {}",
            answer.call,
            answer.shown()
        );
    }
}
