//! Every session call in one story (spec/sessions.md, "Endpoints"): from an invitation to a
//! document, an export and an erasure; live, and again in the sandbox.
//!
//! The story writes down which operations it calls. At the end each one of the served description
//! that is about sessions and results must have been called: a new call is walked or fails here.

use std::cell::RefCell;
use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use verifa_testkit::{Call, Client, TestServer};

use crate::images::small_png;
use crate::support::{gate_steps, ids, server, unknown_id};

const BASE: &str = "/api/v1";

/// The calls of spec/sessions.md, as its table lists them.
const CALLS: &[(&str, &str)] = &[
    ("GET", "/sessions"),
    ("POST", "/sessions"),
    ("GET", "/sessions/{id}"),
    ("PATCH", "/sessions/{id}"),
    ("POST", "/sessions/{id}/resume"),
    ("POST", "/sessions/{id}/resend-invite"),
    ("POST", "/sessions/{id}/expire"),
    ("POST", "/sessions/{id}/simulate"),
    ("GET", "/sessions/{id}/result"),
    ("DELETE", "/sessions/{id}/data"),
    ("GET", "/sessions/{id}/export"),
    ("POST", "/sessions/bulk-redact"),
    ("POST", "/sessions/{id}/submit"),
    ("POST", "/sessions/{id}/add-tag"),
    ("POST", "/sessions/{id}/remove-tag"),
    ("POST", "/sessions/{id}/set-tags"),
    ("POST", "/sessions/{id}/generate-one-time-link"),
    ("GET", "/sessions/{id}/one-time-links"),
    ("GET", "/sessions/{id}/verifications"),
    ("POST", "/sessions/{id}/verifications/{policy}/retry"),
    ("GET", "/sessions/{id}/verifications/{policy}/attempts"),
    ("GET", "/sessions/{id}/report"),
    ("POST", "/sessions/{id}/external-decision"),
    ("POST", "/sessions/{id}/reprocess"),
    ("GET", "/sessions/{id}/webhook-deliveries"),
    ("GET", "/sessions/{id}/risk-assessment"),
    ("GET", "/sessions/{id}/documents"),
    ("POST", "/sessions/{id}/documents"),
    ("GET", "/sessions/{id}/documents/{doc_type}"),
    ("GET", "/sessions/{id}/workflow-run"),
    ("GET", "/sessions/{id}/list-matches"),
    ("POST", "/sessions/{id}/client-token"),
    ("GET", "/results"),
    ("GET", "/results/{session_id}"),
];

type Operation = (String, String);

/// Somebody who walks, what the server offers, and where he has been.
struct Walk {
    client: Client,
    anonymous: Client,
    sandbox: bool,
    offered: BTreeSet<Operation>,
    called: RefCell<BTreeSet<Operation>>,
}

/// The parameters' names don't matter.
fn shape(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

impl Walk {
    async fn begin(server: &TestServer, sandbox: bool) -> Self {
        let document = server.anonymous().get("/openapi.json").await.ok(200);
        let mut offered = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(path) = path.strip_prefix(BASE) else {
                continue;
            };
            if path.starts_with("/sessions") || path.starts_with("/results") {
                for method in item.as_object().unwrap().keys() {
                    offered.insert((method.to_ascii_uppercase(), shape(path)));
                }
            }
        }
        Self {
            client: if sandbox {
                server.sandbox()
            } else {
                server.live()
            },
            anonymous: server.anonymous(),
            sandbox,
            offered,
            called: RefCell::default(),
        }
    }

    /// A call of an operation; `parameters` take the places in its path.
    fn call(&self, method: Method, template: &str, parameters: &[&str]) -> Call {
        let operation = (method.to_string(), shape(template));
        self.called.borrow_mut().insert(operation);
        let mut parameters = parameters.iter();
        let path: Vec<&str> = template
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    *parameters.next().expect("a parameter")
                } else {
                    part
                }
            })
            .collect();
        self.client
            .call(method, &format!("{BASE}{}", path.join("/")))
    }

    async fn get(&self, template: &str, parameters: &[&str]) -> Value {
        self.call(Method::GET, template, parameters).await.ok(200)
    }

    async fn post(&self, template: &str, parameters: &[&str], body: Value) -> Value {
        let call = self.call(Method::POST, template, parameters).json(body);
        call.await.ok(200)
    }

    /// Checks that nothing was left out.
    fn end(self) {
        let called = self.called.into_inner();
        let left_out: Vec<&Operation> = self.offered.difference(&called).collect();
        assert!(left_out.is_empty(), "not walked: {left_out:?}");
        let offers = |(method, path): &&(&str, &str)| {
            self.offered.contains(&((*method).to_owned(), shape(path)))
        };
        let missing: Vec<_> = CALLS.iter().filter(|call| !offers(call)).collect();
        assert!(
            missing.is_empty(),
            "calls of the contract that are missing: {missing:?}"
        );
    }
}

#[tokio::test]
async fn every_call_live() {
    let server = server().await;
    let walk = Walk::begin(&server, false).await;
    story(&walk).await;
    // What only the sandbox may do is refused.
    let session = walk.client.session(json!({})).await;
    let action = json!({"action": "approve"});
    let call = walk.call(Method::POST, "/sessions/{id}/simulate", &[&session]);
    call.json(action).await.refused(403, "forbidden");
    walk.end();
}

#[tokio::test]
async fn every_call_in_the_sandbox() {
    let server = server().await;
    let walk = Walk::begin(&server, true).await;
    story(&walk).await;
    simulated_outcomes(&walk).await;
    walk.end();
}

async fn story(walk: &Walk) {
    let session = invited(walk).await;
    tagged(walk, &session).await;
    ways_in(walk, &session).await;
    handed_in(walk, &session).await;
    ended_and_resumed(walk, &session).await;
    judged(walk, &session).await;
    looked_at(walk, &session).await;
    judged_again(walk, &session).await;
    let other = tried_again(walk).await;
    filed_and_erased(walk, &session, &other).await;
}

/// Created with an invitation, found, looked at, changed.
async fn invited(walk: &Walk) -> String {
    let workflow = walk.client.workflow(gate_steps()).await;
    let body = json!({
        "workflow_id": workflow,
        "external_ref": "walk-1",
        "metadata": {"plan": "pro", "trial": true},
        "tags": ["walk"],
        "send_email": true,
        "applicant_email": "tessa@example.org",
        "fields": {"first_name": "Tessa", "last_name": "Testwoman"}
    });
    let made = walk.call(Method::POST, "/sessions", &[]).json(body);
    let made = made.await.ok(201);
    assert_eq!(made["is_sandbox"], walk.sandbox);
    let session = made["id"].as_str().unwrap().to_owned();

    let found = walk.call(Method::GET, "/sessions", &[]);
    let found = found.query(&[("external_ref", "walk-1")]).await.ok(200);
    assert_eq!(ids(&found), [session.as_str()]);
    let shown = walk.get("/sessions/{id}", &[&session]).await;
    assert_eq!(shown["status"], "pending");

    let change = json!({"metadata": {"trial": null, "step": 2}});
    let call = walk.call(Method::PATCH, "/sessions/{id}", &[&session]);
    let changed = call.json(change).await.ok(200);
    assert_eq!(changed["metadata"], json!({"plan": "pro", "step": 2}));
    let call = walk.call(Method::POST, "/sessions/{id}/resend-invite", &[&session]);
    let again = call.await.ok(200);
    assert_eq!(again["invites_sent"], 2);
    session
}

async fn tagged(walk: &Walk, session: &str) {
    let id = [session];
    let add = walk.post("/sessions/{id}/add-tag", &id, json!({"tag": "vip"}));
    assert_eq!(add.await["tags"], json!(["walk", "vip"]));
    let remove = walk.post("/sessions/{id}/remove-tag", &id, json!({"tag": "walk"}));
    assert_eq!(remove.await["tags"], json!(["vip"]));
    let set = walk.post(
        "/sessions/{id}/set-tags",
        &id,
        json!({"tags": ["a", "b", "a"]}),
    );
    assert_eq!(set.await["tags"], json!(["a", "b"]));
}

/// A link that works once, and a token for a browser.
async fn ways_in(walk: &Walk, session: &str) {
    let template = "/sessions/{id}/generate-one-time-link";
    let body = json!({"expires_in_minutes": 30});
    let link = walk.post(template, &[session], body).await;
    assert_eq!(link["status"], "active");
    let listed = walk.get("/sessions/{id}/one-time-links", &[session]).await;
    assert_eq!(listed["data"][0]["id"], link["id"]);
    let call = walk.call(Method::POST, "/sessions/{id}/client-token", &[session]);
    let token = call.await.ok(200);
    assert!(token["client_token"].is_string(), "{token}");
}

/// An image goes up, is listed, and comes down as it was.
async fn handed_in(walk: &Walk, session: &str) {
    let image = small_png(5);
    let form = Form::new()
        .text("document_type", "id_front")
        .part("file", Part::bytes(image.clone()).file_name("front"));
    let upload = walk.call(Method::POST, "/sessions/{id}/documents", &[session]);
    upload.form(form).await.ok(201);
    let listed = walk.get("/sessions/{id}/documents", &[session]).await;
    let url = listed["data"][0]["url"].as_str().unwrap().to_owned();
    let download = (
        "GET".to_owned(),
        shape("/sessions/{id}/documents/{doc_type}"),
    );
    walk.called.borrow_mut().insert(download);
    let came = walk.anonymous.get(&url).await;
    assert_eq!(came.status, 200);
    assert!(came.bytes == image, "another image came down");
}

async fn ended_and_resumed(walk: &Walk, session: &str) {
    let call = walk.call(Method::POST, "/sessions/{id}/expire", &[session]);
    assert_eq!(call.await.ok(200)["status"], "expired");
    let call = walk.call(Method::POST, "/sessions/{id}/resume", &[session]);
    assert_eq!(call.await.ok(200)["status"], "pending");
    let kept = walk.get("/sessions/{id}/documents", &[session]).await;
    assert_eq!(kept["data"].as_array().unwrap().len(), 1);
}

/// Submitted; in the sandbox somebody has to say that the workflow is to run.
async fn submitted(walk: &Walk, session: &str) {
    let call = walk.call(Method::POST, "/sessions/{id}/submit", &[session]);
    call.json(json!({})).await.ok(200);
    if walk.sandbox {
        walk.client.until(session, "sandbox_pending").await;
        let body = json!({"action": "run-workflow"});
        let answer = walk.post("/sessions/{id}/simulate", &[session], body).await;
        assert_eq!(answer["simulated"], true);
    }
}

async fn let_through(walk: &Walk, session: &str) {
    walk.client.until(session, "awaiting_external").await;
    let run = walk.get("/sessions/{id}/workflow-run", &[session]).await;
    assert_eq!(run["status"], "paused");
    let body = json!({"decision": "continue", "metadata": {"core_banking": "ok"}});
    let template = "/sessions/{id}/external-decision";
    let answer = walk.post(template, &[session], body).await;
    assert_eq!(answer["status"], "processing");
    walk.client.until(session, "completed").await;
}

async fn judged(walk: &Walk, session: &str) {
    submitted(walk, session).await;
    let_through(walk, session).await;
    let result = walk.get("/sessions/{id}/result", &[session]).await;
    assert_eq!(result["status"], "approved");
}

/// What hangs on a decided session.
async fn looked_at(walk: &Walk, session: &str) {
    let one = walk.get("/results/{session_id}", &[session]).await;
    assert_eq!(one["status"], "approved");
    let listed = walk.get("/results", &[]).await;
    let mut rows = listed["data"].as_array().unwrap().iter();
    assert!(rows.any(|row| row["session_id"] == session), "{listed}");
    let checks = walk.get("/sessions/{id}/verifications", &[session]).await;
    let policies = checks["data"].as_array().unwrap().iter();
    let policies: Vec<_> = policies.map(|check| check["policy"].clone()).collect();
    assert!(policies.contains(&json!("auto_approve")), "{policies:?}");
    let attempts = "/sessions/{id}/verifications/{policy}/attempts";
    let tried = walk.get(attempts, &[session, "auto_approve"]).await;
    assert_eq!(tried["attempts"][0]["attempt_number"], 1);
    for page in [
        "/sessions/{id}/webhook-deliveries",
        "/sessions/{id}/list-matches",
    ] {
        let page = walk.get(page, &[session]).await;
        assert!(page["data"].is_array(), "{page}");
    }
    let call = walk.call(Method::GET, "/sessions/{id}/risk-assessment", &[session]);
    call.await.refused(404, "not_found");
    looked_at_for_its_life(walk, session).await;
}

/// The life of its data: held, let go, and no certificate before there is an erasure.
async fn looked_at_for_its_life(walk: &Walk, session: &str) {
    let hold = "/sessions/{id}/legal-hold";
    let call = walk.call(Method::POST, hold, &[session]);
    let placed = call.json(json!({"reason": "Proceedings 4 O 112/26"}));
    assert_eq!(placed.await.ok(200)["legal_hold"], true);
    assert_eq!(walk.get(hold, &[session]).await["legal_hold"], true);
    let lifted = walk.call(Method::DELETE, hold, &[session]).await;
    assert_eq!(lifted.ok(200)["legal_hold"], false);
    let certificate = "/sessions/{id}/erasure-certificate";
    let call = walk.call(Method::GET, certificate, &[session]);
    call.await.refused(404, "not_found");
}

async fn judged_again(walk: &Walk, session: &str) {
    let call = walk.call(Method::POST, "/sessions/{id}/reprocess", &[session]);
    assert_eq!(call.await.ok(202)["session_id"], session);
    let_through(walk, session).await;
}

/// A second session whose document can't be read: a reviewer's case, and another try.
async fn tried_again(walk: &Walk) -> String {
    let steps = json!([
        {"policy": "document_ocr", "on_error": "review"},
        {"policy": "auto_approve"}
    ]);
    let workflow = walk.client.workflow(steps).await;
    let session = walk
        .client
        .session(json!({
            "workflow_id": workflow,
            "metadata": {"verifa_sandbox": {"check": "document_ocr", "result": "error"}}
        }))
        .await;
    let upload = walk.client.upload(&session, "id_front", small_png(6));
    upload.await.ok(201);
    submitted(walk, &session).await;
    walk.client.until(&session, "under_review").await;
    let retry = "/sessions/{id}/verifications/{policy}/retry";
    let call = walk.call(Method::POST, retry, &[&session, "document_ocr"]);
    assert_eq!(call.await.ok(202)["policy"], "document_ocr");
    walk.client.until(&session, "under_review").await;
    session
}

/// A document for the file, everything for the person, and then nothing any more.
async fn filed_and_erased(walk: &Walk, session: &str, other: &str) {
    let report = walk.call(Method::GET, "/sessions/{id}/report", &[session]);
    let report = report.await;
    assert_eq!(report.status, 200, "{}", report.shown());
    assert!(report.bytes.starts_with(b"%PDF-1.7"));
    let image = |pdf: &[u8]| pdf.windows(10).any(|part| part == b"/DCTDecode");
    assert!(image(&report.bytes));

    let export = "/sessions/{id}/export";
    let whole = walk.get(export, &[session]).await;
    assert_eq!(whole["session"]["id"], session);
    assert!(whole.to_string().contains("Testwoman"), "the person's data");
    let call = walk.call(Method::DELETE, "/sessions/{id}/data", &[session]);
    assert_eq!(call.await.ok(200)["documents_removed"], 1);
    let rest = walk.get(export, &[session]).await.to_string();
    assert!(!rest.contains("Testwoman"), "{rest}");
    walk.get("/sessions/{id}/erasure-certificate", &[session])
        .await;
    let call = walk.call(Method::GET, "/sessions/{id}/report", &[session]);
    let remains = call.await;
    assert_eq!(remains.status, 200);
    assert!(!image(&remains.bytes));
    let shown = walk.get("/sessions/{id}", &[session]).await;
    assert_eq!(shown["retention_status"], "redacted");

    let nobody = unknown_id("ses_");
    let body = json!({"session_ids": [session, other, nobody]});
    let answer = walk.post("/sessions/bulk-redact", &[], body).await;
    let statuses = answer["results"].as_array().unwrap().iter();
    let statuses: Vec<_> = statuses.map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, ["already_redacted", "deleted", "not_found"]);
}

/// The sandbox's own way: somebody chooses the outcome of a fresh session.
async fn simulated_outcomes(walk: &Walk) {
    for (action, status, result) in [
        ("approve", "completed", Some("approved")),
        ("decline", "completed", Some("rejected")),
        ("require-review", "under_review", Some("needs_review")),
        ("expire", "expired", None),
    ] {
        let session = walk.client.session(json!({})).await;
        let body = json!({"action": action});
        let answer = walk
            .post("/sessions/{id}/simulate", &[&session], body)
            .await;
        assert_eq!(answer["status"], status, "{action}");
        let Some(result) = result else { continue };
        let shown = walk.get("/sessions/{id}/result", &[&session]).await;
        assert_eq!(shown["status"], result, "{action}");
        assert_eq!(shown["processing_mode"], "simulated", "{action}");
        let call = walk.call(Method::GET, "/sessions/{id}/report", &[&session]);
        let report = call.await;
        assert_eq!(report.status, 200, "{action}: {}", report.shown());
    }
}
