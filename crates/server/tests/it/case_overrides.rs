//! A reviewer's judgement in place of a check's.

use serde_json::{Value, json};
use verifa_testkit::{Client, eventually};

use crate::cases::{CASES, at, look, told, under_review};
use crate::support::{server, server_and_live};

/// A sandbox session under review because its age check failed.
async fn doubted(client: &Client) -> (String, String) {
    let steps = json!([
        {"id": "age", "policy": "age_verification", "on_fail": "review", "on_error": "review"},
        {"id": "gate", "type": "external_gate", "when":
            {"field": "checks.age_verification.reasons", "op": "contains", "value": "overridden"}},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = client.workflow(steps).await;
    let script = json!({"check": "age_verification", "result": "fail"});
    let body = json!({"workflow_id": workflow, "metadata": {"verifa_sandbox": script}});
    let session = client.session(body).await;
    let run = json!({"action": "run-workflow"});
    client.act(&session, "simulate").json(run).await.ok(200);
    let shown = client.until(&session, "under_review").await;
    (session, shown["case_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_override_routes_the_workflow_anew() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, id) = doubted(&sandbox).await;
    let reasons = look(&sandbox, &id).await["reasons"].clone();
    assert_eq!(reasons[0]["policy"], "age_verification");
    assert_eq!(reasons[0]["code"], "underage");
    let over = |body: Value| at(&sandbox, &id, "checks/age_verification/override").json(body);
    for (body, field) in [
        (json!({"reason": "x"}), "passed"),
        (json!({"passed": "yes", "reason": "x"}), "passed"),
        (json!({"passed": true}), "reason"),
        (json!({"passed": true, "reason": ""}), "reason"),
    ] {
        over(body).await.invalid_field(field);
    }
    let unknown = at(&sandbox, &id, "checks/face_match/override");
    unknown
        .json(json!({"passed": true, "reason": "x"}))
        .await
        .refused(404, "not_found");
    at(&sandbox, &id, "claim")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    over(json!({"passed": true, "reason": "x", "reviewer_id": "bert"}))
        .await
        .refused(409, "conflict");
    let accepted = over(json!({"passed": true, "reason": "Born 1999, by eye."}))
        .await
        .ok(202);
    let wanted = json!({"case_id": id, "session_id": session, "policy": "age_verification",
        "passed": true, "status": "processing"});
    assert_eq!(accepted, wanted);
    // The judgement is what conditions see: the gate opens.
    sandbox.until(&session, "awaiting_external").await;
    assert_eq!(look(&sandbox, &id).await["assigned_to"], "anna");
    sandbox.decide(&session, "continue").await;
    sandbox.until(&session, "completed").await;
    let result = sandbox.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    assert_eq!(
        result["check_results"]["age_verification"]["reasons"][0]["code"],
        "overridden"
    );
    let data = sandbox.part(&session, "verifications").await;
    let age = data["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["policy"] == "age_verification");
    let age = age.unwrap();
    assert_eq!(
        (&age["status"], &age["attempt_number"]),
        (&json!("passed"), &json!(2))
    );
    assert_eq!(age["engine"], "reviewer");
    // The workflow decided by itself: nobody has to look any more.
    let case = look(&sandbox, &id).await;
    assert_eq!(
        (&case["status"], &case["decision"]),
        (&json!("closed"), &Value::Null)
    );
    let notes = sandbox.get(&format!("{CASES}/{id}/notes")).await.ok(200);
    assert_eq!(notes["data"][0]["text"], "Born 1999, by eye.");
    assert_eq!(notes["data"][0]["reviewer_id"], "anna");
    assert_eq!(told(&server, &session, "session.approved").await, 1);
}

#[tokio::test]
async fn an_override_that_changes_nothing_stays_with_its_reviewer() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, id) = doubted(&sandbox).await;
    at(&sandbox, &id, "claim")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    let body = json!({"passed": false, "reason": "The check is right."});
    at(&sandbox, &id, "checks/age_verification/override")
        .json(body)
        .await
        .ok(202);
    sandbox.until(&session, "under_review").await;
    let case = look(&sandbox, &id).await;
    assert_eq!(
        (&case["status"], &case["assigned_to"]),
        (&json!("in_review"), &json!("anna"))
    );
    assert_eq!(case["reasons"][0]["code"], "overridden");
    at(&sandbox, &id, "reject").json(json!({})).await.ok(200);
    // A finished session can be judged anew by its case; then it is open again.
    let body = json!({"passed": false, "reason": "Once more."});
    at(&sandbox, &id, "checks/age_verification/override")
        .json(body)
        .await
        .ok(202);
    eventually("the session is under review again", async || {
        (sandbox.look(&session).await["status"] == "under_review").then_some(())
    })
    .await;
    let case = look(&sandbox, &id).await;
    assert_eq!(
        (&case["status"], &case["decision"]),
        (&json!("open"), &Value::Null)
    );
    assert_eq!(case["assigned_to"], Value::Null);
    at(&sandbox, &id, "approve").json(json!({})).await.ok(200);
    assert_eq!(sandbox.part(&session, "result").await["status"], "approved");
}

#[tokio::test]
async fn overrides_need_a_session_that_can_be_judged_anew() {
    let (_server, live) = server_and_live().await;
    let (session, id) = under_review(&live).await;
    live.act(&session, "expire").await.ok(200);
    assert_eq!(look(&live, &id).await["status"], "closed");
    let body = json!({"passed": true, "reason": "x"});
    at(&live, &id, "checks/auto_approve/override")
        .json(body)
        .await
        .refused(409, "conflict");
    at(&live, &id, "approve")
        .json(json!({}))
        .await
        .refused(409, "conflict");
}

/// A judgement replaced by one reviewer routes the run to its end; where two have to decide, that
/// end is a case.
#[tokio::test]
async fn an_override_by_one_does_not_decide_where_two_have_to() {
    let server = server().await;
    let sandbox = server.sandbox();
    let settings = sandbox.patch("/api/v1/settings");
    settings.json(json!({"dual_review": true})).await.ok(200);
    let (session, id) = doubted(&sandbox).await;
    let judgement = json!({"passed": true, "reason": "Fine.", "reviewer_id": "anna"});
    let judge = at(&sandbox, &id, "checks/age_verification/override");
    judge.json(judgement).await.ok(202);
    sandbox.until(&session, "awaiting_external").await;
    sandbox.decide(&session, "continue").await;
    let shown = sandbox.until(&session, "under_review").await;
    assert_eq!(shown["case_id"], id.as_str());
    let case = look(&sandbox, &id).await;
    assert!(case["reasons"].to_string().contains("overridden"), "{case}");
    assert_eq!(told(&server, &session, "session.approved").await, 0);
    for (reviewer, status) in [("anna", "pending_second_review"), ("ben", "approved")] {
        let approve = at(&sandbox, &id, "approve").json(json!({"reviewer_id": reviewer}));
        assert_eq!(approve.await.ok(200)["status"], status);
    }
    assert_eq!(sandbox.look(&session).await["status"], "completed");
}

/// A judged-anew run passes the gates that were decided before: it says by whom, and with what.
#[tokio::test]
async fn a_gate_that_stands_is_shown_in_the_run_that_follows() {
    let server = server().await;
    let sandbox = server.sandbox();
    let steps = json!([
        {"id": "gate", "type": "external_gate"},
        {"id": "age", "policy": "age_verification", "on_fail": "review", "on_error": "review"},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = sandbox.workflow(steps).await;
    let script = json!({"check": "age_verification", "result": "fail"});
    let body = json!({"workflow_id": workflow, "metadata": {"verifa_sandbox": script}});
    let session = sandbox.session(body).await;
    let run = json!({"action": "run-workflow"});
    sandbox.act(&session, "simulate").json(run).await.ok(200);
    sandbox.until(&session, "awaiting_external").await;
    let decision = json!({"decision": "continue", "metadata": {"score": 720}});
    let decide = sandbox.act(&session, "external-decision").json(decision);
    decide.await.ok(200);
    let shown = sandbox.until(&session, "under_review").await;
    let first = sandbox.part(&session, "workflow-run").await;
    assert_eq!(
        first["gate_decisions"][0]["metadata"],
        json!({"score": 720})
    );
    let case = shown["case_id"].as_str().unwrap();
    let judgement = json!({"passed": true, "reason": "Born 1999, by eye."});
    let call = at(&sandbox, case, "checks/age_verification/override");
    call.json(judgement).await.ok(202);
    sandbox.until(&session, "completed").await;
    let second = sandbox.part(&session, "workflow-run").await;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["gate_decisions"], first["gate_decisions"]);
}
