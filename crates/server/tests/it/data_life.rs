//! Consent, export, legal hold and certificate over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use verifa_core::id::{Id as _, SessionId};
use verifa_core::time::Timestamp;
use verifa_testkit::{Client, TestServer};
use verifa_vault::{AuditVerifier, ErasureStatement};

use crate::images::small_png;
use crate::support::{
    SESSIONS, assert_fields, gate_steps, paused_session, server_and_live, unknown_id,
};

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
async fn full(live: &Client) -> String {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_holds_every_personal_column() {
    let (server, live) = server_and_live().await;
    let session = full(&live).await;
    let export = live.part(&session, "export").await;
    let id = session.parse::<SessionId>().unwrap().uuid();
    let db = crate::reading::database(&server.installation).await;
    let mut walked = 0;
    for table in verifa_store::classification::tables() {
        let rows = crate::reading::rows_of(&db, table, id).await;
        for (name, class, value) in rows.into_iter().flatten() {
            let verifa_store::classification::Class::Personal { exported, .. } = class else {
                continue;
            };
            if exported.starts_with('(') || is_nothing(&value) {
                continue;
            }
            walked += 1;
            for path in exported.split(", ") {
                assert!(
                    holds(&export, path),
                    "{}.{name} is held, and {path} of the export is empty",
                    table.name
                );
            }
        }
    }
    db.close().await;
    assert!(walked >= 25, "only {walked} columns were walked");
    for text in [
        "customer-9",
        "vip",
        "metadata of Quirina",
        "https://shop.example/done?who=quirina",
        "quirina@example.org",
        "Quirina of the mail",
        "X4711",
        "bill of Quirina",
        "2026-01-02",
        "gate of Quirina",
        "203.0.113.7",
        "127.0.0.1",
    ] {
        assert!(export.to_string().contains(text), "{text} is not exported");
    }
}

fn is_nothing(value: &verifa_store::db::Value) -> bool {
    use verifa_store::db::Value as Stored;
    match value {
        Stored::Null => true,
        Stored::Text(text) => ["", "[]", "{}"].contains(&text.as_str()),
        Stored::Bytes(bytes) => bytes.is_empty(),
        Stored::Int(_) | Stored::Float(_) | Stored::Uuid(_) => false,
    }
}

/// Whether a path such as `documents[].mime_type` leads to anything but null.
fn holds(value: &Value, path: &str) -> bool {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, is_list) = match head.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (head, false),
    };
    let found = &value[name];
    let deeper = |found: &Value| match rest {
        "" => !found.is_null(),
        rest => holds(found, rest),
    };
    if is_list {
        let items = found.as_array();
        return items.is_some_and(|items| items.iter().any(deeper));
    }
    deeper(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_noted_its_links_work_and_a_redaction_empties_it() {
    let (server, live) = server_and_live().await;
    let session = full(&live).await;
    let export = live.part(&session, "export").await;
    assert_fields(
        &export,
        "exported_at audience session result documents screening review_case case_notes \
         fraud_signals webhook_deliveries webhook_events applicant consents contest verifications \
         workflow_runs audit_events",
    );
    assert_eq!(export["audience"], "operator");
    let url = export["documents"][0]["download_url"].as_str().unwrap();
    assert_eq!(server.anonymous().get(url).await.bytes, small_png(7));
    // The word that makes it a link of an export is signed too.
    let ordinary = url.replace("&of=export", "");
    let forged = server.anonymous().get(&ordinary).await;
    forged.refused(403, "forbidden");
    let database = &server.installation.database;
    let noted = database.count("audit_events", "type = 'api.session.export'");
    assert_eq!(noted.await, 1);

    let path = format!("{SESSIONS}/{session}/export?audience=subject");
    assert_eq!(live.get(&path).await.ok(200)["audience"], "subject");
    let path = format!("{SESSIONS}/{session}/export?audience=press");
    live.get(&path).await.invalid_field("audience");
    let unknown = format!("{SESSIONS}/{}/export", unknown_id("ses_"));
    live.get(&unknown).await.refused(404, "not_found");

    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let after = live.part(&session, "export").await;
    assert!(!after.to_string().contains("Quirina"), "{after}");
    assert!(!after.to_string().contains("203.0.113.7"), "{after}");
    assert_eq!(after["consents"][0]["version"], "2026-01");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_needs_all_three_scopes() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let all = ["sessions:read", "verifications:read", "documents:read"];
    for missing in all {
        let others: Vec<_> = all.into_iter().filter(|scope| *scope != missing).collect();
        let key = server.installation.create_key("live", &others.join(","));
        let client = server.anonymous().key(&key);
        let answer = client.get(&format!("{SESSIONS}/{session}/export")).await;
        let detail = answer.refused(403, "forbidden")["detail"].to_string();
        assert!(detail.contains(missing), "{detail}");
    }
    let key = server.installation.create_key("live", &all.join(","));
    let client = server.anonymous().key(&key);
    client.part(&session, "export").await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_sensitive_window_only_the_export_tells() {
    let (server, live) = server_and_live().await;
    let session = full(&live).await;
    let documents = live.part(&session, "documents").await;
    let link = documents["data"][0]["url"].as_str().unwrap().to_owned();
    let database = &server.installation.database;
    let aged = "UPDATE sessions SET retention_anchor = retention_anchor - 7776000000000";
    assert_eq!(database.change(aged).await, 1);
    let due = "UPDATE jobs SET due_at = 0 WHERE kind = 'retention'";
    assert_eq!(database.change(due).await, 1);
    // Any session that is submitted wakes the workers.
    let workflow = live.workflow(gate_steps()).await;
    let other = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&other, "awaiting_external").await;
    verifa_testkit::eventually("the window ends", async || {
        let shown = live.look(&session).await;
        (shown["retention_status"] == "sensitive_redacted").then_some(())
    })
    .await;

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
    // What is still held is disclosed to its subject.
    let export = live.part(&session, "export").await;
    assert!(export.to_string().contains("metadata of Quirina"));
    let url = export["documents"][0]["download_url"].as_str().unwrap();
    assert_eq!(server.anonymous().get(url).await.status, 200);
}
