//! External gates: pauses, decisions, timeouts, and what later nodes can read of them.

use serde_json::{Value, json};
use verifa_testkit::{Client, eventually};

use crate::support::{assert_time, gate_steps, paused_on, paused_session, server_and_live};

async fn result(client: &Client, session: &str) -> (Value, Value) {
    let result = client.part(session, "result").await;
    (
        result["status"].clone(),
        result["rejection_reason_code"].clone(),
    )
}

#[tokio::test]
async fn a_paused_run_says_where_it_waits() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let run = live.part(&session, "workflow-run").await;
    assert_eq!(run["status"], "paused");
    assert_eq!(run["paused_at_node"], "gate");
    assert_eq!(run["session_id"], json!(session));
    assert_eq!(run["final_status"], Value::Null);
    assert_eq!(run["completed_at"], Value::Null);
    assert_eq!(run["gate_decisions"], json!([]));
}

#[tokio::test]
async fn continue_goes_on_to_the_end() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    assert_eq!(
        result(&live, &session).await,
        (json!("approved"), Value::Null)
    );
    let run = live.part(&session, "workflow-run").await;
    assert_eq!(run["status"], "completed");
    assert_eq!(run["final_status"], "approved");
    assert_eq!(run["paused_at_node"], Value::Null);
    assert_time(&run["completed_at"]);
    let decision = &run["gate_decisions"][0];
    assert_eq!(decision["node"], "gate");
    assert_eq!(decision["decision"], "continue");
    assert_time(&decision["decided_at"]);
    assert!(decision["by"].is_string(), "{decision}");
    assert!(run["node_results"]["done"]["duration_ms"].is_i64(), "{run}");
}

#[tokio::test]
async fn fail_goes_where_on_fail_leads() {
    let (_server, live) = server_and_live().await;
    for (on_fail, status, expected) in [
        (
            json!("review"),
            "under_review",
            ("needs_review", Value::Null),
        ),
        (
            json!("reject"),
            "completed",
            ("rejected", json!("external_rejected")),
        ),
        (json!("continue"), "completed", ("approved", Value::Null)),
        (
            json!({"goto": "done"}),
            "completed",
            ("approved", Value::Null),
        ),
    ] {
        let steps = json!([
            {"id": "gate", "type": "external_gate", "on_fail": on_fail},
            {"id": "other", "type": "external_gate", "when":
                {"field": "session.external_ref", "op": "exists"}},
            {"id": "done", "policy": "auto_approve"}
        ]);
        let workflow = live.workflow(steps).await;
        let session = paused_on(&live, &workflow).await;
        live.decide(&session, "fail").await;
        live.until(&session, status).await;
        let found = result(&live, &session).await;
        assert_eq!(found, (json!(expected.0), expected.1), "{on_fail}");
    }
}

#[tokio::test]
async fn reject_ends_it_at_once() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.decide(&session, "reject").await;
    live.until(&session, "completed").await;
    let found = result(&live, &session).await;
    assert_eq!(found, (json!("rejected"), json!("external_rejected")));
    let database = &server.installation.database;
    let after = database
        .count("verification_attempts", "policy = 'auto_approve'")
        .await;
    assert_eq!(after, 0, "a node behind the gate ran");
    assert_eq!(
        database
            .count("outbox_events", "event = 'session.declined'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_review_opens_a_case() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    live.decide(&session, "fail").await;
    let shown = live.until(&session, "under_review").await;
    crate::support::assert_id(&shown["case_id"], "case_");
    assert_eq!(shown["case_status"], "open");
    assert_eq!(
        live.part(&session, "result").await["status"],
        "needs_review"
    );
    let database = &server.installation.database;
    assert_eq!(database.count("cases", "status = 'open'").await, 1);
    for event in ["session.requires-review", "case.created"] {
        let condition = format!("event = '{event}'");
        assert_eq!(
            database.count("outbox_events", &condition).await,
            1,
            "{event}"
        );
    }
}

#[tokio::test]
async fn many_gates_pause_one_after_the_other() {
    let (server, live) = server_and_live().await;
    let gates: Vec<_> = (1..=5)
        .map(|number| json!({"id": format!("gate{number}"), "type": "external_gate"}))
        .collect();
    let workflow = live.workflow(json!(gates)).await;
    let session = paused_on(&live, &workflow).await;
    for number in 1..=5 {
        let node = format!("gate{number}");
        eventually(&format!("{node} is reached"), async || {
            (live.part(&session, "workflow-run").await["paused_at_node"] == json!(node))
                .then_some(())
        })
        .await;
        // A client that repeats a timed-out call can't decide another gate by accident.
        let wrong = format!("gate{}", number % 5 + 1);
        let decide = |node: &str| {
            let body = json!({"decision": "continue", "node": node, "metadata": {"n": number}});
            live.act(&session, "external-decision").json(body)
        };
        decide(&wrong).await.refused(409, "conflict");
        decide(&node).await.ok(200);
    }
    live.until(&session, "completed").await;
    let run = live.part(&session, "workflow-run").await;
    let decisions = run["gate_decisions"].as_array().unwrap();
    let nodes: Vec<_> = decisions
        .iter()
        .map(|decision| decision["node"].as_str())
        .collect();
    assert_eq!(
        nodes,
        [
            Some("gate1"),
            Some("gate2"),
            Some("gate3"),
            Some("gate4"),
            Some("gate5")
        ]
    );
    assert_eq!(decisions[2]["metadata"], json!({"n": 3}));
    let awaiting = "event = 'session.awaiting_external'";
    assert_eq!(
        server
            .installation
            .database
            .count("outbox_events", awaiting)
            .await,
        5
    );
}

#[tokio::test]
async fn a_gate_that_nobody_decides_times_out() {
    let (mut server, live) = server_and_live().await;
    for (on_timeout, status, expected) in [
        (None, "under_review", ("needs_review", vec![Value::Null])),
        (
            Some("review"),
            "under_review",
            ("needs_review", vec![Value::Null]),
        ),
        (
            Some("continue"),
            "completed",
            ("approved", vec![Value::Null]),
        ),
        (
            Some("reject"),
            "completed",
            ("rejected", vec![json!("external_timeout")]),
        ),
        // The contract names a code for a fail that rejects and for a timeout that rejects; this
        // is both.
        (
            Some("fail"),
            "completed",
            (
                "rejected",
                vec![json!("external_timeout"), json!("external_rejected")],
            ),
        ),
    ] {
        let mut config = json!({"timeout_minutes": 1});
        if let Some(word) = on_timeout {
            config["on_timeout"] = json!(word);
        }
        let steps = json!([
            {"id": "gate", "type": "external_gate", "config": config, "on_fail": "reject"},
            {"id": "done", "policy": "auto_approve"}
        ]);
        let workflow = live.workflow(steps).await;
        let session = paused_on(&live, &workflow).await;
        let database = &server.installation.database;
        // A minute goes by.
        database
            .change("UPDATE workflow_runs SET gate_deadline = created_at")
            .await;
        database.change("UPDATE jobs SET due_at = created_at").await;
        // Nothing tells a worker of rows that a test moved; a new one looks by itself.
        server.kill9();
        server.restart().await;
        live.until(&session, status).await;
        let (outcome, code) = result(&live, &session).await;
        assert_eq!(outcome, expected.0, "{on_timeout:?}");
        assert!(expected.1.contains(&code), "{on_timeout:?}: {code}");
    }
}

#[tokio::test]
async fn what_a_decision_carries_is_readable_downstream() {
    let (_server, live) = server_and_live().await;
    let branch = |field: &str, op: &str, value: Value, next: &str| json!({"when": {"field": field, "op": op, "value": value}, "next": next});
    let graph = json!({"entry": "start", "nodes": {
        "start": {"type": "start", "next": "gate"},
        "gate": {"type": "wait", "config": {}, "next": {"continue": "which", "fail": "which"}},
        "which": {"type": "conditional", "default": "reviewed", "branches": [
            branch("gate.gate.decision", "==", json!("fail"), "failed"),
            branch("gate.gate.metadata.score", ">=", json!(700), "good"),
        ]},
        "good": {"type": "terminal", "outcome": "approved"},
        "failed": {"type": "terminal", "outcome": "rejected", "reason_code": "high_risk"},
        "reviewed": {"type": "terminal", "outcome": "needs_review"}
    }});
    let made = live
        .post(crate::support::WORKFLOWS)
        .json(json!({"name": "score", "graph": graph}))
        .await
        .ok(201);
    let workflow = made["id"].as_str().unwrap();
    for (body, status, expected) in [
        (
            json!({"decision": "continue", "metadata": {"score": 720}}),
            "completed",
            "approved",
        ),
        (
            json!({"decision": "continue", "metadata": {"score": 10}}),
            "under_review",
            "needs_review",
        ),
        // Unlike types do not compare.
        (
            json!({"decision": "continue", "metadata": {"score": "720"}}),
            "under_review",
            "needs_review",
        ),
        (
            json!({"decision": "continue"}),
            "under_review",
            "needs_review",
        ),
        (
            json!({"decision": "fail", "metadata": {"score": 720}}),
            "completed",
            "rejected",
        ),
    ] {
        let session = paused_on(&live, workflow).await;
        live.act(&session, "external-decision")
            .json(body.clone())
            .await
            .ok(200);
        live.until(&session, status).await;
        let result = live.part(&session, "result").await;
        assert_eq!(result["status"], expected, "{body}");
        if expected == "rejected" {
            assert_eq!(result["rejection_reason_code"], "high_risk");
        }
    }
}

#[tokio::test]
async fn a_gate_may_stand_first_and_last() {
    let (_server, live) = server_and_live().await;
    let workflow = live
        .workflow(json!([{"id": "only", "type": "external_gate"}]))
        .await;
    let session = paused_on(&live, &workflow).await;
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    assert_eq!(result(&live, &session).await.0, "approved");
    let workflow = live.workflow(gate_steps()).await;
    let other = paused_on(&live, &workflow).await;
    assert_ne!(other, session);
}
