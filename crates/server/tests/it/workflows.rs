//! Workflows as objects: made, read, changed into versions, set as default, ended, triggered.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::support::{
    WORKFLOWS, assert_fields, assert_id, assert_time, gate_steps, ids, paused_on, paused_session,
    server, server_and_live, unknown_id,
};

async fn make(client: &Client, body: Value) -> Value {
    client.post(WORKFLOWS).json(body).await.ok(201)
}

fn path_of(workflow: &Value) -> String {
    format!("{WORKFLOWS}/{}", workflow["id"].as_str().unwrap())
}

#[tokio::test]
async fn every_organization_starts_with_a_default_workflow() {
    let (_server, live) = server_and_live().await;
    let page = live.get(WORKFLOWS).await.ok(200);
    assert_eq!(
        page["pagination"],
        json!({"total": 1, "limit": 25, "offset": 0})
    );
    let first = &page["data"][0];
    assert_eq!(first["is_default"], true);
    assert_eq!(first["is_active"], true);
    assert_eq!(first["version"], 1);
    let policies: Vec<_> = first["steps"].as_array().unwrap().iter().collect();
    let policies: Vec<_> = policies
        .iter()
        .map(|step| step["policy"].as_str().unwrap())
        .collect();
    assert_eq!(
        policies,
        [
            "document_ocr",
            "document_expiration",
            "age_verification",
            "auto_approve"
        ]
    );
}

#[tokio::test]
async fn a_workflow_is_made_and_read_back() {
    let (_server, live) = server_and_live().await;
    let made = make(
        &live,
        json!({"name": "With a gate", "description": "d", "steps": gate_steps(),
            "graph_layout": {"gate": {"x": 1, "y": 2}}}),
    )
    .await;
    assert_fields(
        &made,
        "id name version steps is_default is_active is_sandbox created_at updated_at description
         step_count data_requirements format graph graph_layout screening_settings rollout_percentage purpose
         profile",
    );
    assert_id(&made["id"], "wfl_");
    assert_eq!(made["version"], 1);
    assert_eq!(made["format"], "steps");
    assert_eq!(made["step_count"], 2);
    assert_eq!(made["is_default"], false);
    assert_eq!(made["is_active"], true);
    assert_eq!(made["steps"], gate_steps());
    assert_eq!(made["graph_layout"], json!({"gate": {"x": 1, "y": 2}}));
    assert_time(&made["created_at"]);
    assert_eq!(live.get(&path_of(&made)).await.ok(200), made);
    let page = live.get(WORKFLOWS).await.ok(200);
    assert_eq!(ids(&page)[0], made["id"].as_str().unwrap());
    live.get(&format!("{WORKFLOWS}/{}", unknown_id("wfl_")))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn only_what_runs_makes_a_version() {
    let (_server, live) = server_and_live().await;
    let made = make(&live, json!({"name": "one", "steps": gate_steps()})).await;
    let path = path_of(&made);
    let version = async |body: Value| live.patch(&path).json(body).await.ok(200)["version"].clone();
    assert_eq!(version(json!({"name": "two", "description": "d"})).await, 1);
    assert_eq!(version(json!({"graph_layout": {"gate": [1, 2]}})).await, 1);
    assert_eq!(version(json!({"rollout_percentage": 50})).await, 1);
    assert_eq!(
        version(json!({"steps": [{"policy": "auto_approve"}]})).await,
        2
    );
    let screening = json!({"risk": {"auto_reject_at": 90, "review_at": 60}});
    assert_eq!(version(json!({"screening_settings": screening})).await, 3);
    assert_eq!(
        version(json!({"data_requirements": {"selfie": true}})).await,
        4
    );
    let now = live.get(&path).await.ok(200);
    assert_eq!(now["name"], "two");
    assert_eq!(now["steps"], json!([{"policy": "auto_approve"}]));

    let versions = live.get(&format!("{path}/versions")).await.ok(200);
    let numbers: Vec<_> = versions["data"].as_array().unwrap().iter().collect();
    let numbers: Vec<_> = numbers
        .iter()
        .map(|version| version["version"].as_i64())
        .collect();
    assert_eq!(numbers, [Some(4), Some(3), Some(2), Some(1)]);
    let first = live.get(&format!("{path}/versions/1")).await.ok(200);
    assert_eq!(first["steps"], gate_steps());
    for unknown in ["0", "5", "-1", "one", "99999999999999999999"] {
        live.get(&format!("{path}/versions/{unknown}"))
            .await
            .refused(404, "not_found");
    }
}

#[tokio::test]
async fn the_start_and_the_ends_of_a_graph_are_no_steps() {
    let (_server, live) = server_and_live().await;
    let graph = json!({"entry": "begin", "nodes": {
        "begin": {"type": "start", "next": "gate"},
        "gate": {"type": "wait", "next": {"continue": "yes", "fail": "no"}},
        "yes": {"type": "terminal", "outcome": "approved"},
        "no": {"type": "terminal", "outcome": "rejected"},
    }});
    let made = make(&live, json!({"name": "graph", "graph": graph})).await;
    assert_eq!(made["step_count"], 1);
    assert_eq!(made["format"], "graph");
}

#[tokio::test]
async fn a_session_keeps_the_version_that_its_processing_began_with() {
    let (_server, live) = server_and_live().await;
    let made = make(&live, json!({"name": "one", "steps": gate_steps()})).await;
    let workflow = made["id"].as_str().unwrap();
    let session = paused_on(&live, workflow).await;
    let waiting = live.session(json!({"workflow_id": workflow})).await;
    let steps = json!([{"policy": "auto_approve"}]);
    live.patch(&path_of(&made))
        .json(json!({"steps": steps}))
        .await
        .ok(200);
    let run = live.part(&session, "workflow-run").await;
    assert_eq!(run["workflow_version"], 1);
    assert!(run["graph_snapshot"]["nodes"]["gate"].is_object(), "{run}");
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    // Processing begins after the change: the new version, which has no gate.
    live.run_until(&waiting, "completed").await;
    assert_eq!(
        live.part(&waiting, "workflow-run").await["workflow_version"],
        2
    );
}

#[tokio::test]
async fn there_is_one_default_and_it_cannot_be_ended() {
    let (_server, live) = server_and_live().await;
    let first = live.get(WORKFLOWS).await.ok(200)["data"][0].clone();
    let made = make(&live, json!({"name": "one", "steps": gate_steps()})).await;
    let act =
        |workflow: &Value, action: &str| live.post(&format!("{}/{action}", path_of(workflow)));
    act(&first, "deactivate").await.refused(409, "conflict");
    assert_eq!(act(&made, "set-default").await.ok(200)["is_default"], true);
    assert_eq!(
        live.get(&path_of(&first)).await.ok(200)["is_default"],
        false
    );
    act(&made, "deactivate").await.refused(409, "conflict");
    let session = live.session(json!({})).await;
    assert_eq!(live.look(&session).await["workflow_id"], made["id"]);
    assert_eq!(act(&first, "deactivate").await.ok(200)["is_active"], false);
    act(&first, "set-default").await.refused(409, "conflict");
    let another = make(
        &live,
        json!({"name": "two", "steps": gate_steps(), "is_default": true}),
    )
    .await;
    assert_eq!(another["is_default"], true);
    let page = live.get(WORKFLOWS).await.ok(200);
    let defaults = page["data"].as_array().unwrap().iter();
    assert_eq!(
        defaults
            .filter(|workflow| workflow["is_default"] == true)
            .count(),
        1
    );
}

#[tokio::test]
async fn both_environments_share_the_workflows() {
    let server = server().await;
    let made = make(
        &server.live(),
        json!({"name": "one", "steps": gate_steps()}),
    )
    .await;
    assert_eq!(
        server.sandbox().get(&path_of(&made)).await.ok(200)["id"],
        made["id"]
    );
    server
        .sandbox()
        .session(json!({"workflow_id": made["id"]}))
        .await;
}

#[tokio::test]
async fn a_trigger_runs_a_finished_session_again() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let other = live.workflow(json!([{"policy": "auto_approve"}])).await;
    let trigger = |body: Value| {
        live.post(&format!("{WORKFLOWS}/{other}/trigger"))
            .json(body)
    };
    let body = json!({"session_id": session});
    trigger(body.clone()).await.refused(409, "conflict");
    live.decide(&session, "reject").await;
    live.until(&session, "completed").await;
    assert_eq!(live.part(&session, "result").await["status"], "rejected");
    trigger(body.clone()).await.ok(202);
    live.until(&session, "completed").await;
    assert_eq!(live.part(&session, "result").await["status"], "approved");
    let run = live.part(&session, "workflow-run").await;
    assert_eq!(run["workflow_id"], json!(other));
    assert_eq!(
        server
            .installation
            .database
            .count("workflow_runs", "1 = 1")
            .await,
        2
    );
    let again = live.part(&session, "verifications").await;
    let approve = again["data"].as_array().unwrap().iter();
    assert!(
        approve
            .filter(|check| check["policy"] == "auto_approve")
            .count()
            == 1,
        "{again}"
    );

    trigger(json!({"session_id": unknown_id("ses_")}))
        .await
        .refused(404, "not_found");
    trigger(json!({})).await.invalid_field("session_id");
    trigger(json!({"session_id": 7}))
        .await
        .invalid_field("session_id");
}

#[tokio::test]
async fn an_old_run_stays_readable() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.decide(&session, "reject").await;
    live.until(&session, "completed").await;
    let old = live.part(&session, "workflow-run").await;
    let other = live.workflow(json!([{"policy": "auto_approve"}])).await;
    let body = json!({"session_id": session});
    live.post(&format!("{WORKFLOWS}/{other}/trigger"))
        .json(body)
        .await
        .ok(202);
    live.until(&session, "completed").await;
    let path = format!("workflow-run?run={}", old["id"].as_str().unwrap());
    assert_eq!(live.part(&session, &path).await["id"], old["id"]);
    assert_ne!(live.part(&session, "workflow-run").await["id"], old["id"]);
}

#[tokio::test]
async fn the_policies_are_those_that_exist() {
    let (_server, live) = server_and_live().await;
    let list = live.get("/api/v1/verification-policies").await.ok(200);
    let list = list["data"].as_array().unwrap();
    let mut names: Vec<_> = list
        .iter()
        .map(|policy| policy["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "age_verification",
            "auto_approve",
            "document_expiration",
            "document_ocr",
            "id_document_filter",
            "identity_crossref",
            "risk_assessment",
            "watchlist_screening"
        ]
    );
    for policy in list {
        for text in ["name", "category", "description"] {
            assert!(
                policy[text].as_str().is_some_and(|text| !text.is_empty()),
                "{policy}"
            );
        }
        assert!(
            policy["inputs"].is_array() && policy["outputs"].is_array(),
            "{policy}"
        );
        // Each config schema is one that a validator takes.
        let schema = policy["config_schema"].clone();
        assert!(schema.is_object(), "{policy}");
        jsonschema::draft202012::new(&schema).expect("a schema");
    }
}
