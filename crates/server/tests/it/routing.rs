//! How the engine walks: actions, jumps, groups, branches, and where a session ends.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::support::{WORKFLOWS, server_and_live};

/// No document is asked for, so that document checks find nothing and are skipped.
async fn workflow(client: &Client, steps: Value) -> String {
    let body = json!({"name": "w", "steps": steps,
        "data_requirements": {"document": {"required": false}}});
    let made = client.post(WORKFLOWS).json(body).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// Runs a new session to its end: its run.
async fn run(client: &Client, workflow: &str, status: &str) -> Value {
    let session = client
        .session(json!({"workflow_id": workflow, "country": "DE"}))
        .await;
    client.run_until(&session, status).await;
    client.part(&session, "workflow-run").await
}

#[tokio::test]
async fn a_skipped_check_follows_on_skipped() {
    let (_server, live) = server_and_live().await;
    for (on_skipped, status, outcome) in [
        (json!("reject"), "completed", "rejected"),
        (json!("review"), "under_review", "needs_review"),
        (json!("continue"), "completed", "approved"),
        (json!({"goto": "last"}), "completed", "approved"),
    ] {
        let steps = json!([
            {"id": "age", "policy": "age_verification", "on_skipped": on_skipped},
            {"id": "last", "policy": "document_expiration", "on_skipped": "continue"}
        ]);
        let workflow = workflow(&live, steps).await;
        let run = run(&live, &workflow, status).await;
        assert_eq!(run["final_status"], outcome, "{on_skipped}");
        assert_eq!(run["node_results"]["age"]["status"], "skipped");
        assert_eq!(run["node_results"]["age"]["policy"], "age_verification");
        let reached = run["node_results"]["last"].is_object();
        assert_eq!(reached, outcome == "approved", "{run}");
    }
}

#[tokio::test]
async fn on_skipped_defaults_to_on_fail_and_that_to_review() {
    let (_server, live) = server_and_live().await;
    let steps = json!([{"policy": "age_verification"}]);
    let plain = workflow(&live, steps).await;
    assert_eq!(
        run(&live, &plain, "under_review").await["final_status"],
        "needs_review"
    );
    let steps = json!([{"policy": "age_verification", "on_fail": "reject"}]);
    let rejecting = workflow(&live, steps).await;
    assert_eq!(
        run(&live, &rejecting, "completed").await["final_status"],
        "rejected"
    );
}

#[tokio::test]
async fn auto_approve_doubts_what_was_skipped() {
    let (_server, live) = server_and_live().await;
    let steps = json!([
        {"policy": "age_verification", "on_fail": "continue"},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = workflow(&live, steps).await;
    let run = run(&live, &workflow, "under_review").await;
    assert_eq!(run["final_status"], "needs_review");
    assert_ne!(run["node_results"]["done"]["status"], "passed");
}

#[tokio::test]
async fn a_jump_passes_over_what_lies_between() {
    let (_server, live) = server_and_live().await;
    let steps = json!([
        {"id": "age", "policy": "age_verification", "on_skipped": {"goto": "third"}},
        {"id": "second", "type": "external_gate"},
        {"id": "third", "policy": "document_expiration", "on_skipped": "continue"}
    ]);
    let workflow = workflow(&live, steps).await;
    let run = run(&live, &workflow, "completed").await;
    assert_eq!(run["node_results"]["age"]["routed_to"], "third");
    assert_eq!(run["gate_decisions"], json!([]));
    assert!(run["node_results"].get("second").is_none(), "{run}");
}

#[tokio::test]
async fn a_group_runs_side_by_side_and_joins_at_the_worst() {
    let (server, live) = server_and_live().await;
    let group = |more: Value| {
        let mut group = json!({"id": "both", "type": "parallel", "steps": [
            {"policy": "age_verification"}, {"policy": "document_expiration"}]});
        for (name, value) in more.as_object().unwrap() {
            group[name] = value.clone();
        }
        json!([group])
    };
    let lenient = workflow(&live, group(json!({"on_skipped": "continue"}))).await;
    let run_object = run(&live, &lenient, "completed").await;
    assert_eq!(run_object["final_status"], "approved");
    let database = &server.installation.database;
    for policy in ["age_verification", "document_expiration"] {
        let condition = format!("policy = '{policy}'");
        assert_eq!(
            database.count("verification_attempts", &condition).await,
            1,
            "{policy}"
        );
    }
    let strict = workflow(&live, group(json!({"on_skipped": "reject"}))).await;
    assert_eq!(
        run(&live, &strict, "completed").await["final_status"],
        "rejected"
    );
    // An image that nothing can read is an error, which is worse than skipped.
    let mixed = json!([{"id": "both", "type": "parallel", "on_error": "reject",
        "on_skipped": "continue",
        "steps": [{"policy": "document_ocr"}, {"policy": "document_expiration"}]}]);
    let mixed = workflow(&live, mixed).await;
    let session = live.session(json!({"workflow_id": mixed})).await;
    live.upload(&session, "id_front", crate::images::small_png(1))
        .await
        .ok(201);
    live.run_until(&session, "completed").await;
    assert_eq!(live.part(&session, "result").await["status"], "rejected");
}

#[tokio::test]
async fn an_error_fails_the_session_unless_it_is_routed() {
    let (server, live) = server_and_live().await;
    for (on_error, status) in [
        (None, "failed"),
        (Some("fail_session"), "failed"),
        (Some("reject"), "completed"),
        (Some("review"), "under_review"),
    ] {
        let mut scan = json!({"id": "scan", "policy": "document_ocr"});
        if let Some(word) = on_error {
            scan["on_error"] = json!(word);
        }
        let workflow = live.workflow(json!([scan])).await;
        let session = live.session(json!({"workflow_id": workflow})).await;
        live.upload(&session, "id_front", crate::images::small_png(1))
            .await
            .ok(201);
        live.run_until(&session, status).await;
        let run = live.part(&session, "workflow-run").await;
        let wanted = if status == "failed" {
            "failed"
        } else {
            "completed"
        };
        assert_eq!(run["status"], wanted, "{on_error:?}");
        assert_eq!(run["node_results"]["scan"]["status"], "error");
    }
    let failed = server
        .installation
        .database
        .count("outbox_events", "event = 'session.failed'");
    assert_eq!(failed.await, 2);
}

#[tokio::test]
async fn a_graph_branches_by_the_first_condition_that_holds() {
    let (_server, live) = server_and_live().await;
    let branch = |country: &str, next: &str| json!({"when": {"field": "session.country", "op": "==", "value": country}, "next": next});
    let graph = json!({"entry": "start", "nodes": {
        "start": {"type": "start", "next": "which"},
        "which": {"type": "conditional", "default": "none",
            "branches": [branch("FR", "french"), branch("DE", "german"), branch("DE", "never")]},
        "french": {"type": "terminal", "outcome": "needs_review"},
        "german": {"type": "terminal", "outcome": "approved"},
        "never": {"type": "terminal", "outcome": "needs_review"},
        "none": {"type": "terminal", "outcome": "rejected", "reason_code": "other"}
    }});
    let body = json!({"name": "countries", "graph": graph});
    let made = live.post(WORKFLOWS).json(body).await.ok(201);
    assert_eq!(made["format"], "graph");
    assert_eq!(made["graph"], graph);
    for (country, status, outcome) in [
        (json!("DE"), "completed", "approved"),
        (json!("FR"), "under_review", "needs_review"),
        (json!("PL"), "completed", "rejected"),
        (Value::Null, "completed", "rejected"),
    ] {
        let body = json!({"workflow_id": made["id"], "country": country});
        let session = live.session(body).await;
        live.run_until(&session, status).await;
        assert_eq!(
            live.part(&session, "result").await["status"],
            outcome,
            "{country}"
        );
    }
}

#[tokio::test]
async fn auto_inserted_checks_are_there_and_never_pass_by_themselves() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(json!([{"policy": "auto_approve"}])).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&session, "completed").await;
    let run = live.part(&session, "workflow-run").await;
    let nodes = run["graph_snapshot"]["nodes"].as_object().unwrap();
    let checks = live.part(&session, "verifications").await;
    for policy in ["watchlist_screening", "risk_assessment"] {
        let node = &nodes[&format!("_auto.{policy}")];
        assert_eq!(node["auto"], true, "{policy}");
        let check = checks["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["policy"] == policy);
        let check = check.unwrap_or_else(|| panic!("no attempt of {policy}"));
        assert_eq!(check["status"], "skipped", "{check}");
        assert!(!check["reasons"].as_array().unwrap().is_empty(), "{check}");
    }
    let result = live.part(&session, "result").await;
    assert_ne!(result["check_results"]["risk_assessment"]["passed"], true);
}

#[tokio::test]
async fn a_check_left_out_routes_as_passed_and_says_so() {
    let (_server, live) = server_and_live().await;
    let steps = json!([
        {"id": "age", "policy": "age_verification", "on_fail": "reject"},
        {"id": "expiry", "policy": "document_expiration", "on_skipped": "continue"}
    ]);
    let workflow = workflow(&live, steps).await;
    let body = json!({"workflow_id": workflow, "checks": ["document_expiration"]});
    let session = live.session(body).await;
    live.run_until(&session, "completed").await;
    let result = live.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    let age = &result["check_results"]["age_verification"];
    assert_eq!(age["status"], "skipped");
    assert_eq!(age["reasons"][0]["code"], "not_requested");
}
