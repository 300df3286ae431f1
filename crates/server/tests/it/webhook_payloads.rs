//! Every body that is sent is as the reference describes it, no field more and none less.

use std::collections::BTreeSet;

use jiff::civil::date;
use serde_json::{Value, json};
use verifa_core::session::WebhookEvent;
use verifa_core::webhook::{Sender, payload};
use verifa_specimen::{Holder, Specimen, png};
use verifa_testkit::{Client, Options, TestServer};

use crate::mrz_images::reads_here;
use crate::support::{SESSIONS, VERIFA, gate_steps, paused_on, server};
use crate::webhook_feed::read_all;

/// What each story of this file tells.
const COURSE: &[&str] = &[
    "session.created",
    "session.started",
    "session.awaiting_external",
    "session.approved",
    "session.requires-review",
    "session.declined",
    "session.expired",
    "session.redacted",
    "case.created",
];
const BROKEN: &[&str] = &["session.created", "session.started", "session.failed"];
const READ: &[&str] = &[
    "session.created",
    "session.started",
    "document.extracted",
    "document.verified",
    "session.approved",
];
const REVIEWED: &[&str] = &[
    "session.created",
    "session.awaiting_external",
    "session.requires-review",
    "session.approved",
    "session.declined",
    "case.created",
    "case.approved",
    "case.rejected",
];
const ASKED_AGAIN: &[&str] = &[
    "session.created",
    "session.started",
    "session.failed",
    "session.link_generated",
    "session.resubmission-required",
];
const KEPT_TOO_LONG: &[&str] = &[
    "session.created",
    "session.approved",
    "session.retention-expired",
    "session.redacted",
];
const STORIES: [&[&str]; 6] = [COURSE, BROKEN, READ, REVIEWED, ASKED_AGAIN, KEPT_TOO_LONG];

/// What is described and told by no code yet. Whoever tells one of them takes it from here, and adds
/// a story.
const NOT_YET: &[&str] = &[
    "screening.completed",
    "check.completed",
    "check.monitoring.new_hits",
    "screening.monitoring.new_hits",
    "identity.created",
    "identity.updated",
    "identity.archived",
    "identity.restored",
    "identity.flagged",
    "identity.tag-added",
    "identity.tag-removed",
    "case.escalated",
];

/// The described bodies of a server's document.
struct Reference(Value);

impl Reference {
    async fn of(server: &TestServer) -> Self {
        Self(server.anonymous().get("/openapi.json").await.ok(200))
    }

    /// The schema of an event's body, which refuses fields that are not described.
    fn schema(&self, event: &str) -> Value {
        let post = &self.0["webhooks"][event]["post"];
        let body = &post["requestBody"]["content"]["application/json"]["schema"];
        let name = body["$ref"]
            .as_str()
            .unwrap_or_else(|| panic!("{event} is not described"));
        let mut schema = self.0.pointer(&name[1..]).unwrap().clone();
        close(&mut schema);
        schema
    }

    #[track_caller]
    fn check(&self, event: &Value) {
        let name = event["event"].as_str().unwrap();
        assert!(!NOT_YET.contains(&name), "{name} is told, and has no story");
        let mut body = event.clone();
        body.as_object_mut().unwrap().shift_remove("seq");
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&self.schema(name))
            .unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{body:#}");
        let fields: Vec<_> = body.as_object().unwrap().keys().take(3).collect();
        assert_eq!(fields, ["event", "idempotency_key", "created_at"]);
    }
}

/// No object may have fields that are not described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// What a test saw: every event checked; the names.
async fn told(server: &TestServer, client: &Client, count: usize) -> BTreeSet<String> {
    let reference = Reference::of(server).await;
    let events = read_all(client, count).await;
    for event in &events {
        reference.check(event);
    }
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect()
}

fn names(wanted: &[&str]) -> BTreeSet<String> {
    wanted.iter().map(ToString::to_string).collect()
}

#[test]
fn every_event_has_a_story_or_waits_for_a_later_release() {
    let stories: BTreeSet<_> = STORIES.concat().into_iter().collect();
    for event in WebhookEvent::ALL {
        let name = event.as_str();
        let waits = NOT_YET.contains(&name);
        assert_ne!(stories.contains(name), waits, "{name}: a story, or NOT_YET");
        // Telling one that waits trips an assertion where events are written.
        let described_later = payload(*event).sender == Sender::ALaterRelease;
        assert_eq!(
            described_later, waits,
            "{name}: the reference says otherwise"
        );
    }
    assert_eq!(stories.len() + NOT_YET.len(), WebhookEvent::ALL.len());
}

#[tokio::test]
async fn the_course_of_sessions_is_told_as_described() {
    let server = server().await;
    let live = server.live();
    let workflow = live.workflow(gate_steps()).await;
    for (decision, status) in [
        ("continue", "completed"),
        ("fail", "under_review"),
        ("reject", "completed"),
    ] {
        let session = paused_on(&live, &workflow).await;
        live.decide(&session, decision).await;
        live.until(&session, status).await;
    }
    let body = json!({"external_ref": "customer-1", "metadata": {"a": 1}});
    let session = live.session(body).await;
    live.upload(&session, "id_front", crate::images::small_png(1))
        .await
        .ok(201);
    live.act(&session, "expire").await.ok(200);
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    // Three sessions: created, at the gate, decided (one of them with a case); and the last one.
    let told = told(&server, &live, 3 * 3 + 1 + 4).await;
    assert_eq!(told, names(COURSE));
}

#[tokio::test]
async fn a_broken_run_is_told_as_described() {
    // Without models no document is read.
    let server = server().await;
    let live = server.live();
    let steps = json!([{"id": "scan", "policy": "document_ocr"}]);
    let workflow = live.workflow(steps).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.upload(&session, "id_front", crate::images::small_png(1))
        .await
        .ok(201);
    live.run_until(&session, "failed").await;
    let told = told(&server, &live, 3).await;
    assert_eq!(told, names(BROKEN));
}

#[tokio::test]
async fn a_read_document_is_told_as_described() {
    if !reads_here() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let workflow = live
        .workflow(json!([{"id": "scan", "policy": "document_ocr"},
            {"id": "done", "policy": "auto_approve"}]))
        .await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let holder = Holder::example(3, date(2026, 6, 1));
    let passport = Specimen::passport(3, &holder).unwrap();
    let image = png(&passport.image).unwrap();
    live.upload(&session, "id_front", image).await.ok(201);
    live.run_until(&session, "completed").await;
    let told = told(&server, &live, 5).await;
    assert_eq!(told, names(READ));
    // After a redaction the same bodies are empty of the person and still as described.
    let before = read_all(&live, 5).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let reference = Reference::of(&server).await;
    let after = read_all(&live, 6).await;
    for event in &after {
        reference.check(event);
    }
    let decided = |events: &[Value]| {
        let found = events.iter().find(|event| event["result"].is_object());
        found.unwrap()["result"]["extracted_data"].clone()
    };
    assert!(decided(&before)["last_name"].is_string());
    assert_eq!(decided(&after), json!({}));
}

#[tokio::test]
async fn a_review_is_told_as_described() {
    let server = server().await;
    let live = server.live();
    let workflow = live.workflow(gate_steps()).await;
    let code = json!({"reviewer_id": "anna", "rejection_reason_code": "document_tampered"});
    for (call, body) in [
        ("approve", json!({"reviewer_id": "anna"})),
        ("approve", json!({})),
        ("reject", code),
        ("reject", json!({})),
    ] {
        let session = paused_on(&live, &workflow).await;
        live.decide(&session, "fail").await;
        let shown = live.until(&session, "under_review").await;
        let case = shown["case_id"].as_str().unwrap();
        let decided = live.post(&format!("/api/v1/cases/{case}/{call}"));
        decided.json(body).await.ok(200);
    }
    // A case that a call opens, for a session that had ended.
    let ended = paused_on(&live, &workflow).await;
    live.decide(&ended, "continue").await;
    live.until(&ended, "completed").await;
    let opened = live
        .post("/api/v1/cases")
        .json(json!({"session_id": ended}));
    opened.await.ok(201);
    // Each: created, at the gate, to be reviewed, the case, its decision, the session's.
    let told = told(&server, &live, 4 * 6 + 4).await;
    assert_eq!(told, names(REVIEWED));
}

#[tokio::test]
async fn what_a_person_is_asked_for_again_is_told_as_described() {
    // Without models the document can't be read, and the person is asked for it again.
    let server = server().await;
    let live = server.live();
    let workflow = live
        .workflow(json!([{"id": "scan", "policy": "document_ocr"}]))
        .await;
    let body = json!({"workflow_id": workflow, "external_ref": "customer-2"});
    let session = live.session(body).await;
    let image = crate::images::small_png(1);
    live.upload(&session, "id_front", image).await.ok(201);
    live.run_until(&session, "failed").await;
    live.act(&session, "resume").await.ok(200);
    let fresh = live.session(json!({})).await;
    for (of, minutes) in [(&session, json!(null)), (&fresh, json!(60))] {
        let body = json!({"expires_in_minutes": minutes});
        let link = live.act(of, "generate-one-time-link").json(body);
        link.await.ok(200);
    }
    let told = told(&server, &live, 4 + 1 + 2).await;
    assert_eq!(told, names(ASKED_AGAIN));
}

#[tokio::test]
async fn the_end_of_the_retention_is_told_as_described() {
    let server = server().await;
    let sandbox = server.sandbox();
    let settings = json!({"auto_redact_on_retention_expiry": true});
    let settings = sandbox.patch("/api/v1/settings").json(settings);
    settings.await.ok(200);
    let session = sandbox.session(json!({"external_ref": "customer-3"})).await;
    let approve = json!({"action": "approve"});
    let simulated = sandbox.act(&session, "simulate").json(approve);
    simulated.await.ok(200);
    let year = json!({"advance": "366d"});
    let advanced = sandbox.post("/api/v1/sandbox/clock").json(year);
    advanced.await.ok(200);
    let told = told(&server, &sandbox, 4).await;
    assert_eq!(told, names(KEPT_TOO_LONG));
    let events = read_all(&sandbox, 4).await;
    let last: Vec<_> = events[2..].iter().map(|event| &event["event"]).collect();
    assert_eq!(last, ["session.retention-expired", "session.redacted"]);
    assert!(
        events
            .iter()
            .all(|event| event["session_id"] == json!(session))
    );
}
