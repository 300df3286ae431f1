//! The calls of this release, from outside.

use serde_json::{Value, json};

use crate::app::AppServer;
use crate::harness::Answer;

const SESSIONS: &str = "/api/v1/sessions";

#[tokio::test]
async fn a_session_is_created_read_listed_and_found() {
    let server = AppServer::start().await;
    // The spelling of numbers is data too.
    let number: Value = serde_json::from_str("1.50").unwrap();
    let body = json!({"externalRef": "customer-1", "metadata": {"myKey": {"b": number}},
        "country": "DE", "tags": ["a", "b", "a"], "fields": {"name-first": "Jane"}});
    let created = server.call("POST", SESSIONS, body).await;
    assert_eq!(created.status, 201);
    let created = created.json();
    assert_eq!(created["status"], "pending");
    assert_eq!(created["external_ref"], "customer-1");
    assert_eq!(created["qr_code_data_url"], Value::Null);
    assert_eq!(created["tags"], json!(["a", "b"]));
    let id = created["id"].as_str().unwrap();

    let session = server.get(&format!("{SESSIONS}/{id}")).await;
    let text = String::from_utf8(session.bytes.clone()).unwrap();
    assert!(
        text.contains(r#""metadata":{"myKey":{"b":1.50}}"#),
        "{text}"
    );
    assert_eq!(session.json()["capture_url"], created["capture_url"]);
    assert!(session.json().get("qr_code_data_url").is_none());
    let with_qr = server
        .get(&format!("{SESSIONS}/{id}?include=qr"))
        .await
        .json();
    assert!(
        with_qr["qr_code_data_url"]
            .as_str()
            .unwrap()
            .starts_with("data:image/png;base64,")
    );

    let other = server.session(json!({})).await;
    let ids = |answer: Answer| -> Vec<String> {
        let page = answer.json();
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = server.get("/api/v1/sessions/?limit=10").await;
    assert_eq!(
        all.json()["pagination"],
        json!({"total": 2, "limit": 10, "offset": 0})
    );
    assert_eq!(ids(all), [other.clone(), id.to_owned()]);
    for query in [
        "external_ref=customer-1",
        "q=cust",
        "tag=b",
        &format!("q={}", &id[..29]),
    ] {
        let found = ids(server.get(&format!("{SESSIONS}?{query}")).await);
        assert!(found.contains(&id.to_owned()), "{query}");
    }
    assert!(ids(server.get(&format!("{SESSIONS}?workflow_id=zzz")).await).is_empty());
    server
        .get(&format!("{SESSIONS}?status=approved"))
        .await
        .refused(422, "validation_error");

    let first = server.get(&format!("{SESSIONS}?page[size]=1")).await.json();
    assert_eq!(first["data"][0]["id"], other);
    assert_eq!(first["pagination"]["total"], Value::Null);
    let next = first["pagination"]["next_cursor"].as_str().unwrap();
    let second = server
        .get(&format!("{SESSIONS}?page[size]=1&page[after]={next}"))
        .await
        .json();
    assert_eq!(second["data"][0]["id"], id);
    assert_eq!(second["pagination"]["next_cursor"], Value::Null);
}

#[tokio::test]
async fn strange_ids_and_foreign_keys_are_not_found() {
    let server = AppServer::start().await;
    let id = server.session(json!({})).await;
    let sandbox = server.organization.sandbox.secret.reveal().to_owned();
    for path in [
        "",
        "/result",
        "/verifications",
        "/workflow-run",
        "/documents",
    ] {
        let path = format!("{SESSIONS}/{id}{path}");
        server
            .call_as(&sandbox, "GET", &path, Value::Null)
            .await
            .refused(404, "not_found");
    }
    let decision = json!({"decision": "nonsense"});
    let path = format!("{SESSIONS}/{id}/external-decision");
    server
        .call_as(&sandbox, "POST", &path, decision.clone())
        .await
        .refused(404, "not_found");
    for strange in [
        "x",
        "wfl_00000000000000000000000000",
        "ses_00000000000000000000000000",
        "ses_%00",
    ] {
        let body = server
            .get(&format!("{SESSIONS}/{strange}"))
            .await
            .refused(404, "not_found");
        assert_eq!(body["detail"], "Session not found.");
        let path = format!("{SESSIONS}/{strange}/external-decision");
        server
            .call("POST", &path, decision.clone())
            .await
            .refused(404, "not_found");
        server
            .call("PATCH", &format!("{SESSIONS}/{strange}"), json!([]))
            .await
            .refused(404, "not_found");
    }
}

#[tokio::test]
async fn the_patch_of_the_seed() {
    let server = AppServer::start().await;
    let id = server
        .session(json!({"metadata": {"keep": 1, "drop": 2, "change": 3}}))
        .await;
    let path = format!("{SESSIONS}/{id}");
    let patch = json!({"external_ref": "x", "status": "completed",
        "metadata": {"drop": null, "change": {"deepKey": [1]}, "new": "v"}});
    let updated = server.call("PATCH", &path, patch).await.json();
    assert_eq!(
        updated["metadata"],
        json!({"keep": 1, "change": {"deepKey": [1]}, "new": "v"})
    );
    assert_eq!(updated["external_ref"], "x");
    assert_eq!(updated["status"], "pending");
    let cleared = server
        .call("PATCH", &path, json!({"external_ref": null}))
        .await
        .json();
    assert_eq!(cleared["external_ref"], Value::Null);
    let untouched = server.call("PATCH", &path, json!({})).await.json();
    assert_eq!(untouched["metadata"], updated["metadata"]);

    let field =
        |answer: Answer| answer.refused(422, "validation_error")["errors"][0]["field"].clone();
    assert_eq!(
        field(server.call("PATCH", &path, json!({"metadata": null})).await),
        "metadata"
    );
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!(n))).collect();
    assert_eq!(
        field(server.call("PATCH", &path, json!({"metadata": many})).await),
        "metadata"
    );
    let long = json!({"metadata": {"long": "a".repeat(16_384 - 1)}});
    assert_eq!(
        field(server.call("PATCH", &path, long).await),
        "metadata.long"
    );
    let fits = json!({"metadata": {"long": "a".repeat(16_384 - 2)}});
    assert_eq!(server.call("PATCH", &path, fits).await.status, 200);

    let redacted = server
        .call("DELETE", &format!("{path}/data"), Value::Null)
        .await;
    assert_eq!(redacted.json()["status"], "deleted");
    server
        .call("PATCH", &path, json!({"external_ref": "y"}))
        .await
        .refused(422, "validation_error");
    let again = server
        .call("DELETE", &format!("{path}/data"), Value::Null)
        .await;
    assert_eq!(again.json()["documents_removed"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_once_are_all_kept() {
    let server = AppServer::start().await;
    let id = server.session(json!({})).await;
    let path = format!("{SESSIONS}/{id}");
    let patches = (0..32).map(|n| {
        let body = json!({"metadata": {format!("k{n}"): n}});
        server.call("PATCH", &path, body)
    });
    let answers = futures::future::join_all(patches).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let session = server.get(&path).await.json();
    assert_eq!(session["metadata"].as_object().unwrap().len(), 32);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_one_of_many_decisions_wins() {
    let server = AppServer::start().await;
    server.gates(&["first", "second"]).await;
    let id = server.session(json!({})).await;
    let path = format!("{SESSIONS}/{id}/external-decision");
    let go = json!({"decision": "continue", "metadata": {"Score": 7}});
    server
        .call("POST", &path, go.clone())
        .await
        .refused(409, "conflict");
    server
        .call("POST", &path, json!({"decision": "maybe"}))
        .await
        .refused(422, "validation_error");
    let submitted = server
        .call("POST", &format!("{SESSIONS}/{id}/submit"), Value::Null)
        .await;
    assert_eq!(submitted.json()["status"], "processing");
    server.reaches(&id, "awaiting_external").await;

    // The gate is named: a call that comes late must not answer the next one.
    let first = json!({"decision": "continue", "metadata": {"Score": 7}, "node": "first"});
    let calls = (0..64).map(|_| server.call("POST", &path, first.clone()));
    let answers = futures::future::join_all(calls).await;
    let accepted: Vec<_> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(accepted.len(), 1);
    assert!(answers.iter().all(|a| a.status == 200 || a.status == 409));
    assert_eq!(
        accepted[0].json(),
        json!({"session_id": id, "decision": "continue", "status": "processing",
            "message": "External decision accepted. The workflow will resume shortly."})
    );
    server.reaches(&id, "awaiting_external").await;
    let run_path = format!("{SESSIONS}/{id}/workflow-run");
    let run = server.get(&run_path).await.json();
    assert_eq!(run["paused_at_node"], "second");
    assert_eq!(run["gate_decisions"].as_array().unwrap().len(), 1);
    assert_eq!(run["gate_decisions"][0]["metadata"], json!({"Score": 7}));
    let wrong = json!({"decision": "continue", "node": "first"});
    server
        .call("POST", &path, wrong)
        .await
        .refused(409, "conflict");
    let right = json!({"decision": "continue", "node": "second"});
    assert_eq!(server.call("POST", &path, right).await.status, 200);
    server.reaches(&id, "completed").await;

    let result = server.get(&format!("{SESSIONS}/{id}/result")).await.json();
    assert_eq!(result["status"], "approved");
    assert!(
        result["check_results"]["auto_approve"]["passed"]
            .as_bool()
            .unwrap()
    );
    assert_eq!(
        server.get(&format!("/api/v1/results/{id}")).await.json()["status"],
        "approved"
    );
    assert_eq!(
        server.get("/api/v1/results").await.json()["data"][0]["session_id"],
        id
    );
    let checks = server
        .get(&format!("{SESSIONS}/{id}/verifications"))
        .await
        .json();
    assert!(
        checks["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["policy"] == "auto_approve")
    );
    let run = server.get(&run_path).await.json();
    assert_eq!(run["status"], "completed");
    assert_eq!(run["node_results"]["first"]["routed_to"], "second");
    // Names of nodes and keys of data are nobody's casing.
    let key = server.live();
    let headers = [("x-api-key", key.as_str()), ("key-inflection", "camel")];
    let camel = server
        .call_with("GET", &run_path, &headers, &Value::Null)
        .await
        .json();
    assert_eq!(camel["nodeResults"]["first"]["routedTo"], "second");
    assert!(
        camel["graphSnapshot"]["nodes"]["_end.approved"].is_object(),
        "{camel:#}"
    );
}

#[tokio::test]
async fn a_session_expires_resumes_and_says_when_it_cannot() {
    let server = AppServer::start().await;
    let id = server.session(json!({})).await;
    let at = |call: &str| format!("{SESSIONS}/{id}/{call}");
    assert_eq!(
        server.call("POST", &at("expire"), Value::Null).await.json()["status"],
        "expired"
    );
    server
        .call("POST", &at("expire"), Value::Null)
        .await
        .refused(400, "bad_request");
    server
        .call("POST", &at("submit"), json!({}))
        .await
        .refused(409, "conflict");
    let resumed = server
        .call("POST", &format!("{}?include=qr", at("resume")), Value::Null)
        .await
        .json();
    assert_eq!(resumed["status"], "pending");
    assert!(resumed["qr_code_data_url"].is_string());
    server.get(&at("result")).await.refused(404, "not_found");
    server
        .get(&at("workflow-run"))
        .await
        .refused(404, "not_found");
    // The token's time is over: whatever call looks first, the session has expired.
    server.clock.advance(std::time::Duration::from_mins(21));
    assert_eq!(
        server.get(&format!("{SESSIONS}/{id}")).await.json()["status"],
        "expired"
    );
}

#[tokio::test]
async fn submit_names_what_is_missing() {
    let server = AppServer::start().await;
    let id = server.session(json!({})).await;
    let path = format!("{SESSIONS}/{id}/submit");
    let refused = server
        .call("POST", &path, json!({"id_type": "national_id"}))
        .await;
    let errors = refused.refused(422, "validation_error")["errors"].to_string();
    assert!(
        errors.contains("id_front") && errors.contains("id_back"),
        "{errors}"
    );
    server
        .call("POST", &path, json!({"id_type": "library_card"}))
        .await
        .refused(422, "validation_error");
}
