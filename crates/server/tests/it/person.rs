//! A person of whom something lies in every corner, and what must not be found of them.

use std::path::Path;

use serde_json::json;
use verifa_testkit::{Client, TestServer, eventually};

use crate::images::noise_png;
use crate::reading::{Reading, grep};
use crate::support::{SESSIONS, gate_steps};

pub(crate) const NAME: &str = "Quirina Zwetschgenbaum";
const NUMBER: &str = "X4711Q0815";
const MAIL: &str = "quirina.zwetschgenbaum@example.org";
const ADDRESS: &str = "203.0.113.99";
const GATE: &str = "gate knows Quirina";
const NOTE: &str = "a reviewer's note on Quirina";
const CASE: &str = "what a case holds of Quirina";
const WORDS: &str = "I am Quirina, and I object";

/// What must not be found, each with a name for messages.
pub(crate) struct Needles {
    image: Vec<u8>,
}

impl Needles {
    pub(crate) fn new() -> Self {
        Self {
            image: noise_png(160, 120),
        }
    }

    /// Texts, and a piece out of the middle of the image.
    fn all(&self) -> Vec<(&'static str, &[u8])> {
        let middle = self.image.len() / 2;
        vec![
            ("the name", NAME.as_bytes()),
            ("the number", NUMBER.as_bytes()),
            ("the e-mail", MAIL.as_bytes()),
            ("the address", ADDRESS.as_bytes()),
            ("the gate's note", GATE.as_bytes()),
            ("the reviewer's note", NOTE.as_bytes()),
            ("the case's metadata", CASE.as_bytes()),
            ("the objection", WORDS.as_bytes()),
            ("the image", &self.image[middle..middle + 64]),
        ]
    }

    pub(crate) fn assert_readable(&self, reading: &Reading) {
        for (name, needle) in self.all() {
            assert!(
                !reading.places_of(needle).is_empty(),
                "{name} was not found: the tool would prove nothing"
            );
        }
    }

    pub(crate) fn assert_unreadable(&self, reading: &Reading, when: &str) {
        for (name, needle) in self.all() {
            let places = reading.places_of(needle);
            assert!(places.is_empty(), "{name} is readable {when}: {places:?}");
        }
    }

    /// Nothing lies open: database, log of the database, images, server's log, backups.
    pub(crate) fn assert_sealed(&self, root: &Path, when: &str) {
        for (name, needle) in self.all() {
            let files = grep(root, needle);
            assert!(files.is_empty(), "{name} lies open {when}: {files:?}");
        }
    }
}

/// A session that everything personal went through: invited by mail, judged, rejected by a reviewer,
/// contested.
pub(crate) async fn person(server: &TestServer, needles: &Needles) -> String {
    let live = &server.live();
    let workflow = live.workflow(gate_steps()).await;
    let made = live
        .post(SESSIONS)
        .json(json!({
            "workflow_id": workflow,
            "external_ref": "customer-1",
            "country": "DE", "locale": "de", "tags": ["vip"],
            "redirect_url": "https://shop.example/done?who=4711",
            "metadata": {"full_name": NAME},
            "send_email": true, "applicant_email": MAIL, "applicant_name": NAME,
            "fields": {"last_name": NAME, "document_number": NUMBER, "email": MAIL}
        }))
        .await
        .ok(201);
    let session = made["id"].as_str().unwrap().to_owned();
    let url = made["capture_url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    a_mail_is_out(server).await;
    live.act(&session, "generate-one-time-link")
        .json(json!({}))
        .await
        .ok(200);
    hands_in(live, &session, needles).await;
    is_rejected(live, &session).await;
    server
        .anonymous()
        .post(&format!("/verify/{token}/contest"))
        .json(json!({"message": WORDS}))
        .await
        .ok(200);
    session
}

/// The letter itself lies in a file, since that is how this server sends: whoever has it, it is sent.
async fn a_mail_is_out(server: &TestServer) {
    let database = &server.installation.database;
    eventually("the mail is out", async || {
        (database.count("mails", "status = 'queued'").await == 0).then_some(())
    })
    .await;
    let letters = server.installation.data_directory().join("mail");
    std::fs::remove_dir_all(letters).unwrap();
}

async fn hands_in(live: &Client, session: &str, needles: &Needles) {
    for (kind, name, value, more) in [
        ("id_front", "id_type", "passport", None),
        (
            "proof_of_address",
            "poa_document_type",
            "utility_bill",
            Some(("poa_document_date", "2026-01-02")),
        ),
    ] {
        let image = reqwest::multipart::Part::bytes(needles.image.clone()).file_name("image");
        let mut form = reqwest::multipart::Form::new()
            .text("document_type", kind)
            .text(name, value);
        if let Some((name, value)) = more {
            form = form.text(name, value);
        }
        let form = form.part("file", image);
        live.act(session, "documents").form(form).await.ok(201);
    }
    live.patch(&format!("{SESSIONS}/{session}"))
        .idempotent(session)
        .json(json!({"metadata": {"again": NAME}}))
        .await
        .ok(200);
    let consent = json!({
        "version": "1", "at": "2026-01-01T00:00:00Z", "biometric": true, "ip_address": ADDRESS
    });
    live.act(session, "submit")
        .json(json!({"consent": consent}))
        .await
        .ok(200);
    live.until(session, "awaiting_external").await;
}

async fn is_rejected(live: &Client, session: &str) {
    live.act(session, "external-decision")
        .json(json!({"decision": "fail", "metadata": {"note": GATE}}))
        .await
        .ok(200);
    let shown = live.until(session, "under_review").await;
    let case = format!("/api/v1/cases/{}", shown["case_id"].as_str().unwrap());
    let note = live.post(&format!("{case}/notes"));
    note.json(json!({"text": NOTE})).await.ok(201);
    live.patch(&case)
        .json(json!({"tags": ["late"], "metadata": {"what": CASE}}))
        .await
        .ok(200);
    live.post(&format!("{case}/reject"))
        .json(json!({"rejection_reason_code": "document_expired"}))
        .await
        .ok(200);
    live.until(session, "completed").await;
}
