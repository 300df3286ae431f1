//! Nobody unguarded: every operation that the server describes, against everybody who may not.
//!
//! The list of operations comes from `/openapi.json`. One that this file doesn't know fails the
//! test: whoever adds an operation says here what it hangs on.

mod things;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use verifa_testkit::{Client, TestServer};

use crate::support::{SESSIONS, WORKFLOWS, server};
use Hangs::{CaptureToken, Delivery, Endpoint, Nothing, Session, Signature, Workflow};
use things::{Hangs, Things, owner_of};

/// Every operation of the API and what it hangs on; a row is all that a new operation needs.
/// [`Hangs`] has a kind for each thing that a path can name.
const OPERATIONS: &[(&str, &str, Hangs)] = &[
    ("GET", "/api/v1/sessions", Nothing),
    ("POST", "/api/v1/sessions", Nothing),
    ("GET", "/api/v1/sessions/{id}", Session),
    ("PATCH", "/api/v1/sessions/{id}", Session),
    ("DELETE", "/api/v1/sessions/{id}/data", Session),
    ("GET", "/api/v1/sessions/{id}/legal-hold", Session),
    ("POST", "/api/v1/sessions/{id}/legal-hold", Session),
    ("DELETE", "/api/v1/sessions/{id}/legal-hold", Session),
    ("GET", "/api/v1/sessions/{id}/erasure-certificate", Session),
    ("GET", "/api/v1/sessions/{id}/export", Session),
    ("POST", "/api/v1/sessions/{id}/submit", Session),
    ("POST", "/api/v1/sessions/{id}/resume", Session),
    ("POST", "/api/v1/sessions/{id}/expire", Session),
    ("POST", "/api/v1/sessions/{id}/external-decision", Session),
    (
        "POST",
        "/api/v1/sessions/{id}/simulate",
        Hangs::SandboxSession,
    ),
    ("POST", "/api/v1/sessions/bulk-redact", Nothing),
    ("POST", "/api/v1/sessions/{id}/add-tag", Session),
    ("POST", "/api/v1/sessions/{id}/remove-tag", Session),
    ("POST", "/api/v1/sessions/{id}/set-tags", Session),
    ("POST", "/api/v1/sessions/{id}/resend-invite", Session),
    (
        "POST",
        "/api/v1/sessions/{id}/generate-one-time-link",
        Session,
    ),
    ("GET", "/api/v1/sessions/{id}/one-time-links", Session),
    ("POST", "/api/v1/sessions/{id}/client-token", Session),
    ("POST", "/api/v1/sessions/{id}/reprocess", Session),
    ("GET", "/api/v1/sessions/{id}/risk-assessment", Session),
    ("GET", "/api/v1/sessions/{id}/list-matches", Session),
    (
        "POST",
        "/api/v1/sessions/{id}/verifications/{policy}/retry",
        Session,
    ),
    ("POST", "/verify/{token}/start", CaptureToken),
    ("GET", "/verify/{token}/outcome", CaptureToken),
    ("POST", "/verify/{token}/contest", CaptureToken),
    ("GET", "/api/v1/sessions/{id}/result", Session),
    ("GET", "/api/v1/sessions/{id}/report", Session),
    ("GET", "/api/v1/sessions/{id}/verifications", Session),
    (
        "GET",
        "/api/v1/sessions/{id}/verifications/{policy}/attempts",
        Session,
    ),
    ("GET", "/api/v1/sessions/{id}/workflow-run", Session),
    ("GET", "/api/v1/sessions/{id}/documents", Session),
    ("POST", "/api/v1/sessions/{id}/documents", Session),
    (
        "GET",
        "/api/v1/sessions/{id}/documents/{doc_type}",
        Signature,
    ),
    ("GET", "/api/v1/results", Nothing),
    ("GET", "/api/v1/results/{session_id}", Session),
    ("GET", "/api/v1/cases", Nothing),
    ("POST", "/api/v1/cases", Nothing),
    ("GET", "/api/v1/cases/{id}", Hangs::Case),
    ("PATCH", "/api/v1/cases/{id}", Hangs::Case),
    ("POST", "/api/v1/cases/{id}/claim", Hangs::Case),
    ("POST", "/api/v1/cases/{id}/release", Hangs::Case),
    ("POST", "/api/v1/cases/{id}/approve", Hangs::Case),
    ("POST", "/api/v1/cases/{id}/reject", Hangs::Case),
    ("GET", "/api/v1/cases/{id}/notes", Hangs::Case),
    ("POST", "/api/v1/cases/{id}/notes", Hangs::Case),
    (
        "POST",
        "/api/v1/cases/{id}/checks/{policy}/override",
        Hangs::Case,
    ),
    ("GET", "/api/v1/sandbox/clock", Nothing),
    ("POST", "/api/v1/sandbox/clock", Nothing),
    ("GET", "/api/v1/workflows", Nothing),
    ("POST", "/api/v1/workflows", Nothing),
    ("GET", "/api/v1/workflows/{id}", Workflow),
    ("PATCH", "/api/v1/workflows/{id}", Workflow),
    ("GET", "/api/v1/workflows/{id}/versions", Workflow),
    ("GET", "/api/v1/workflows/{id}/versions/{n}", Workflow),
    ("POST", "/api/v1/workflows/{id}/set-default", Workflow),
    ("POST", "/api/v1/workflows/{id}/deactivate", Workflow),
    ("POST", "/api/v1/workflows/{id}/trigger", Workflow),
    ("GET", "/api/v1/verification-policies", Nothing),
    ("GET", "/api/v1/rate-limits", Nothing),
    ("GET", "/api/v1/sessions/{id}/webhook-deliveries", Session),
    ("GET", "/api/v1/webhooks/endpoints", Nothing),
    ("POST", "/api/v1/webhooks/endpoints", Nothing),
    ("GET", "/api/v1/webhooks/endpoints/event-types", Nothing),
    ("GET", "/api/v1/webhooks/endpoints/{id}", Endpoint),
    ("PATCH", "/api/v1/webhooks/endpoints/{id}", Endpoint),
    ("DELETE", "/api/v1/webhooks/endpoints/{id}", Endpoint),
    ("POST", "/api/v1/webhooks/endpoints/{id}/test", Endpoint),
    (
        "POST",
        "/api/v1/webhooks/endpoints/{id}/rotate-secret",
        Endpoint,
    ),
    ("POST", "/api/v1/webhooks/endpoints/{id}/clone", Endpoint),
    ("POST", "/api/v1/webhooks/endpoints/{id}/recover", Endpoint),
    (
        "GET",
        "/api/v1/webhooks/endpoints/{id}/deliveries",
        Endpoint,
    ),
    ("POST", "/api/v1/webhooks/deliveries/{id}/retry", Delivery),
    ("GET", "/api/v1/webhooks/feed", Nothing),
    ("GET", "/api/v1/settings", Nothing),
    ("PATCH", "/api/v1/settings", Nothing),
    ("POST", "/api/v1/settings/rotate-reference-secret", Nothing),
    ("GET", "/api/v1/api-keys", Nothing),
    ("POST", "/api/v1/api-keys", Nothing),
    ("GET", "/api/v1/api-keys/{id}", Hangs::ApiKey),
    ("PATCH", "/api/v1/api-keys/{id}", Hangs::ApiKey),
    ("POST", "/api/v1/api-keys/{id}/expire", Hangs::ApiKey),
    ("POST", "/api/v1/api-keys/{id}/clone", Hangs::ApiKey),
    ("GET", "/api/v1/events", Nothing),
    ("GET", "/api/v1/events/checkpoint", Nothing),
    ("GET", "/api/v1/organizations", Hangs::Server),
    ("POST", "/api/v1/organizations", Hangs::Server),
    ("GET", "/api/v1/organizations/{id}", Hangs::Organization),
    ("PATCH", "/api/v1/organizations/{id}", Hangs::Organization),
    (
        "GET",
        "/api/v1/organizations/{id}/api-keys",
        Hangs::Organization,
    ),
    (
        "POST",
        "/api/v1/organizations/{id}/api-keys",
        Hangs::Organization,
    ),
    (
        "POST",
        "/api/v1/organizations/{id}/api-keys/{key_id}/expire",
        Hangs::Organization,
    ),
];

/// Outside the API: no key, no tenant.
const OPEN: &[&str] = &["/healthz", "/readyz", "/openapi.json", "/docs"];

/// One operation of the served description.
struct Operation {
    method: Method,
    template: String,
    scopes: Vec<String>,
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
                .find(|(m, t, _)| *m == method && same(t, template));
            let (_, _, hangs) = known.unwrap_or_else(|| {
                panic!("{method} {template} has no authorisation case: add it to OPERATIONS")
            });
            let scopes = operation["x-required-scopes"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let security = operation["security"].as_array();
            found.push(Operation {
                method: method.parse().unwrap(),
                template: template.clone(),
                scopes: scopes
                    .iter()
                    .map(|scope| scope.as_str().unwrap().to_owned())
                    .collect(),
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
        .set("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_PER_MINUTE", 10_000);
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
async fn with_every_other_scope_nothing_answers() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let all: BTreeSet<String> = ALL_SCOPES.iter().map(ToString::to_string).collect();
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for operation in &operations {
        if operation.hangs.is_the_operators() {
            continue;
        }
        if !operation.needs_key || operation.scopes.is_empty() {
            // Only these may be asked with any key at all.
            assert!(
                ["/api/v1/rate-limits"].contains(&operation.template.as_str())
                    || [Signature, CaptureToken].contains(&operation.hangs),
                "{} needs no scope",
                operation.template
            );
            continue;
        }
        let mut others = all.clone();
        for scope in &operation.scopes {
            others.remove(scope);
            for (narrow, broad) in BROADER {
                if narrow == scope {
                    others.remove(*broad);
                }
            }
        }
        let environment = operation.hangs.environment();
        let scopes = others.into_iter().collect::<Vec<_>>().join(",");
        let key = keys
            .entry(format!("{environment} {scopes}"))
            .or_insert_with(|| server.installation.create_key(environment, &scopes));
        let answer = things.send(&server.anonymous().key(key), operation).await;
        let detail = answer.refused(403, "forbidden")["detail"].to_string();
        assert!(
            operation.scopes.iter().any(|scope| detail.contains(scope)),
            "{}: {detail} names none of {:?}",
            answer.call,
            operation.scopes
        );
    }
}

/// spec/conventions.md, "Authentication": broad scopes that stand in for narrow ones.
const BROADER: &[(&str, &str)] = &[
    ("sessions:create", "sessions:write"),
    ("workflows:trigger", "workflows:write"),
    ("cases:decide", "cases:write"),
];

const ALL_SCOPES: &[&str] = &[
    "sessions:read",
    "sessions:create",
    "sessions:write",
    "verifications:read",
    "identities:read",
    "documents:read",
    "documents:write",
    "workflows:read",
    "workflows:write",
    "workflows:trigger",
    "cases:read",
    "cases:write",
    "cases:decide",
    "checks:read",
    "checks:write",
    "screening:write",
    "lists:read",
    "lists:write",
    "identities:write",
    "webhooks:read",
    "webhooks:write",
    "settings:read",
    "settings:write",
    "redact:write",
    "audit:read",
    "api_keys:read",
    "api_keys:write",
];

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
            Nothing if operation.template == SESSIONS && operation.method == Method::GET => {
                let page = things.send(&server.sandbox(), operation).await.ok(200);
                assert!(!page.to_string().contains(&things.session()));
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
    assert!(!page.to_string().contains(things.id(Workflow)), "{page}");
    let body = json!({"workflow_id": things.id(Workflow)});
    stranger
        .post(SESSIONS)
        .json(body)
        .await
        .invalid_field("workflow_id");
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
async fn an_expired_or_revoked_key_is_unknown() {
    let server = server().await;
    for column in ["expires_at", "revoked_at"] {
        let secret = server.installation.create_key("live", "*");
        let client = server.anonymous().key(&secret);
        client.get(SESSIONS).await.ok(200);
        let change = format!(
            "UPDATE api_keys SET {column} = created_at \
             WHERE created_at = (SELECT max(created_at) FROM api_keys)"
        );
        server.installation.database.change(&change).await;
        // Known within 1 s, as a new key is.
        verifa_testkit::within(
            std::time::Duration::from_secs(2),
            "the key ends",
            async || (client.get(SESSIONS).await.status == 401).then_some(()),
        )
        .await;
        client.get(SESSIONS).await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_key_may_be_bound_to_addresses() {
    let server = server().await;
    let secret = server.installation.create_key("live", "*");
    let change = "UPDATE api_keys SET allowed_ips = '[\"203.0.113.0/24\"]' \
                  WHERE created_at = (SELECT max(created_at) FROM api_keys)";
    server.installation.database.change(change).await;
    let client = server.anonymous().key(&secret);
    let answer = client.get(SESSIONS).await;
    assert!([401, 403].contains(&answer.status), "{}", answer.shown());
    // We are no trusted proxy: what we say about others is not believed.
    let spoofed = client
        .get(SESSIONS)
        .header("x-forwarded-for", "203.0.113.5")
        .await;
    assert!([401, 403].contains(&spoofed.status), "{}", spoofed.shown());
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
