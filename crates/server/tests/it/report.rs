//! The report of a session as a file: who gets one, when, and what is not in it any more.

use std::process::{Command, Stdio};

use serde_json::json;
use verifa_testkit::{Answer, Client, Database, TestServer};

use crate::images::small_png;
use crate::support::{SESSIONS, gate_steps, paused_session, server_and_live, unknown_id};

fn path(session: &str) -> String {
    format!("{SESSIONS}/{session}/report")
}

/// A session whose operator let it through, with an image.
async fn decided(live: &Client) -> String {
    let workflow = live.workflow(gate_steps()).await;
    let body = json!({"workflow_id": workflow, "external_ref": "customer-4711"});
    let session = live.session(body).await;
    live.upload(&session, "id_front", small_png(7))
        .await
        .ok(201);
    live.run_until(&session, "awaiting_external").await;
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    session
}

#[track_caller]
fn assert_document(answer: &Answer, session: &str) {
    assert_eq!(answer.status, 200, "{}", answer.shown());
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let name = answer.header("content-disposition");
    assert!(name.contains(session) && name.ends_with(".pdf\""), "{name}");
    assert!(answer.bytes.starts_with(b"%PDF-1.7"));
}

/// Whether the file has an image.
fn has_image(pdf: &[u8]) -> bool {
    pdf.windows(10).any(|part| part == b"/DCTDecode")
}

/// The file's text without spaces and line ends; nothing, and a loud note, without the tool.
fn text(pdf: &[u8]) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = Command::new("pdftotext")
        .arg("-layout")
        .arg(&file)
        .arg("-")
        .stderr(Stdio::null())
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: pdftotext is not installed (Debian package poppler-utils)");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.split_whitespace().collect())
}

/// Every hash of the audit log's chain, as hexadecimal digits.
async fn chain_hashes(server: &TestServer) -> Vec<String> {
    let database = &server.installation.database;
    let digits = match database {
        Database::Sqlite(_) => "lower(hex(hash))",
        Database::Postgres { .. } => "encode(hash, 'hex')",
    };
    let query = format!("SELECT {digits} FROM audit_events WHERE hash IS NOT NULL");
    database.texts(&query).await
}

#[tokio::test]
async fn a_decided_session_has_a_report() {
    let (_server, live) = server_and_live().await;
    let session = decided(&live).await;
    let answer = live.get(&path(&session)).await;
    assert_document(&answer, &session);
    assert!(has_image(&answer.bytes), "the document's image is missing");
    if let Some(text) = text(&answer.bytes) {
        for part in [
            session.as_str(),
            "customer-4711",
            "Approved",
            "Overalldecision",
            "Operatordecided",
            "Imagereceived",
            "Signature",
        ] {
            assert!(text.contains(part), "{part} is missing");
        }
    }
}

#[tokio::test]
async fn no_result_no_report() {
    let (_server, live) = server_and_live().await;
    let waiting = paused_session(&live).await;
    let refused = live.get(&path(&waiting)).await;
    refused.refused(409, "conflict");
    let expired = live.session(json!({})).await;
    live.act(&expired, "expire").await.ok(200);
    live.get(&path(&expired)).await.refused(409, "conflict");
    let nobody = unknown_id("ses_");
    live.get(&path(&nobody)).await.refused(404, "not_found");
    live.get(&path("nonsense")).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_erased_session_keeps_a_report_without_the_person() {
    let (_server, live) = server_and_live().await;
    let session = decided(&live).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let answer = live.get(&path(&session)).await;
    assert_document(&answer, &session);
    assert!(!has_image(&answer.bytes));
    if let Some(text) = text(&answer.bytes) {
        assert!(text.contains("Personaldatawaserased"));
        assert!(text.contains("Personaldataerased"), "the timeline's entry");
        assert!(text.contains("Approved"));
    }
}

#[tokio::test]
async fn each_report_is_in_the_audit_log_and_names_its_hash() {
    let (server, live) = server_and_live().await;
    let session = decided(&live).await;
    let first = live.get(&path(&session)).await;
    assert_document(&first, &session);
    let second = live.get(&path(&session)).await;
    assert_document(&second, &session);
    let Some(text) = text(&second.bytes) else {
        return;
    };
    assert_eq!(text.matches("Reportmade").count(), 1, "the first one's");
    let database = &server.installation.database;
    let noted = database
        .count("audit_events", "type = 'api.session.report'")
        .await;
    assert_eq!(noted, 2);
    let hashes = chain_hashes(&server).await;
    let named = hashes.iter().any(|hash| text.contains(hash));
    assert!(named, "no hash of the chain is in the report");
}

#[tokio::test]
async fn reports_asked_for_at_once_all_come() {
    let (_server, live) = server_and_live().await;
    let session = decided(&live).await;
    let asked = (0..12).map(|_| {
        let (live, path) = (live.clone(), path(&session));
        tokio::spawn(async move { live.get(&path).await })
    });
    for answer in asked.collect::<Vec<_>>() {
        assert_document(&answer.await.unwrap(), &session);
    }
}
