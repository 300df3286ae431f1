//! A decision in plain words, and the person's objection to it.

use serde_json::json;
use verifa_testkit::{Client, Options, TestServer};

use crate::cases::CASES;
use crate::images::small_png;
use crate::support::{
    SESSIONS, VERIFA, assert_fields, assert_time, gate_steps, server, server_and_live,
};

/// A session that waits at its gate, and the person's token.
async fn at_its_gate(live: &Client) -> (String, String) {
    let workflow = live.workflow(gate_steps()).await;
    let made = live
        .post(SESSIONS)
        .json(json!({"workflow_id": workflow}))
        .await
        .ok(201);
    let session = made["id"].as_str().unwrap().to_owned();
    let url = made["capture_url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap().to_owned();
    live.run_until(&session, "awaiting_external").await;
    (session, token)
}

/// A session that was rejected at its gate, and the person's token.
async fn rejected(live: &Client) -> (String, String) {
    let (session, token) = at_its_gate(live).await;
    live.act(&session, "external-decision")
        .json(json!({"decision": "reject"}))
        .await
        .ok(200);
    live.until(&session, "completed").await;
    (session, token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_reads_the_decision_and_contests_it_once() {
    let (server, live) = server_and_live().await;
    let (session, token) = rejected(&live).await;
    let person = server.anonymous();
    let outcome = person
        .get(&format!("/verify/{token}/outcome"))
        .await
        .ok(200);
    assert_fields(
        &outcome,
        "status decision reason reason_code automated decided_at contest_until contested_at",
    );
    assert_eq!(outcome["status"], "completed");
    assert_eq!(outcome["decision"], "rejected");
    assert_eq!(outcome["reason"], "You could not be verified.");
    assert_eq!(outcome["automated"], true);
    assert_time(&outcome["contest_until"]);
    assert!(outcome["contested_at"].is_null());

    let contest = |words: &str| {
        let call = person.post(&format!("/verify/{token}/contest"));
        call.json(json!({"message": words}))
    };
    person
        .post(&format!("/verify/{token}/contest"))
        .json(json!({}))
        .await
        .invalid_field("message");
    contest("").await.invalid_field("message");
    contest(&"x".repeat(4_001)).await.invalid_field("message");
    let contested = contest("My name is Quirina and the picture is mine.")
        .await
        .ok(200);
    assert_time(&contested["contested_at"]);
    // Again: the same answer, the first words stand, one case.
    assert_eq!(contest("something else").await.ok(200), contested);
    let shown = live.look(&session).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["case_status"], "open");
    let database = &server.installation.database;
    assert_eq!(database.count("cases", "1 = 1").await, 1);
    let told = database.count("outbox_events", "event = 'case.created'");
    assert_eq!(told.await, 1);
    let noted = "type = 'session.contested' AND actor = 'applicant'";
    assert_eq!(database.count("audit_events", noted).await, 1);
    let export = live.part(&session, "export").await;
    assert_eq!(
        export["contest"]["message"],
        "My name is Quirina and the picture is mine."
    );
    let root = server.installation.root();
    assert!(crate::reading::grep(root, b"Quirina").is_empty());

    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let gone = person.get(&format!("/verify/{token}/outcome")).await;
    gone.refused(400, "bad_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contest_opens_the_decided_case_again() {
    let (server, live) = server_and_live().await;
    let (session, token) = at_its_gate(&live).await;
    live.decide(&session, "fail").await;
    let shown = live.until(&session, "under_review").await;
    let case = format!("{CASES}/{}", shown["case_id"].as_str().unwrap());
    let reviewer = json!({"reviewer_id": "ann"});
    for call in ["claim", "reject"] {
        let call = live.post(&format!("{case}/{call}"));
        call.json(reviewer.clone()).await.ok(200);
    }
    live.until(&session, "completed").await;
    let decided = live.get(&case).await.ok(200);
    assert_eq!(decided["status"], "rejected");

    server
        .anonymous()
        .post(&format!("/verify/{token}/contest"))
        .json(json!({"message": "It is mine."}))
        .await
        .ok(200);
    let anew = live.get(&case).await.ok(200);
    assert_eq!(anew["status"], "open");
    for field in ["assigned_to", "decision", "decided_by", "decided_at"] {
        assert!(anew[field].is_null(), "{field}: {}", anew[field]);
    }
    let reasons = anew.to_string();
    assert!(reasons.contains("contested_by_person"), "{reasons}");
    let database = &server.installation.database;
    assert_eq!(database.count("cases", "1 = 1").await, 1);

    // The objection is answered by a person, also when the run is repeated meanwhile.
    live.act(&session, "reprocess").await.ok(202);
    live.until(&session, "awaiting_external").await;
    // Not while the run has the word: its end would overwrite the decision.
    let approve = live.post(&format!("{case}/approve"));
    let early = approve.json(reviewer.clone()).await;
    early.refused(409, "conflict");
    live.decide(&session, "reject").await;
    live.until(&session, "completed").await;
    assert_eq!(live.get(&case).await.ok(200)["status"], "open");
    let approve = live.post(&format!("{case}/approve"));
    approve.json(reviewer).await.ok(200);
    let result = live.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    assert_eq!(result["processing_mode"], "manual");
    let outcome = server.anonymous().get(&format!("/verify/{token}/outcome"));
    let outcome = outcome.await.ok(200);
    assert_eq!(outcome["decision"], "approved");
    assert_eq!(outcome["automated"], false);
    let again = live.post(&format!("{case}/reject")).json(json!({})).await;
    again.refused(409, "conflict");
}

/// A sandbox session whose age check answers as its script says, run to its end, and the person's
/// token.
async fn scripted(sandbox: &Client, result: &str, end: &str) -> (String, String) {
    let steps = json!([
        {"id": "age", "policy": "age_verification", "on_fail": "reject"},
        {"id": "gate", "type": "external_gate", "on_fail": "review"},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = sandbox.workflow(steps).await;
    let script = json!({"check": "age_verification", "result": result});
    let body = json!({"workflow_id": workflow, "metadata": {"verifa_sandbox": script}});
    let made = sandbox.post(SESSIONS).json(body).await.ok(201);
    let session = made["id"].as_str().unwrap().to_owned();
    let token = made["capture_url"].as_str().unwrap();
    let token = token.rsplit('/').next().unwrap().to_owned();
    let front = sandbox.upload(&session, "id_front", small_png(1)).await;
    front.ok(201);
    let run = json!({"action": "run-workflow"});
    sandbox.act(&session, "simulate").json(run).await.ok(200);
    sandbox.until(&session, end).await;
    (session, token)
}

/// Lets the age check answer otherwise, and judges the session anew.
async fn judged_anew(sandbox: &Client, session: &str, result: &str, end: &str) {
    let script = json!({"check": "age_verification", "result": result});
    let patch = sandbox.patch(&format!("{SESSIONS}/{session}"));
    let body = json!({"metadata": {"verifa_sandbox": script}});
    patch.json(body).await.ok(200);
    sandbox.act(session, "reprocess").await.ok(202);
    sandbox.until(session, end).await;
}

/// Whatever the machine does after an objection: its case stays until a person answers, and shows
/// that there is one.
#[tokio::test]
async fn nothing_but_a_person_closes_a_contested_case() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, token) = scripted(&sandbox, "fail", "completed").await;
    let contest = server.anonymous().post(&format!("/verify/{token}/contest"));
    contest.json(json!({"message": "I am 40."})).await.ok(200);
    let shown = sandbox.look(&session).await;
    let case = format!("{CASES}/{}", shown["case_id"].as_str().unwrap());
    let open = async || {
        let case = sandbox.get(&case).await.ok(200);
        assert_eq!(case["status"], "open");
        let reasons = case["reasons"].to_string();
        assert!(reasons.contains("contested_by_person"), "{reasons}");
    };
    open().await;
    judged_anew(&sandbox, &session, "error", "failed").await;
    open().await;
    judged_anew(&sandbox, &session, "pass", "awaiting_external").await;
    sandbox.decide(&session, "fail").await;
    sandbox.until(&session, "under_review").await;
    open().await;
    let approve = sandbox.post(&format!("{case}/approve"));
    approve.json(json!({})).await.ok(200);
    assert_eq!(sandbox.get(&case).await.ok(200)["status"], "approved");
}

/// An answered objection is over: a later decision can be contested, and a run may end by itself.
#[tokio::test]
async fn a_later_decision_is_contested_anew() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, token) = scripted(&sandbox, "fail", "completed").await;
    let person = server.anonymous();
    let contest = async |words: &str| {
        let call = person.post(&format!("/verify/{token}/contest"));
        call.json(json!({"message": words})).await.ok(200)
    };
    let first = contest("I am 40.").await;
    let shown = sandbox.look(&session).await;
    let case = format!("{CASES}/{}", shown["case_id"].as_str().unwrap());
    let approve = sandbox.post(&format!("{case}/approve"));
    approve.json(json!({})).await.ok(200);
    // Of the decision that answered it the person is told that it was contested.
    let outcome = format!("/verify/{token}/outcome");
    let told = person.get(&outcome).await.ok(200);
    assert_eq!(told["contested_at"], first["contested_at"]);
    assert_eq!(told["decision"], "approved");
    let export = sandbox.part(&session, "export").await;
    assert_time(&export["contest"]["answered_at"]);

    judged_anew(&sandbox, &session, "fail", "completed").await;
    let told = person.get(&outcome).await.ok(200);
    assert_eq!(told["decision"], "rejected");
    assert!(told["contested_at"].is_null(), "{told}");
    // Nobody was asked, and nobody has to look yet.
    assert_eq!(sandbox.get(&case).await.ok(200)["status"], "approved");
    let second = contest("I was 40 already.").await;
    assert_ne!(second["contested_at"], first["contested_at"]);
    assert_eq!(sandbox.get(&case).await.ok(200)["status"], "open");
    let export = sandbox.part(&session, "export").await;
    assert_eq!(export["contest"]["message"], "I was 40 already.");
    assert!(export["contest"]["answered_at"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_decided_or_too_old_is_not_contested() {
    let (server, live) = server_and_live().await;
    let person = server.anonymous();
    let words = json!({"message": "I object."});
    // While the capture is open its token is for that.
    let made = live.post(SESSIONS).json(json!({})).await.ok(201);
    let url = made["capture_url"].as_str().unwrap();
    let open = url.rsplit('/').next().unwrap();
    for token in [open, "tok_unknown", "x"] {
        let outcome = person.get(&format!("/verify/{token}/outcome")).await;
        outcome.refused(400, "bad_request");
        let contest = person.post(&format!("/verify/{token}/contest"));
        contest
            .json(words.clone())
            .await
            .refused(400, "bad_request");
    }
    let session = made["id"].as_str().unwrap();
    live.act(session, "expire").await.ok(200);
    let outcome = person.get(&format!("/verify/{open}/outcome")).await.ok(200);
    assert_eq!(outcome["status"], "expired");
    assert!(outcome["decision"].is_null() && outcome["contest_until"].is_null());
    let contest = person.post(&format!("/verify/{open}/contest"));
    contest
        .json(words.clone())
        .await
        .refused(400, "bad_request");

    let (_, token) = rejected(&live).await;
    let aged = "UPDATE sessions SET retention_anchor = retention_anchor - 2678400000000 \
                WHERE terminal_at IS NOT NULL";
    assert!(server.installation.database.change(aged).await > 0);
    let late = person.post(&format!("/verify/{token}/contest"));
    late.json(words).await.refused(400, "bad_request");
}

#[tokio::test]
async fn tokens_are_not_guessed_without_limit() {
    let options = Options::default().set("VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE", 5);
    let server = TestServer::start(VERIFA, &options).await;
    let person = server.anonymous();
    let mut refused = 0;
    for number in 0..20 {
        let path = format!("/verify/tok_{number}/outcome");
        let answer = person.get(&path).await;
        assert!([400, 429].contains(&answer.status), "{}", answer.shown());
        refused += u32::from(answer.status == 429);
    }
    assert!(refused >= 10, "only {refused} guesses were refused");
}
