//! The external-decision call to the letter, and exactly one winner.

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{SESSIONS, paused_session, server, server_and_live, unknown_id};

#[tokio::test]
async fn the_answer_is_the_contracts_to_the_letter() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let body = json!({"decision": "continue", "metadata": {"reviewer": "system-7"}});
    let answer = live.act(&session, "external-decision").json(body).await;
    let wanted = json!({
        "session_id": session,
        "decision": "continue",
        "status": "processing",
        "message": "External decision accepted. The workflow will resume shortly."
    });
    assert_eq!(answer.ok(200), wanted);
    live.until(&session, "completed").await;
    let run = live.part(&session, "workflow-run").await;
    assert_eq!(
        run["gate_decisions"][0]["metadata"],
        json!({"reviewer": "system-7"})
    );
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let server = server().await;
    let live = server.live();
    let session = paused_session(&live).await;
    let path = format!("{SESSIONS}/{session}/external-decision");
    let body = || json!({"decision": "continue"});
    server
        .anonymous()
        .post(&path)
        .json(body())
        .await
        .refused(401, "unauthorized");
    let reader = server
        .anonymous()
        .key(&server.installation.create_key("live", "sessions:read"));
    reader
        .post(&path)
        .json(body())
        .await
        .refused(403, "forbidden");
    server
        .sandbox()
        .post(&path)
        .json(body())
        .await
        .refused(404, "not_found");
    let nobody = format!("{SESSIONS}/{}/external-decision", unknown_id("ses_"));
    live.post(&nobody)
        .json(json!({"decision": "shrug"}))
        .await
        .refused(404, "not_found");
    live.post(&path)
        .raw_json("{")
        .await
        .refused(400, "bad_request");
    for (body, field) in [
        (json!({"decision": "approve"}), "decision"),
        (json!({"decision": "CONTINUE"}), "decision"),
        (json!({"decision": ""}), "decision"),
        (json!({"decision": null}), "decision"),
        (json!({"decision": 1}), "decision"),
        (json!({}), "decision"),
        (json!({"decision": "continue", "metadata": []}), "metadata"),
        (json!({"decision": "continue", "metadata": "x"}), "metadata"),
        (json!({"decision": "continue", "node": 7}), "node"),
    ] {
        live.post(&path).json(body).await.invalid_field(field);
    }
    // Nothing of all this decided anything.
    assert_eq!(live.look(&session).await["status"], "awaiting_external");
    live.post(&path).json(body()).await.ok(200);
    live.until(&session, "completed").await;
    // The body is judged before the state.
    live.post(&path)
        .json(json!({"decision": "shrug"}))
        .await
        .invalid_field("decision");
    live.post(&path).json(body()).await.refused(409, "conflict");
}

#[tokio::test]
async fn metadata_has_its_limits() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let decide = |metadata: serde_json::Value| {
        let body = json!({"decision": "continue", "metadata": metadata});
        live.act(&session, "external-decision").json(body)
    };
    let keys = |count: u32| -> serde_json::Value {
        (0..count)
            .map(|number| (format!("key{number}"), json!(number)))
            .collect()
    };
    decide(keys(51)).await.invalid_field("metadata");
    decide(json!({"big": "a".repeat(16_383)}))
        .await
        .invalid_field("metadata.big");
    decide(keys(50)).await.ok(200);
}

#[tokio::test]
async fn one_of_64_decisions_wins() {
    let (server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let mut decisions = JoinSet::new();
    for number in 0..64 {
        let (live, session) = (live.clone(), session.clone());
        decisions.spawn(async move {
            let decision = ["continue", "fail", "reject"][number % 3];
            let body = json!({"decision": decision, "metadata": {"number": number}});
            (
                decision,
                live.act(&session, "external-decision").json(body).await,
            )
        });
    }
    let answers = decisions.join_all().await;
    let winners: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.status == 200)
        .collect();
    assert_eq!(winners.len(), 1);
    for (_, answer) in &answers {
        if answer.status != 200 {
            answer.refused(409, "conflict");
        }
    }
    let (status, result) = match winners[0].0 {
        "continue" => ("completed", "approved"),
        "reject" => ("completed", "rejected"),
        _ => ("under_review", "needs_review"),
    };
    live.until(&session, status).await;
    assert_eq!(live.part(&session, "result").await["status"], result);

    let database = &server.installation.database;
    assert_eq!(database.count("gate_decisions", "1 = 1").await, 1);
    assert_eq!(
        database
            .count("verification_attempts", "attempt_number > 1")
            .await,
        0
    );
    let doubled = "(SELECT event FROM outbox_events GROUP BY session_id, event \
                   HAVING count(*) > 1) AS doubled";
    assert_eq!(database.count(doubled, "1 = 1").await, 0);
    let attempts = "(SELECT node FROM verification_attempts GROUP BY run_id, node \
                    HAVING count(*) > 1) AS doubled";
    assert_eq!(database.count(attempts, "1 = 1").await, 0);
    let audited = database
        .count("audit_events", "type LIKE '%decision%'")
        .await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn a_repeated_decision_is_replayed_under_its_key() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let decide = || {
        let body = json!({"decision": "continue"});
        live.act(&session, "external-decision")
            .idempotent("decide-1")
            .json(body)
    };
    let first = decide().await;
    first.ok(200);
    live.until(&session, "completed").await;
    let again = decide().await;
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
}
