//! The sandbox's simulate call: every action in every status, as the core's table has it.

use serde_json::{Value, json};
use verifa_core::session::{Event, SimulatedAction, Status, WebhookEvent, transition};
use verifa_testkit::{Client, TestServer, eventually};

use crate::images::small_png;
use crate::support::{SESSIONS, assert_fields, gate_steps, server, unknown_id};

/// A server, its sandbox, and two workflows there: one with a gate, one whose check breaks it.
struct Sandbox {
    server: TestServer,
    client: Client,
    gated: String,
    breaking: String,
}

impl Sandbox {
    async fn start() -> Self {
        let server = server().await;
        let client = server.sandbox();
        let gated = client.workflow(gate_steps()).await;
        let breaking = client
            .workflow(json!([{"id": "age", "policy": "age_verification"}]))
            .await;
        Self {
            server,
            client,
            gated,
            breaking,
        }
    }

    async fn simulate(&self, session: &str, action: &str) {
        let body = json!({"action": action});
        self.client
            .act(session, "simulate")
            .json(body)
            .await
            .ok(200);
    }

    /// A session that stands at `status`, by the ways that lead there.
    async fn reach(&self, status: Status) -> String {
        let body = match status {
            Status::Failed => json!({
                "workflow_id": self.breaking,
                "metadata": {"verifa_sandbox": {"check": "age_verification", "result": "error"}},
            }),
            _ => json!({"workflow_id": self.gated}),
        };
        let session = self.client.session(body).await;
        match status {
            Status::Pending => {}
            Status::Capturing => {
                let upload = self.client.upload(&session, "id_front", small_png(1));
                upload.await.ok(201);
            }
            Status::SandboxPending => drop(self.client.act(&session, "submit").await.ok(200)),
            Status::AwaitingExternal | Status::Failed => {
                self.simulate(&session, "run-workflow").await;
            }
            Status::Processing => {
                self.simulate(&session, "run-workflow").await;
                self.client.until(&session, "awaiting_external").await;
                // No test can hold a session here; what counts is what the call says.
                let database = &self.server.installation.database;
                let id = database.literal(&session);
                let held = format!("UPDATE sessions SET status = 'processing' WHERE id = {id}");
                assert_eq!(database.change(&held).await, 1);
            }
            Status::UnderReview => self.simulate(&session, "require-review").await,
            Status::Completed => self.simulate(&session, "approve").await,
            Status::Expired => self.simulate(&session, "expire").await,
        }
        eventually(&format!("{session} is {status}"), async || {
            let found = self.client.look(&session).await["status"] == status.as_str();
            found.then_some(())
        })
        .await;
        session
    }

    /// How often each event of a session was written.
    async fn told(&self, session: &str) -> Vec<i64> {
        let database = &self.server.installation.database;
        let id = database.literal(session);
        let mut counts = Vec::new();
        for event in WebhookEvent::ALL {
            let condition = format!("session_id = {id} AND event = '{event}'");
            counts.push(database.count("outbox_events", &condition).await);
        }
        counts
    }
}

#[tokio::test]
async fn every_action_in_every_status_does_what_the_table_says() {
    let sandbox = Sandbox::start().await;
    let mut allowed = 0;
    for status in Status::ALL {
        for action in SimulatedAction::ALL {
            let session = sandbox.reach(*status).await;
            let before = sandbox.told(&session).await;
            let event = Event::Simulated(*action);
            let call = sandbox.client.act(&session, "simulate");
            let answer = call.json(json!({"action": action})).await;
            if let Ok(to) = transition(Some(*status), event, true) {
                allowed += 1;
                let wanted = json!({
                    "id": session, "action": action, "status": to, "simulated": true,
                });
                assert_eq!(answer.ok(200), wanted, "{action} while {status}");
                if *action == SimulatedAction::RunWorkflow {
                    sandbox.client.until(&session, "awaiting_external").await;
                    continue;
                }
                let after = sandbox.told(&session).await;
                for (place, told) in WebhookEvent::ALL.iter().enumerate() {
                    let grown = after[place] - before[place];
                    let wanted = event.webhook_events().contains(told);
                    assert_eq!(grown, i64::from(wanted), "{told}: {action} while {status}");
                }
                assert_eq!(sandbox.client.look(&session).await["status"], to.as_str());
            } else {
                answer.refused(400, "bad_request");
                let now = sandbox.client.look(&session).await;
                assert_eq!(now["status"], status.as_str(), "{action} while {status}");
                assert_eq!(sandbox.told(&session).await, before);
            }
        }
    }
    assert_eq!(allowed, 24, "rows of the table");
    // Nothing that was ended goes on: no run is open, no gate waits.
    let database = &sandbox.server.installation.database;
    let open = "status = 'paused' AND session_id NOT IN \
                (SELECT id FROM sessions WHERE status IN ('awaiting_external', 'processing'))";
    assert_eq!(database.count("workflow_runs", open).await, 0);
}

#[tokio::test]
async fn an_approved_session_is_jane_doe() {
    let sandbox = Sandbox::start().await;
    let session = sandbox.client.session(json!({})).await;
    sandbox.simulate(&session, "approve").await;
    let result = sandbox.client.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    assert_eq!(result["processing_mode"], "simulated");
    assert_eq!(result["is_sandbox"], true);
    assert_eq!(result["face_match_passed"], true);
    assert_eq!(result["face_match_score"], 0.95);
    assert_eq!(result["age_check_passed"], true);
    assert_eq!(result["rejection_reason_code"], Value::Null);
    let person = &result["extracted_data"];
    assert_eq!(person["first_name"], "Jane");
    assert_eq!(person["last_name"], "Doe");
    assert_eq!(person["date_of_birth"], "1997-06-15");
    assert_eq!(person["document_type"], "drivers_license");
    // The age by today's date, counted once more.
    let today = result["created_at"].as_str().unwrap();
    let year: i64 = today[..4].parse().unwrap();
    let birthday_to_come = today[5..10] < *"06-15";
    assert_eq!(
        result["extracted_age"],
        year - 1997 - i64::from(birthday_to_come)
    );
    let checks = result["check_results"].as_object().unwrap();
    assert!(checks.contains_key("document_ocr") && checks.contains_key("face_match"));
    for (policy, check) in checks {
        assert_eq!(check["status"], "passed", "{policy}");
        assert_eq!(check["passed"], true, "{policy}");
    }
    let shown = sandbox.client.look(&session).await;
    assert_eq!(shown["capture_url"], Value::Null);
    assert_eq!(shown["document_type"], "drivers_license");
}

#[tokio::test]
async fn a_declined_one_says_why_and_a_doubtful_one_opens_a_case() {
    let sandbox = Sandbox::start().await;
    let session = sandbox.client.session(json!({})).await;
    sandbox.simulate(&session, "decline").await;
    let result = sandbox.client.part(&session, "result").await;
    assert_eq!(result["status"], "rejected");
    assert_eq!(result["rejection_reason_code"], "face_mismatch");
    assert_eq!(result["face_match_passed"], false);
    assert_eq!(result["check_results"]["face_match"]["status"], "failed");

    let session = sandbox.client.session(json!({})).await;
    sandbox.simulate(&session, "require-review").await;
    let shown = sandbox.client.look(&session).await;
    assert_eq!(shown["case_status"], "open");
    let case = format!("/api/v1/cases/{}", shown["case_id"].as_str().unwrap());
    let case = sandbox.client.get(&case).await.ok(200);
    assert_eq!(case["session_id"], json!(session));
    assert_eq!(case["reasons"][0]["code"], "simulated");
    assert_eq!(
        sandbox.client.part(&session, "result").await["status"],
        "needs_review"
    );
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let sandbox = Sandbox::start().await;
    let session = sandbox.client.session(json!({})).await;
    let path = format!("{SESSIONS}/{session}/simulate");
    let body = || json!({"action": "approve"});
    let server = &sandbox.server;
    server
        .anonymous()
        .post(&path)
        .json(body())
        .await
        .refused(401, "unauthorized");
    let reader = server.installation.create_key("sandbox", "sessions:read");
    let reader = server.anonymous().key(&reader);
    reader
        .post(&path)
        .json(body())
        .await
        .refused(403, "forbidden");
    // A live key may not, whatever it asks of whomever.
    let live = server.live();
    for path in [
        path.clone(),
        format!("{SESSIONS}/{}/simulate", unknown_id("ses_")),
    ] {
        live.post(&path)
            .json(body())
            .await
            .refused(403, "forbidden");
        live.post(&path)
            .json(json!({}))
            .await
            .refused(403, "forbidden");
    }
    let nobody = format!("{SESSIONS}/{}/simulate", unknown_id("ses_"));
    let client = &sandbox.client;
    client
        .post(&nobody)
        .json(json!({"action": "shrug"}))
        .await
        .refused(404, "not_found");
    for body in [
        json!({}),
        json!({"action": "reject"}),
        json!({"action": 1}),
        json!({"action": null}),
    ] {
        client.post(&path).json(body).await.invalid_field("action");
    }
    client
        .delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    client
        .post(&path)
        .json(json!({"action": "shrug"}))
        .await
        .invalid_field("action");
    client
        .post(&path)
        .json(body())
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn one_of_many_outcomes_at_once_counts() {
    let sandbox = Sandbox::start().await;
    let session = sandbox.client.session(json!({})).await;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..32 {
        let (client, session) = (sandbox.client.clone(), session.clone());
        let action = ["approve", "decline"][number % 2];
        calls.spawn(async move {
            client
                .act(&session, "simulate")
                .json(json!({"action": action}))
                .await
        });
    }
    let answers = calls.join_all().await;
    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(accepted, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(400, "bad_request");
    }
    let decided = "event IN ('session.approved', 'session.declined')";
    let database = &sandbox.server.installation.database;
    assert_eq!(database.count("outbox_events", decided).await, 1);
}

/// A session on `steps` with a script, its workflow started.
async fn scripted(client: &Client, steps: Value, script: Value) -> String {
    let workflow = client.workflow(steps).await;
    let body = json!({"workflow_id": workflow, "metadata": {"verifa_sandbox": script}});
    let session = client.session(body).await;
    let call = client
        .act(&session, "simulate")
        .json(json!({"action": "run-workflow"}));
    assert_eq!(call.await.ok(200)["status"], "processing");
    session
}

fn three_steps() -> Value {
    json!([
        {"id": "scan", "policy": "document_ocr", "on_fail": "review"},
        {"id": "age", "policy": "age_verification", "on_fail": "reject", "on_error": "review"},
        {"id": "done", "policy": "auto_approve"}
    ])
}

#[tokio::test]
async fn the_real_graph_runs_with_scripted_checks() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    for (script, status, outcome, code) in [
        (json!(null), "completed", "approved", Value::Null),
        (
            json!({"check": "age_verification", "result": "fail"}),
            "completed",
            "rejected",
            json!("underage"),
        ),
        (
            json!([{"check": "document_ocr", "result": "fail", "reason": "document_expired"}]),
            "under_review",
            "needs_review",
            Value::Null,
        ),
        (
            json!({"check": "age_verification", "result": "error"}),
            "under_review",
            "needs_review",
            Value::Null,
        ),
        (
            json!({"check": "age_verification", "result": "retry_then_pass"}),
            "completed",
            "approved",
            Value::Null,
        ),
        (
            json!({"check": "watchlist_screening", "result": "fail"}),
            "under_review",
            "needs_review",
            Value::Null,
        ),
        (
            json!({"check": "risk_assessment", "result": "pass", "score": 90}),
            "completed",
            "rejected",
            json!("high_risk"),
        ),
    ] {
        let session = scripted(client, three_steps(), script.clone()).await;
        client.until(&session, status).await;
        let result = client.part(&session, "result").await;
        assert_eq!(result["status"], outcome, "{script}");
        assert_eq!(result["rejection_reason_code"], code, "{script}");
        assert_eq!(result["processing_mode"], "workflow");
        let run = client.part(&session, "workflow-run").await;
        assert_eq!(run["final_status"], outcome);
    }
    let database = &sandbox.server.installation.database;
    let simulated = "engine LIKE 'sandbox/%' AND policy <> 'auto_approve'";
    let all = database
        .count("verification_attempts", "policy <> 'auto_approve'")
        .await;
    assert_eq!(
        database.count("verification_attempts", simulated).await,
        all
    );
    let decided = "policy = 'auto_approve' AND engine LIKE 'sandbox/%'";
    assert_eq!(database.count("verification_attempts", decided).await, 0);
}

#[tokio::test]
async fn conditions_and_gates_see_the_sample_person() {
    let sandbox = Sandbox::start().await;
    let steps = json!([
        {"id": "scan", "policy": "document_ocr"},
        {"id": "gate", "type": "external_gate", "on_fail": "reject",
            "when": {"field": "extracted.first_name", "op": "==", "value": "Jane"}},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let session = scripted(&sandbox.client, steps, json!([])).await;
    sandbox.client.until(&session, "awaiting_external").await;
    sandbox.client.decide(&session, "continue").await;
    sandbox.client.until(&session, "completed").await;
    let result = sandbox.client.part(&session, "result").await;
    assert_eq!(result["extracted_data"]["last_name"], "Doe");
    let events = "event IN ('document.extracted', 'document.verified', 'session.approved')";
    let database = &sandbox.server.installation.database;
    assert_eq!(database.count("outbox_events", events).await, 3);
}

#[tokio::test]
async fn an_error_that_passes_fails_the_session_first() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let steps = json!([
        {"id": "age", "policy": "age_verification"},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let script = json!({"check": "age_verification", "result": "error_then_pass"});
    let workflow = client.workflow(steps.clone()).await;
    let session = scripted(client, steps, script).await;
    client.until(&session, "failed").await;
    // Judged anew, the check passes: the script counts attempts of the whole session.
    let path = format!("/api/v1/workflows/{workflow}/trigger");
    client
        .post(&path)
        .json(json!({"session_id": session}))
        .await
        .ok(202);
    eventually("the session is approved", async || {
        (client.look(&session).await["status"] == "completed").then_some(())
    })
    .await;
    assert_eq!(client.part(&session, "result").await["status"], "approved");
    let database = &sandbox.server.installation.database;
    let statuses = database
        .texts("SELECT status FROM verification_attempts WHERE policy = 'age_verification' ORDER BY attempt_number")
        .await;
    assert_eq!(statuses, ["error", "passed"]);
}

#[tokio::test]
async fn a_script_that_can_not_be_read_is_refused() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    for (script, field) in [
        (json!("pass"), "metadata.verifa_sandbox"),
        (json!({"result": "pass"}), "metadata.verifa_sandbox.check"),
        (
            json!({"check": "x", "result": "maybe"}),
            "metadata.verifa_sandbox.result",
        ),
        (
            json!([{"check": "x", "result": "pass", "if": 1}]),
            "metadata.verifa_sandbox[0].if",
        ),
    ] {
        let body = json!({"metadata": {"verifa_sandbox": script}});
        let session = client.session(body).await;
        let run = client
            .act(&session, "simulate")
            .json(json!({"action": "run-workflow"}));
        run.await.invalid_field(field);
        assert_eq!(client.look(&session).await["status"], "pending");
        // The chosen outcomes need no script.
        sandbox.simulate(&session, "approve").await;
    }
}

#[tokio::test]
async fn a_live_session_is_never_simulated() {
    let server = server().await;
    let live = server.live();
    let workflow = live
        .workflow(json!([{"id": "age", "policy": "age_verification", "on_skipped": "review"}]))
        .await;
    let script = json!({"check": "age_verification", "result": "pass"});
    let body = json!({"workflow_id": workflow, "metadata": {"verifa_sandbox": script}});
    let session = live.session(body).await;
    live.upload(&session, "id_front", small_png(1))
        .await
        .ok(201);
    live.run_until(&session, "under_review").await;
    let database = &server.installation.database;
    assert_eq!(
        database
            .count("verification_attempts", "engine LIKE 'sandbox/%'")
            .await,
        0
    );
    let data = live.part(&session, "verifications").await;
    let age = data["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["policy"] == "age_verification");
    assert_eq!(age.unwrap()["status"], "skipped");
    assert_fields(&data, "data");
}
