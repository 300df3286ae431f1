//! A decision in plain words, and the person's objection to it.

use serde_json::json;
use verifa_testkit::{Client, Options, TestServer};

use crate::cases::CASES;
use crate::support::{SESSIONS, VERIFA, assert_fields, assert_time, gate_steps, server_and_live};

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
