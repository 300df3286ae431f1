//! Erasure, proved the hard way: with the master key and everything that lies around.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;
use verifa_store::classification::{self, Class, Erased};
use verifa_store::db::Value as Stored;
use verifa_testkit::{Client, Installation, Options, TestServer, eventually};

use crate::images::noise_png;
use crate::reading::{Reading, database, files_below, grep, read_everything, rows_of};
use crate::support::{SESSIONS, VERIFA, gate_steps};

const NAME: &str = "Quirina Zwetschgenbaum";
const NUMBER: &str = "X4711Q0815";
const MAIL: &str = "quirina.zwetschgenbaum@example.org";
const ADDRESS: &str = "203.0.113.99";
const GATE: &str = "gate knows Quirina";

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
    fn assert_sealed(&self, root: &Path, when: &str) {
        for (name, needle) in self.all() {
            let files = grep(root, needle);
            assert!(files.is_empty(), "{name} lies open {when}: {files:?}");
        }
    }
}

/// A finished session that everything personal went through.
pub(crate) async fn person(live: &Client, needles: &Needles) -> String {
    let workflow = live.workflow(gate_steps()).await;
    let session = live
        .session(json!({
            "workflow_id": workflow,
            "external_ref": "customer-1",
            "metadata": {"full_name": NAME},
            "applicant_email": MAIL,
            "fields": {"last_name": NAME, "document_number": NUMBER, "email": MAIL}
        }))
        .await;
    live.upload(&session, "id_front", needles.image.clone())
        .await
        .ok(201);
    live.patch(&format!("{SESSIONS}/{session}"))
        .idempotent(&session)
        .json(json!({"metadata": {"again": NAME}}))
        .await
        .ok(200);
    let consent = json!({
        "version": "1", "at": "2026-01-01T00:00:00Z", "biometric": true, "ip_address": ADDRESS
    });
    live.act(&session, "submit")
        .json(json!({"consent": consent}))
        .await
        .ok(200);
    live.until(&session, "awaiting_external").await;
    live.act(&session, "external-decision")
        .json(json!({"decision": "continue", "metadata": {"note": GATE}}))
        .await
        .ok(200);
    live.until(&session, "completed").await;
    session
}

pub(crate) async fn everything_is_done(installation: &Installation) {
    let database = &installation.database;
    eventually("every event is sealed and every image gone", async || {
        let open = database.count("audit_events", "seq IS NULL").await
            + database.count("jobs", "kind = 'delete_blob'").await;
        (open == 0).then_some(())
    })
    .await;
}

pub(crate) fn run(installation: &Installation, arguments: &[&str]) -> String {
    let ran = installation.run(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_person_is_left_anywhere() {
    let options = Options::default().set("VERIFA_LOG__FILTER", "trace");
    let mut server = TestServer::start(VERIFA, &options).await;
    let installation = Arc::clone(&server.installation);
    let (live, needles) = (server.live(), Needles::new());
    let session = person(&live, &needles).await;
    needles.assert_readable(&read_everything(&installation).await);
    needles.assert_sealed(installation.root(), "before the redaction");

    // A backup is made while the server goes on, and the redaction comes after it.
    let backup = installation.root().join("backup");
    run(&installation, &["backup", "--to", backup.to_str().unwrap()]);
    needles.assert_sealed(installation.root(), "in the backup");

    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    everything_is_done(&installation).await;
    needles.assert_unreadable(&read_everything(&installation).await, "after the redaction");
    needles.assert_sealed(installation.root(), "after the redaction");
    let listed = live.get(SESSIONS).await.ok(200);
    assert_eq!(listed["data"][0]["id"], json!(session));
    assert_eq!(listed["data"][0]["retention_status"], "redacted");

    let erasures = run(&installation, &["audit", "erasures"]);
    assert_eq!(erasures.lines().count(), 1);
    server.terminate().await;
    run(&installation, &["audit", "verify"]);
    needles.assert_sealed(installation.root(), "after the end");
    let log = installation.root().join("erasures.jsonl");
    std::fs::write(&log, erasures).unwrap();
    restored_without_the_log(&installation, &backup, &needles).await;
    restored_with_the_log(&installation, &backup, &log, &needles, &session).await;
}

/// The backup is worth something: without the erasure log it brings the person back.
async fn restored_without_the_log(installation: &Installation, backup: &Path, needles: &Needles) {
    let other = installation.elsewhere().await;
    let from = backup.to_str().unwrap();
    let refused = other.run(&["restore", "--from", from]);
    assert_ne!(
        refused.code, 0,
        "restored without a word on the erasure log"
    );
    run(
        &other,
        &["restore", "--from", from, "--without-erasure-log"],
    );
    needles.assert_readable(&read_everything(&other).await);
}

async fn restored_with_the_log(
    installation: &Installation,
    backup: &Path,
    log: &Path,
    needles: &Needles,
    session: &str,
) {
    let other = installation.elsewhere().await;
    let (from, log) = (backup.to_str().unwrap(), log.to_str().unwrap());
    run(&other, &["restore", "--from", from, "--erasure-log", log]);
    needles.assert_unreadable(&read_everything(&other).await, "in the restored backup");
    needles.assert_sealed(other.root(), "in the restored backup");
    assert!(files_below(&other.data_directory().join("blobs")).is_empty());
    run(&other, &["audit", "verify"]);

    let server = TestServer::serve(Arc::new(other), Vec::new()).await;
    let live = server.live();
    let shown = live.look(session).await;
    assert_eq!(shown["retention_status"], "redacted");
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["external_ref"], "customer-1");
    let certificate = live.part(session, "erasure-certificate").await;
    assert_eq!(certificate["cause"], "restore");
    // And it works on: a new session, a new person.
    person(&live, needles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_personal_column_is_erased_as_its_class_says() {
    let server = TestServer::start(VERIFA, &Options::default()).await;
    let (live, needles) = (server.live(), Needles::new());
    let session = person(&live, &needles).await;
    let id = session.parse::<verifa_core::id::SessionId>().unwrap();
    let id: Uuid = verifa_core::id::Id::uuid(id);
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let db = database(&server.installation).await;
    for table in classification::tables() {
        for row in rows_of(&db, table, id).await {
            for (name, class, value) in row {
                let Class::Personal { erased, .. } = class else {
                    continue;
                };
                let at = format!("{}.{name}", table.name);
                match erased {
                    Erased::Emptied => assert!(is_empty(&value), "{at} is not empty"),
                    Erased::RowRemoved => panic!("{at}: the row is still there"),
                    Erased::WithKey | Erased::Rewritten | Erased::Kept(_) => {}
                }
            }
        }
    }
    db.close().await;
}

fn is_empty(value: &Stored) -> bool {
    match value {
        Stored::Null => true,
        Stored::Text(text) => ["", "[]", "{}"].contains(&text.as_str()),
        Stored::Bytes(bytes) => bytes.is_empty(),
        Stored::Int(_) | Stored::Float(_) | Stored::Uuid(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_erasure_log_is_noticed() {
    let mut server = TestServer::start(VERIFA, &Options::default()).await;
    let installation = Arc::clone(&server.installation);
    let live = server.live();
    let session = person(&live, &Needles::new()).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    everything_is_done(&installation).await;
    server.terminate().await;
    let verified = || {
        let ran = installation.run(&["audit", "verify", "--json"]);
        let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
        (ran.code, printed)
    };
    let (code, printed) = verified();
    assert_eq!((code, &printed["erasures"]), (0, &json!(1)), "{printed}");
    let database = &installation.database;
    let forged = "UPDATE erasures SET documents_removed = 7";
    assert_eq!(database.change(forged).await, 1);
    let (code, printed) = verified();
    assert_eq!(code, 2, "{printed}");
    assert!(printed["erasure_fault"].is_string(), "{printed}");
    assert_eq!(database.change("DELETE FROM erasures").await, 1);
    assert_eq!(verified().0, 2, "a row that is gone is not missed");
}
