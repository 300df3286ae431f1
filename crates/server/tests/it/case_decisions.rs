//! Decisions of cases: reasons, races, repetitions, and two reviewers.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::cases::{at, look, simulated, told, under_review};
use crate::support::{assert_time, server, server_and_live};

#[tokio::test]
async fn a_rejection_has_its_reason() {
    let server = server().await;
    let sandbox = server.sandbox();
    for (code, wanted) in [
        (Value::Null, "manual_review"),
        (json!("document_tampered"), "document_tampered"),
    ] {
        let (session, id) = simulated(&sandbox).await;
        let reject = at(&sandbox, &id, "reject");
        let body = json!({"rejection_reason_code": code, "add_to_blocklist": false});
        let case = reject.json(body).await.ok(200);
        assert_eq!(case["status"], "rejected");
        assert_eq!(case["decision"], "rejected");
        let result = sandbox.part(&session, "result").await;
        assert_eq!(result["status"], "rejected");
        assert_eq!(result["rejection_reason_code"], wanted);
        assert!(result["rejection_reason"].as_str().unwrap().ends_with('.'));
        assert_eq!(result["processing_mode"], "manual");
        assert_eq!(sandbox.look(&session).await["status"], "completed");
        for event in ["case.rejected", "session.declined"] {
            assert_eq!(told(&server, &session, event).await, 1, "{event}");
        }
    }
    let (_, id) = simulated(&sandbox).await;
    for (body, field) in [
        (
            json!({"rejection_reason_code": "because"}),
            "rejection_reason_code",
        ),
        (json!({"add_to_blocklist": true}), "add_to_blocklist"),
        (json!({"reviewer_id": ""}), "reviewer_id"),
        (json!({"notes": "x".repeat(10_001)}), "notes"),
        (json!({"notes": 7}), "notes"),
    ] {
        at(&sandbox, &id, "reject")
            .json(body)
            .await
            .invalid_field(field);
    }
    assert_eq!(look(&sandbox, &id).await["status"], "open");
}

#[tokio::test]
async fn one_of_64_decisions_wins() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, id) = simulated(&sandbox).await;
    let mut calls = JoinSet::new();
    for number in 0..64 {
        let (client, id) = (sandbox.clone(), id.clone());
        calls.spawn(async move {
            let call = ["approve", "reject"][number % 2];
            let body = json!({"notes": format!("by call {number}")});
            (call, at(&client, &id, call).json(body).await)
        });
    }
    let answers = calls.join_all().await;
    let winners: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.status == 200)
        .collect();
    assert_eq!(winners.len(), 1);
    for (_, answer) in answers.iter().filter(|(_, answer)| answer.status != 200) {
        answer.refused(409, "conflict");
    }
    let wanted = if winners[0].0 == "approve" {
        "approved"
    } else {
        "rejected"
    };
    assert_eq!(sandbox.part(&session, "result").await["status"], wanted);
    assert_eq!(look(&sandbox, &id).await["status"], wanted);
    let database = &server.installation.database;
    let decided = "event IN ('case.approved', 'case.rejected')";
    assert_eq!(database.count("outbox_events", decided).await, 1);
    let told = "event IN ('session.approved', 'session.declined')";
    assert_eq!(database.count("outbox_events", told).await, 1);
    // The losers' notes are not there either.
    assert_eq!(database.count("case_notes", "1 = 1").await, 1);
}

#[tokio::test]
async fn a_repeated_decision_is_replayed_under_its_key() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, id) = simulated(&sandbox).await;
    let approve = || {
        at(&sandbox, &id, "approve")
            .idempotent("decide")
            .json(json!({"notes": "ok"}))
    };
    let first = approve().await;
    first.ok(200);
    let again = approve().await;
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(told(&server, &session, "case.approved").await, 1);
}

#[tokio::test]
async fn two_reviewers_decide_where_the_organization_says_so() {
    let (server, live) = server_and_live().await;
    let settings = live.patch("/api/v1/settings");
    settings.json(json!({"dual_review": true})).await.ok(200);
    let (session, id) = under_review(&live).await;
    let by = |reviewer: &str| json!({"reviewer_id": reviewer});
    let first = at(&live, &id, "approve").json(by("anna")).await.ok(200);
    assert_eq!(first["status"], "pending_second_review");
    assert_eq!(first["decision"], "approved");
    assert_eq!(first["decided_at"], Value::Null);
    assert_eq!(first["assigned_to"], Value::Null);
    assert_eq!(live.look(&session).await["status"], "under_review");
    assert_eq!(told(&server, &session, "case.approved").await, 0);
    // Not the same person, in whatever way: nor by leaving the name out.
    for call in ["approve", "reject", "claim"] {
        let again = at(&live, &id, call).json(by("anna")).await;
        again.refused(409, "conflict");
    }
    for call in ["approve", "reject"] {
        let unnamed = at(&live, &id, call).json(json!({})).await;
        unnamed.invalid_field("reviewer_id");
    }
    let judgement = json!({"passed": true, "reason": "Fine.", "reviewer_id": "anna"});
    let overridden = at(&live, &id, "checks/gate/override");
    let overridden = overridden.json(judgement).await;
    overridden.refused(409, "conflict");
    at(&live, &id, "claim").json(by("ben")).await.ok(200);
    let second = at(&live, &id, "reject").json(by("ben")).await.ok(200);
    assert_eq!(second["status"], "rejected");
    assert_eq!(second["decision"], "rejected");
    assert_time(&second["decided_at"]);
    assert_eq!(live.look(&session).await["status"], "completed");
    assert_eq!(told(&server, &session, "case.approved").await, 0);
    assert_eq!(told(&server, &session, "case.rejected").await, 1);
    let database = &server.installation.database;
    let noted = "type = 'case.first_decided'";
    assert_eq!(database.count("audit_events", noted).await, 1);
}

/// Decisions that come together: one of them is the first, and none that was meant as the first
/// becomes the second by losing that race.
#[tokio::test]
async fn first_decisions_that_come_together_are_not_two() {
    let (server, live) = server_and_live().await;
    let settings = live.patch("/api/v1/settings");
    settings.json(json!({"dual_review": true})).await.ok(200);
    let database = &server.installation.database;
    let (session, id) = under_review(&live).await;
    let decide = |id: &str, reviewer: String| {
        let call = at(&live, id, "approve");
        call.json(json!({"reviewer_id": reviewer})).into_future()
    };
    // By one person: one decision, and the session waits.
    let calls = (0..16).map(|_| decide(&id, "anna".to_owned()));
    let answers = futures::future::join_all(calls).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(taken, 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.refused(409, "conflict");
    }
    assert_eq!(look(&live, &id).await["status"], "pending_second_review");
    assert_eq!(live.look(&session).await["status"], "under_review");

    // By many: the first, and a second at most, which then was sent after the first was answered.
    let (session, id) = under_review(&live).await;
    let calls = (0..16).map(|number| decide(&id, format!("reviewer-{number}")));
    let answers = futures::future::join_all(calls).await;
    let taken: Vec<Value> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.ok(200)["status"].clone())
        .collect();
    let seconds = taken.iter().filter(|status| **status == "approved").count();
    assert_eq!(taken.len(), 1 + seconds, "{taken:?}");
    assert!(seconds <= 1, "{taken:?}");
    let wanted = ["under_review", "completed"][seconds];
    assert_eq!(live.look(&session).await["status"], wanted);
    let decided = i64::try_from(seconds).unwrap();
    assert_eq!(told(&server, &session, "case.approved").await, decided);
    let noted = "type = 'case.first_decided'";
    assert_eq!(database.count("audit_events", noted).await, 2);
}
