//! Every body that is sent is as the reference describes it, no field more and none less.

use std::collections::BTreeSet;

use jiff::civil::date;
use serde_json::{Value, json};
use verifa_specimen::{Holder, Specimen, png};
use verifa_testkit::{Client, Options, TestServer};

use crate::mrz_images::reads_here;
use crate::support::{SESSIONS, VERIFA, gate_steps, paused_on, server};
use crate::webhook_feed::read_all;

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
    assert_eq!(
        told,
        names(&[
            "session.created",
            "session.started",
            "session.awaiting_external",
            "session.approved",
            "session.requires-review",
            "session.declined",
            "session.expired",
            "session.redacted",
            "case.created",
        ])
    );
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
    assert_eq!(
        told,
        names(&["session.created", "session.started", "session.failed"])
    );
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
    assert!(told.is_superset(&names(&["document.extracted", "document.verified"])));
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
