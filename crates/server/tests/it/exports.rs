//! The export of a session: what it holds, for whom.

use serde_json::{Value, json};
use verifa_core::id::{Id as _, SessionId};

use crate::data_life::full;
use crate::images::small_png;
use crate::support::{SESSIONS, assert_fields, paused_session, server_and_live, unknown_id};

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
    let path = format!("{SESSIONS}/{session}/export?audience=subject");
    let subject = live.get(&path).await.ok(200);
    assert_eq!(subject["audience"], "subject");
    let url = subject["documents"][0]["download_url"].as_str().unwrap();
    assert_eq!(server.anonymous().get(url).await.bytes, small_png(7));
    // The word that makes it a link of a person's export is signed too.
    let ordinary = url.replace("&of=export", "");
    let forged = server.anonymous().get(&ordinary).await;
    forged.refused(403, "forbidden");
    let database = &server.installation.database;
    let noted = database.count("audit_events", "type = 'api.session.export'");
    assert_eq!(noted.await, 2);
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
async fn a_subject_is_told_neither_notes_nor_hits() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.decide(&session, "fail").await;
    let shown = live.until(&session, "under_review").await;
    let case = format!("/api/v1/cases/{}", shown["case_id"].as_str().unwrap());
    let note = live.post(&format!("{case}/notes"));
    note.json(json!({"text": "Quirina is on a list"}))
        .await
        .ok(201);
    let reject = live.post(&format!("{case}/reject"));
    reject
        .json(json!({"rejection_reason_code": "watchlist_match"}))
        .await
        .ok(200);
    live.until(&session, "completed").await;
    // No release screens yet: an attempt is made into one, as if it had found somebody.
    let database = &server.installation.database;
    let reasons = r#"[{"code":"watchlist_match","message":"On the list of Zwetschgenbaum."}]"#;
    let forged = format!(
        "UPDATE verification_attempts SET status = 'failed', score = 0.97531, reasons = '{reasons}' \
         WHERE policy = 'watchlist_screening'"
    );
    assert_eq!(database.change(&forged).await, 1);
    let reasons = r#"[{"node":"n","policy":"watchlist_screening","code":"watchlist_match"}]"#;
    let forged = format!("UPDATE cases SET reasons = '{reasons}'");
    assert_eq!(database.change(&forged).await, 1);
    let checks = r#"{"watchlist_screening":{"status":"failed","score":0.97531,"reasons":
        [{"code":"watchlist_match","message":"On the list of Zwetschgenbaum."}]}}"#;
    let forged = format!("UPDATE results SET check_results = '{checks}'");
    assert_eq!(database.change(&forged).await, 1);

    let path = format!("{SESSIONS}/{session}/export");
    let operator = live.get(&path).await.ok(200);
    assert_eq!(operator["case_notes"][0]["text"], "Quirina is on a list");
    assert_eq!(
        operator["result"]["rejection_reason_code"],
        "watchlist_match"
    );
    let told = operator.to_string();
    assert!(told.matches("Zwetschgenbaum").count() == 2, "{told}");
    assert!(told.matches("watchlist_match").count() >= 5, "{told}");

    let subject = live.get(&format!("{path}?audience=subject")).await.ok(200);
    let told = subject.to_string();
    for given_away in [
        "Quirina",
        "Zwetschgenbaum",
        "watchlist_match",
        "sanctions",
        "0.97531",
    ] {
        assert!(!told.contains(given_away), "{given_away} is told: {told}");
    }
    let result = &subject["result"];
    assert_eq!(result["rejection_reason_code"], Value::Null);
    assert_eq!(result["rejection_reason"], Value::Null);
    assert_eq!(result["status"], "rejected");
    // That it failed is a hit as well.
    let attempts = subject["verifications"].as_array().unwrap();
    let mut policies = attempts.iter().map(|attempt| &attempt["policy"]);
    assert!(policies.all(|policy| policy != "watchlist_screening"));
    assert_eq!(result["check_results"].get("watchlist_screening"), None);
    assert_eq!(subject["screening"], Value::Null);
    let declined = subject["webhook_events"].as_array().unwrap();
    let declined = declined
        .iter()
        .find(|told| told["event"] == "session.declined");
    assert_eq!(declined.unwrap()["payload"]["status"], "rejected");
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
