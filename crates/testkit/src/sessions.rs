//! What most stories do: make a workflow and a session, hand something in, wait.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::client::{Call, Client};
use crate::deadline::eventually;

impl Client {
    /// Makes a workflow of steps; its id.
    pub async fn workflow(&self, steps: Value) -> String {
        let body = json!({"name": "A test's workflow", "steps": steps});
        let made = self.post("/api/v1/workflows").json(body).await.ok(201);
        id_of(&made)
    }

    /// Makes a session; its id.
    pub async fn session(&self, body: Value) -> String {
        id_of(&self.post("/api/v1/sessions").json(body).await.ok(201))
    }

    /// A session as it stands.
    pub async fn look(&self, session: &str) -> Value {
        self.get(&format!("/api/v1/sessions/{session}"))
            .await
            .ok(200)
    }

    /// A call on a session: `submit`, `expire`, `external-decision` …
    pub fn act(&self, session: &str, action: &str) -> Call {
        self.post(&format!("/api/v1/sessions/{session}/{action}"))
    }

    /// What hangs below a session: `result`, `workflow-run`, `verifications` …
    pub async fn part(&self, session: &str, part: &str) -> Value {
        self.get(&format!("/api/v1/sessions/{session}/{part}"))
            .await
            .ok(200)
    }

    /// An upload of one image.
    pub fn upload(&self, session: &str, document_type: &str, image: impl Into<Vec<u8>>) -> Call {
        let file = Part::bytes(image.into()).file_name("image");
        let form = Form::new()
            .text("document_type", document_type.to_owned())
            .part("file", file);
        self.act(session, "documents").form(form)
    }

    /// Submits without a body and waits for the status that follows.
    pub async fn run_until(&self, session: &str, status: &str) -> Value {
        self.act(session, "submit").await.ok(200);
        self.until(session, status).await
    }

    /// Waits until the session has this status.
    pub async fn until(&self, session: &str, status: &str) -> Value {
        eventually(&format!("{session} becomes {status}"), async || {
            let found = self.look(session).await;
            let now = found["status"].as_str().unwrap_or_default().to_owned();
            let over = ["completed", "expired", "failed"].contains(&now.as_str());
            assert!(now == status || !over, "{session} is {now}, not {status}");
            (now == status).then_some(found)
        })
        .await
    }

    /// Decides the gate that the session waits at.
    pub async fn decide(&self, session: &str, decision: &str) {
        let body = json!({"decision": decision});
        self.act(session, "external-decision")
            .json(body)
            .await
            .ok(200);
    }
}

#[track_caller]
fn id_of(object: &Value) -> String {
    object["id"]
        .as_str()
        .expect("the object has an id")
        .to_owned()
}
