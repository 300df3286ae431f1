//! Results: one by its session, many as a list without personal data.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::support::{
    assert_fields, assert_time, gate_steps, paused_on, server, server_and_live, unknown_id,
};

const RESULTS: &str = "/api/v1/results";

/// A session that came to the end that a decision leads to.
async fn ended(client: &Client, decision: &str, status: &str) -> String {
    let workflow = client.workflow(gate_steps()).await;
    let session = paused_on(client, &workflow).await;
    client.decide(&session, decision).await;
    client.until(&session, status).await;
    session
}

#[tokio::test]
async fn a_result_has_its_documented_fields() {
    let (_server, live) = server_and_live().await;
    let session = ended(&live, "continue", "completed").await;
    let result = live.part(&session, "result").await;
    assert_fields(
        &result,
        "session_id status is_sandbox created_at face_match_passed face_match_score
         age_check_passed extracted_age extracted_data rejection_reason rejection_reason_code
         processing_mode country_used sensitive_data_expired check_results",
    );
    assert_eq!(result["session_id"], json!(session));
    assert_eq!(result["status"], "approved");
    assert_eq!(result["processing_mode"], "workflow");
    assert_eq!(result["is_sandbox"], false);
    assert_eq!(result["sensitive_data_expired"], false);
    assert_time(&result["created_at"]);
    for null in [
        "face_match_passed",
        "face_match_score",
        "rejection_reason_code",
    ] {
        assert_eq!(result[null], Value::Null, "{null}");
    }
    let approve = &result["check_results"]["auto_approve"];
    assert_eq!(approve["status"], "passed");
    assert_eq!(approve["passed"], true);
    assert!(approve["reasons"].is_array(), "{approve}");

    let one = live.get(&format!("{RESULTS}/{session}")).await.ok(200);
    assert_fields(
        &one,
        "session_id status created_at external_ref result rejection_reason rejection_reason_code
         processing_mode sensitive_data_expired",
    );
    assert_fields(
        &one["result"],
        "face_match_passed face_match_score age_check_passed extracted_age extracted_data",
    );
}

#[tokio::test]
async fn the_list_is_filtered_and_tells_nothing_personal() {
    let (_server, live) = server_and_live().await;
    let approved = ended(&live, "continue", "completed").await;
    let rejected = ended(&live, "reject", "completed").await;
    let reviewed = ended(&live, "fail", "under_review").await;
    live.session(json!({})).await;
    let list = async |query: &[(&str, &str)]| -> Vec<String> {
        let page = live.get(RESULTS).query(query).await.ok(200);
        assert_eq!(page["pagination"]["limit"], 50);
        let items = page["data"].as_array().unwrap().clone();
        for item in &items {
            assert!(item.get("extracted_data").is_none(), "{item}");
            assert!(item.pointer("/result/extracted_data").is_none(), "{item}");
        }
        items
            .iter()
            .map(|item| item["session_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        list(&[]).await,
        [reviewed.clone(), rejected.clone(), approved.clone()]
    );
    assert_eq!(list(&[("status", "approved")]).await, [approved]);
    assert_eq!(list(&[("status", "rejected")]).await, [rejected]);
    assert_eq!(list(&[("status", "needs_review")]).await, [reviewed]);
    assert_eq!(
        list(&[("created_before", "2020-01-01T00:00:00Z")]).await,
        [""; 0]
    );
    assert_eq!(
        list(&[("created_after", "2020-01-01T00:00:00Z")])
            .await
            .len(),
        3
    );
    live.get(RESULTS)
        .query(&[("status", "completed")])
        .await
        .invalid_field("status");
}

#[tokio::test]
async fn there_is_none_before_the_end_and_none_elsewhere() {
    let server = server().await;
    let live = server.live();
    let session = crate::support::paused_session(&live).await;
    live.get(&format!("{RESULTS}/{session}"))
        .await
        .refused(404, "not_found");
    live.get(&format!("{RESULTS}/{}", unknown_id("ses_")))
        .await
        .refused(404, "not_found");
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    live.get(&format!("{RESULTS}/{session}")).await.ok(200);
    server
        .sandbox()
        .get(&format!("{RESULTS}/{session}"))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn checks_show_their_latest_attempt_with_its_engine() {
    let (_server, live) = server_and_live().await;
    let session = ended(&live, "continue", "completed").await;
    let checks = live.part(&session, "verifications").await;
    for check in checks["data"].as_array().unwrap() {
        assert_fields(
            check,
            "id session_id policy status attempt_number passed score reasons details started_at
             completed_at duration_ms engine",
        );
        crate::support::assert_id(&check["id"], "vrf_");
        assert_eq!(check["attempt_number"], 1);
        assert_time(&check["started_at"]);
        assert_time(&check["completed_at"]);
    }
}
