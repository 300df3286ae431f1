//! Consent, legal hold, certificate and the sensitive window over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use verifa_core::id::{Id as _, SessionId};
use verifa_core::time::Timestamp;
use verifa_testkit::{Client, TestServer};
use verifa_vault::{AuditVerifier, ErasureStatement};

use crate::images::small_png;
use crate::support::{SESSIONS, assert_fields, gate_steps, paused_session, server_and_live};

async fn settings(server: &TestServer, settings: &str) {
    let change = format!("UPDATE organizations SET settings = '{settings}'");
    assert_eq!(server.installation.database.change(&change).await, 1);
}

fn consent() -> Value {
    json!({
        "version": "2026-01", "at": "2026-01-01T12:00:00Z", "biometric": true,
        "ip_address": "203.0.113.7"
    })
}

#[tokio::test]
async fn a_demanded_consent_is_named_and_recorded() {
    let (server, live) = server_and_live().await;
    settings(
        &server,
        r#"{"consent": {"required": true, "version": "2026-01"}}"#,
    )
    .await;
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let submit = |body: Value| live.act(&session, "submit").json(body);
    submit(json!({})).await.invalid_field("consent");
    let mut wrong = consent();
    wrong["version"] = json!("2025-01");
    submit(json!({"consent": wrong}))
        .await
        .invalid_field("consent");
    let mut early = consent();
    early["at"] = json!("2999-01-01T00:00:00Z");
    submit(json!({"consent": early}))
        .await
        .invalid_field("consent.at");
    submit(json!({"consent": {"version": "2026-01"}}))
        .await
        .invalid();
    let spoken = submit(json!({"consent": "yes"})).await.invalid();
    assert_eq!(spoken, ["consent"]);
    assert_eq!(live.look(&session).await["status"], "pending");

    submit(json!({"consent": consent()})).await.ok(200);
    live.until(&session, "awaiting_external").await;
    assert_eq!(live.look(&session).await["consent_ip"], "203.0.113.7");
    let export = live.part(&session, "export").await;
    assert_eq!(
        export["consents"],
        json!([{
            "version": "2026-01", "at": "2026-01-01T12:00:00.000Z", "biometric": true,
            "source": "api", "ip_address": "203.0.113.7"
        }])
    );
}

#[tokio::test]
async fn a_caller_is_never_taken_for_the_applicant() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    let mut given = consent();
    given.as_object_mut().unwrap().remove("ip_address");
    live.act(&session, "submit")
        .json(json!({"consent": given}))
        .await
        .ok(200);
    assert_eq!(live.look(&session).await["consent_ip"], Value::Null);
}

/// A session that holds something in every part of an export.
pub(crate) async fn full(live: &Client) -> String {
    let workflow = live.workflow(gate_steps()).await;
    let session = live
        .session(json!({
            "workflow_id": workflow, "external_ref": "customer-9", "country": "DE",
            "tags": ["vip"], "metadata": {"plan": "metadata of Quirina"},
            "redirect_url": "https://shop.example/done?who=quirina", "locale": "de",
            "applicant_email": "quirina@example.org", "applicant_name": "Quirina of the mail",
            "fields": {"first_name": "Quirina", "document_number": "X4711"}
        }))
        .await;
    live.upload(&session, "id_front", small_png(7))
        .await
        .ok(201);
    let form = reqwest::multipart::Form::new()
        .text("document_type", "proof_of_address")
        .text("poa_document_type", "bill of Quirina")
        .text("poa_document_date", "2026-01-02")
        .part(
            "file",
            reqwest::multipart::Part::bytes(small_png(8)).file_name("x"),
        );
    live.act(&session, "documents").form(form).await.ok(201);
    live.act(&session, "submit")
        .json(json!({"consent": consent(), "id_type": "passport"}))
        .await
        .ok(200);
    live.until(&session, "awaiting_external").await;
    live.act(&session, "external-decision")
        .json(json!({"decision": "continue", "metadata": {"note": "gate of Quirina"}}))
        .await
        .ok(200);
    live.until(&session, "completed").await;
    session
}

#[tokio::test]
async fn a_legal_hold_keeps_a_session() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let path = format!("{SESSIONS}/{session}/legal-hold");
    assert_eq!(live.get(&path).await.ok(200)["legal_hold"], false);
    live.post(&path)
        .json(json!({}))
        .await
        .invalid_field("reason");
    live.post(&path)
        .json(json!({"reason": ""}))
        .await
        .invalid_field("reason");
    live.post(&path)
        .json(json!({"reason": "x".repeat(2_001)}))
        .await
        .invalid_field("reason");
    let reason = json!({"reason": "Proceedings 4 O 112/26"});
    let held = live.post(&path).json(reason.clone()).await.ok(200);
    assert_fields(&held, "session_id legal_hold reason placed_at placed_by");
    assert_eq!(held["legal_hold"], true);
    let again = live.post(&path).json(json!({"reason": "another"})).await;
    let again = again.ok(200);
    assert_eq!(again["placed_at"], held["placed_at"]);
    assert_eq!(again["reason"], "another");
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .refused(409, "conflict");
    let lifted = live.delete(&path).await.ok(200);
    assert_eq!(lifted["legal_hold"], false);
    assert_eq!(live.delete(&path).await.ok(200), lifted);
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    live.post(&path).json(reason).await.refused(409, "conflict");
}

#[tokio::test]
async fn a_certificate_is_signed_by_the_audit_key() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"metadata": {"name": "Tessa"}})).await;
    let path = format!("{SESSIONS}/{session}/erasure-certificate");
    live.get(&path).await.refused(404, "not_found");
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let certificate = live.get(&path).await.ok(200);
    assert_fields(
        &certificate,
        "session_id erased_at cause documents_removed destroyed kept audit_event_id statement \
         signature public_key",
    );
    assert_eq!(certificate["cause"], "call");
    let bytes = |name: &str| {
        STANDARD
            .decode(certificate[name].as_str().unwrap())
            .unwrap()
    };
    let verifier = AuditVerifier::from_bytes(&bytes("public_key")).unwrap();
    let statement = bytes("statement");
    // The statement is the session's: its id stands in it.
    let id = session.parse::<SessionId>().unwrap().uuid();
    assert!(crate::reading::contains(&statement, id.as_bytes()));
    let other = ErasureStatement {
        session: id,
        organization: id,
        environment: "live",
        cause: "call",
        documents_removed: 0,
        audit_event: id,
        erased_at: Timestamp::default(),
    };
    let signature = bytes("signature");
    assert!(verifier.verify_erasure(&other, &signature).is_err());
    assert!(signature.len() == 64 && !statement.is_empty());
    assert!(verifier.verify_statement(&statement, &signature).is_ok());
}

/// Makes every session as old as the sensitive window, and waits until it has ended for these.
async fn the_sensitive_window_ends(server: &TestServer, live: &Client, sessions: &[&str]) {
    let database = &server.installation.database;
    let aged = "UPDATE sessions SET retention_anchor = retention_anchor - 7776000000000";
    assert!(database.change(aged).await > 0);
    let due = "UPDATE jobs SET due_at = 0 WHERE kind = 'retention'";
    assert_eq!(database.change(due).await, 1);
    // Any session that is submitted wakes the workers.
    let workflow = live.workflow(gate_steps()).await;
    let other = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&other, "awaiting_external").await;
    for session in sessions {
        verifa_testkit::eventually("the window ends", async || {
            let shown = live.look(session).await;
            (shown["retention_status"] == "sensitive_redacted").then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_sensitive_window_nothing_is_opened_or_judged_again() {
    let (server, live) = server_and_live().await;
    let done = full(&live).await;
    let expired = live.session(json!({})).await;
    live.act(&expired, "expire").await.ok(200);
    let workflow = live.workflow(gate_steps()).await;
    let reviewed = paused_session(&live).await;
    live.decide(&reviewed, "fail").await;
    let shown = live.until(&reviewed, "under_review").await;
    let case = shown["case_id"].as_str().unwrap().to_owned();
    the_sensitive_window_ends(&server, &live, &[&done, &expired, &reviewed]).await;

    let link = live.act(&expired, "generate-one-time-link");
    link.json(json!({})).await.refused(400, "bad_request");
    let resumed = live.act(&expired, "resume").await;
    resumed.refused(400, "bad_request");
    let again = live.post(&format!("/api/v1/workflows/{workflow}/trigger"));
    let again = again.json(json!({"session_id": done})).await;
    again.refused(409, "conflict");
    live.act(&done, "reprocess").await.invalid();
    let over = live.post(&format!("/api/v1/cases/{case}/checks/gate/override"));
    let over = over.json(json!({"passed": true, "reason": "x"})).await;
    let told = over.refused(409, "conflict");
    assert!(told.to_string().contains("deleted"), "{told}");
    for (session, status) in [
        (&done, "completed"),
        (&expired, "expired"),
        (&reviewed, "under_review"),
    ] {
        assert_eq!(live.look(session).await["status"], status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_sensitive_window_only_the_export_tells() {
    let (server, live) = server_and_live().await;
    let session = full(&live).await;
    let documents = live.part(&session, "documents").await;
    let link = documents["data"][0]["url"].as_str().unwrap().to_owned();
    let export = live.part(&session, "export").await;
    let exported = export["documents"][0]["download_url"].as_str().unwrap();
    assert_eq!(server.anonymous().get(exported).await.status, 200);
    the_sensitive_window_ends(&server, &live, &[&session]).await;
    server.anonymous().get(exported).await.refused(410, "gone");

    let shown = live.look(&session).await;
    assert_eq!(shown["metadata"], json!({}));
    assert_eq!(shown["consent_ip"], Value::Null);
    assert_eq!(shown["external_ref"], "customer-9");
    let result = live.part(&session, "result").await;
    assert_eq!(result["sensitive_data_expired"], true);
    assert_eq!(result["extracted_data"], json!({}));
    live.get(&format!("{SESSIONS}/{session}/documents"))
        .await
        .refused(410, "gone");
    server.anonymous().get(&link).await.refused(410, "gone");
    for part in ["verifications", "workflow-run", "result"] {
        let text = live.part(&session, part).await.to_string();
        assert!(!text.contains("Quirina"), "{part} still tells");
    }
    let listed = live.get(SESSIONS).await;
    assert!(!listed.text().contains("Quirina"));
    live.act(&session, "resume")
        .await
        .refused(400, "bad_request");
    // The operator's export tells no more than the rest.
    let export = live.part(&session, "export").await;
    let text = export.to_string();
    for personal in ["uirina", "X4711", "203.0.113.7", "127.0.0.1", "2026-01-02"] {
        assert!(!text.contains(personal), "{personal} is exported: {text}");
    }
    assert_eq!(export["documents"].as_array().unwrap().len(), 2);
    assert_eq!(export["documents"][0]["download_url"], Value::Null);
    assert_eq!(export["session"]["external_ref"], "customer-9");
    // What is still held is disclosed to its subject.
    let path = format!("{SESSIONS}/{session}/export?audience=subject");
    let export = live.get(&path).await.ok(200);
    for personal in [
        "metadata of Quirina",
        "X4711",
        "203.0.113.7",
        "gate of Quirina",
    ] {
        assert!(
            export.to_string().contains(personal),
            "{personal} is kept back"
        );
    }
    let url = export["documents"][0]["download_url"].as_str().unwrap();
    assert_eq!(server.anonymous().get(url).await.status, 200);
}
