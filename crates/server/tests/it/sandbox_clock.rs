//! The sandbox's clock: what it moves, what it leaves alone, and nothing twice.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use verifa_testkit::{Answer, Client, eventually};

use crate::support::{SESSIONS, assert_fields, assert_time, gate_steps, server};

const CLOCK: &str = "/api/v1/sandbox/clock";

async fn advance(client: &Client, by: Value) -> Value {
    client
        .post(CLOCK)
        .json(json!({"advance": by}))
        .await
        .ok(200)
}

async fn under_review(client: &Client) -> (String, String) {
    let session = client.session(json!({})).await;
    let action = json!({"action": "require-review"});
    client.act(&session, "simulate").json(action).await.ok(200);
    let case = client.look(&session).await["case_id"]
        .as_str()
        .unwrap()
        .to_owned();
    (session, format!("/api/v1/cases/{case}"))
}

#[tokio::test]
async fn the_clock_tells_the_sum_of_its_advances() {
    let server = server().await;
    let sandbox = server.sandbox();
    let first = sandbox.get(CLOCK).await.ok(200);
    assert_fields(&first, "now advanced_seconds");
    assert_time(&first["now"]);
    assert_eq!(first["advanced_seconds"], 0);
    assert_eq!(
        advance(&sandbox, json!("72h")).await["advanced_seconds"],
        259_200
    );
    assert_eq!(
        advance(&sandbox, json!(60)).await["advanced_seconds"],
        259_260
    );
    assert_eq!(
        advance(&sandbox, json!("P1DT1S")).await["advanced_seconds"],
        345_661
    );
    let now = sandbox.get(CLOCK).await.ok(200);
    assert_eq!(now["advanced_seconds"], 345_661);
    assert_ne!(
        now["now"].as_str().unwrap()[..10],
        first["now"].as_str().unwrap()[..10]
    );

    // A repeated call under its key advances once.
    let call = || {
        sandbox
            .post(CLOCK)
            .idempotent("once")
            .json(json!({"advance": "1h"}))
    };
    let told = call().await;
    let again = call().await;
    assert_eq!(told.bytes, again.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(
        sandbox.get(CLOCK).await.ok(200)["advanced_seconds"],
        349_261
    );
    let database = &server.installation.database;
    let audited = database.count("audit_events", "type = 'sandbox.clock_advanced'");
    assert_eq!(audited.await, 4);
}

#[tokio::test]
async fn only_a_sandbox_key_moves_it_and_only_so_far() {
    let server = server().await;
    let live = server.live();
    live.get(CLOCK).await.refused(403, "forbidden");
    let body = json!({"advance": "1h"});
    live.post(CLOCK)
        .json(body.clone())
        .await
        .refused(403, "forbidden");
    server
        .anonymous()
        .post(CLOCK)
        .json(body.clone())
        .await
        .refused(401, "unauthorized");
    let reader = server.installation.create_key("sandbox", "sessions:read");
    let reader = server.anonymous().key(&reader);
    reader
        .post(CLOCK)
        .json(body)
        .await
        .refused(403, "forbidden");
    let sandbox = server.sandbox();
    for wrong in [
        json!(null),
        json!(0),
        json!(-1),
        json!(1.5),
        json!("0s"),
        json!("401d"),
        json!("P1M"),
        json!("soon"),
        json!([]),
        json!({}),
        json!("-1h"),
        json!(u64::MAX),
        json!(34_560_001),
    ] {
        let answer = sandbox.post(CLOCK).json(json!({"advance": wrong})).await;
        answer.invalid_field("advance");
    }
    sandbox
        .post(CLOCK)
        .json(json!({}))
        .await
        .invalid_field("advance");
    assert_eq!(sandbox.get(CLOCK).await.ok(200)["advanced_seconds"], 0);
    advance(&sandbox, json!("400d")).await;
}

#[tokio::test]
async fn a_capture_token_runs_out_by_it() {
    let server = server().await;
    let (sandbox, live) = (server.sandbox(), server.live());
    let session = sandbox.session(json!({"expires_in_minutes": 20})).await;
    let other = live.session(json!({"expires_in_minutes": 20})).await;
    let before = live.look(&other).await;
    advance(&sandbox, json!("19m")).await;
    assert_eq!(sandbox.look(&session).await["status"], "pending");
    advance(&sandbox, json!("2m")).await;
    // By its job: nobody asks for the session.
    let database = &server.installation.database;
    eventually("the job expires the session", async || {
        let told = database.count("outbox_events", "event = 'session.expired'");
        (told.await == 1).then_some(())
    })
    .await;
    assert_eq!(sandbox.look(&session).await["status"], "expired");
    // The live environment has real time.
    assert_eq!(live.look(&other).await, before);

    // A new token has its whole life.
    let resumed = sandbox.act(&session, "resume").await.ok(200);
    assert_eq!(resumed["status"], "pending");
    advance(&sandbox, json!("19m")).await;
    assert_eq!(sandbox.look(&session).await["status"], "pending");
}

#[tokio::test]
async fn a_gate_times_out_by_it() {
    let server = server().await;
    let sandbox = server.sandbox();
    let steps = json!([
        {"id": "gate", "type": "external_gate", "on_fail": "review",
            "config": {"timeout_minutes": 4_320, "on_timeout": "reject"}},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = sandbox.workflow(steps).await;
    let session = sandbox.session(json!({"workflow_id": workflow})).await;
    let run = json!({"action": "run-workflow"});
    sandbox.act(&session, "simulate").json(run).await.ok(200);
    sandbox.until(&session, "awaiting_external").await;
    advance(&sandbox, json!("71h")).await;
    assert_eq!(sandbox.look(&session).await["status"], "awaiting_external");
    advance(&sandbox, json!("1h")).await;
    sandbox.until(&session, "completed").await;
    let result = sandbox.part(&session, "result").await;
    assert_eq!(result["rejection_reason_code"], "external_timeout");
}

#[tokio::test]
async fn retries_come_by_it() {
    let server = server().await;
    let sandbox = server.sandbox();
    let steps = json!([{"id": "age", "policy": "age_verification", "on_error": "review"}]);
    let workflow = sandbox.workflow(steps).await;
    let script = json!({"check": "age_verification", "result": "requires_retry"});
    let body = json!({"workflow_id": workflow, "metadata": {"verifa_sandbox": script}});
    let session = sandbox.session(body).await;
    let run = json!({"action": "run-workflow"});
    sandbox.act(&session, "simulate").json(run).await.ok(200);
    // Four pauses of up to 100 s: beyond what this test waits.
    eventually("the retries are used up", async || {
        advance(&sandbox, json!("2m")).await;
        let status = sandbox.look(&session).await["status"].clone();
        (status == "under_review").then_some(())
    })
    .await;
    let database = &server.installation.database;
    let tried = database.count("verification_attempts", "policy = 'age_verification'");
    assert_eq!(tried.await, 5);
}

#[tokio::test]
async fn a_claim_lapses_by_it() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (_, case) = under_review(&sandbox).await;
    let claim = |who: &str| {
        sandbox
            .post(&format!("{case}/claim"))
            .json(json!({"reviewer_id": who}))
    };
    assert_eq!(claim("anna").await.ok(200)["status"], "in_review");
    claim("bert").await.refused(409, "conflict");
    advance(&sandbox, json!("29m")).await;
    claim("bert").await.refused(409, "conflict");
    // Activity keeps the claim.
    sandbox
        .patch(&case)
        .json(json!({"priority": "high"}))
        .await
        .ok(200);
    advance(&sandbox, json!("29m")).await;
    assert_eq!(sandbox.get(&case).await.ok(200)["assigned_to"], "anna");
    advance(&sandbox, json!("1m")).await;
    // By its job: nobody asks for the case.
    let database = &server.installation.database;
    eventually("the job gives the case back", async || {
        let open = database.count("cases", "status = 'open' AND assigned_to IS NULL");
        (open.await == 1).then_some(())
    })
    .await;
    assert_eq!(
        database
            .count("audit_events", "type = 'case.released'")
            .await,
        1
    );
    assert_eq!(claim("bert").await.ok(200)["assigned_to"], "bert");
}

#[tokio::test]
async fn a_case_ages_by_it() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (_, case) = under_review(&sandbox).await;
    let (_, decided) = under_review(&sandbox).await;
    sandbox
        .post(&format!("{decided}/approve"))
        .json(json!({}))
        .await
        .ok(200);
    let colour = async || sandbox.get(&case).await.ok(200)["sla_status"].clone();
    let listed = async |colour: &str| {
        let list = sandbox
            .get("/api/v1/cases")
            .query(&[("sla_status", colour)]);
        list.await.ok(200)["pagination"]["total"].clone()
    };
    assert_eq!(colour().await, "green");
    assert_eq!(listed("green").await, 2);
    advance(&sandbox, json!("5h")).await;
    assert_eq!(colour().await, "yellow");
    assert_eq!(listed("yellow").await, 1);
    advance(&sandbox, json!("20h")).await;
    assert_eq!(colour().await, "red");
    assert_eq!(listed("red").await, 1);
    // What was decided keeps the colour of its day.
    assert_eq!(sandbox.get(&decided).await.ok(200)["sla_status"], "green");
    assert_eq!(listed("green").await, 1);
}

#[tokio::test]
async fn it_moves_neither_leases_nor_idempotency_nor_live_rows() {
    let server = server().await;
    let (sandbox, live) = (server.sandbox(), server.live());
    let workflow = live.workflow(gate_steps()).await;
    let waiting = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&waiting, "awaiting_external").await;
    live.session(json!({})).await;
    sandbox
        .post(SESSIONS)
        .idempotent("kept")
        .json(json!({}))
        .await
        .ok(201);
    let database = &server.installation.database;
    let held = async || {
        let mut sums = Vec::new();
        for query in [
            "SELECT CAST(sum(expires_at) AS BIGINT) FROM idempotency_keys",
            "SELECT CAST(sum(gate_deadline) AS BIGINT) FROM workflow_runs",
            "SELECT CAST(sum(token_expires_at) AS BIGINT) FROM sessions WHERE environment = 'live'",
            "SELECT CAST(sum(due_at) AS BIGINT) FROM jobs \
             WHERE sandbox_of IS NULL AND kind IN ('expire_session', 'gate_timeout')",
        ] {
            sums.push(database.number(query).await);
        }
        sums
    };
    let before = held().await;
    let moved =
        "SELECT CAST(sum(token_expires_at) AS BIGINT) FROM sessions WHERE environment = 'sandbox'";
    let sandboxed = database.number(moved).await;
    advance(&sandbox, json!("10m")).await;
    assert_eq!(held().await, before);
    assert_eq!(database.number(moved).await, sandboxed - 600_000_000);
    let answer = sandbox
        .post(SESSIONS)
        .idempotent("kept")
        .json(json!({}))
        .await;
    assert_eq!(answer.header("idempotent-replayed"), "true");
}

/// Advances, resumes and expiries at once: every token ends once, none is left behind.
#[tokio::test]
async fn nothing_is_lost_between_advances_and_other_calls() {
    const SESSIONS_AT_ONCE: usize = 12;
    let server = server().await;
    let sandbox = server.sandbox();
    let mut tasks: JoinSet<Vec<Answer>> = JoinSet::new();
    for _ in 0..SESSIONS_AT_ONCE {
        let sandbox = sandbox.clone();
        tasks.spawn(async move {
            let session = sandbox.session(json!({"expires_in_minutes": 1})).await;
            let mut answers = Vec::new();
            for _ in 0..4 {
                answers.push(sandbox.act(&session, "resume").await);
                let patch = sandbox.patch(&format!("{SESSIONS}/{session}"));
                answers.push(patch.json(json!({"metadata": {"n": 1}})).await);
            }
            answers
        });
    }
    for _ in 0..5 {
        let sandbox = sandbox.clone();
        tasks.spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..9 {
                answers.push(sandbox.post(CLOCK).json(json!({"advance": "30s"})).await);
            }
            answers
        });
    }
    for answer in tasks.join_all().await.into_iter().flatten() {
        assert_eq!(answer.status, 200, "{}: {}", answer.call, answer.shown());
    }
    assert_eq!(sandbox.get(CLOCK).await.ok(200)["advanced_seconds"], 1350);
    advance(&sandbox, json!("1m")).await;
    let database = &server.installation.database;
    eventually("every session expires by its job", async || {
        let expired = database.count("sessions", "status = 'expired'").await;
        (usize::try_from(expired) == Ok(SESSIONS_AT_ONCE)).then_some(())
    })
    .await;
    // Each time that a token ended was told once.
    let told = database
        .count("outbox_events", "event = 'session.expired'")
        .await;
    let audited = database
        .count("audit_events", "type = 'session.expired'")
        .await;
    assert_eq!(told, audited);
    eventually("no session's job is left behind", async || {
        let left = database.count("jobs", "kind = 'expire_session'").await;
        (left == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn retention_comes_by_it() {
    let server = server().await;
    let (sandbox, live) = (server.sandbox(), server.live());
    let session = sandbox.session(json!({})).await;
    let approve = json!({"action": "approve"});
    sandbox
        .act(&session, "simulate")
        .json(approve)
        .await
        .ok(200);
    let other = live.session(json!({})).await;
    live.act(&other, "expire").await.ok(200);
    advance(&sandbox, json!("89d")).await;
    let result = sandbox.part(&session, "result").await;
    assert_eq!(result["sensitive_data_expired"], false);
    assert_eq!(result["extracted_data"]["first_name"], "Jane");
    advance(&sandbox, json!("2d")).await;
    eventually("the sensitive window is over", async || {
        let result = sandbox.part(&session, "result").await;
        (result["sensitive_data_expired"] == true).then_some(())
    })
    .await;
    advance(&sandbox, json!("280d")).await;
    eventually("the session is redacted", async || {
        let shown = sandbox.look(&session).await;
        (shown["retention_status"] == "redacted").then_some(())
    })
    .await;
    let database = &server.installation.database;
    let told = database.count("outbox_events", "event = 'session.retention-expired'");
    assert_eq!(told.await, 1);
    assert_eq!(live.look(&other).await["retention_status"], "active");
}

#[tokio::test]
async fn the_time_to_contest_ends_by_it() {
    let server = server().await;
    let sandbox = server.sandbox();
    let made = sandbox.post(SESSIONS).json(json!({})).await.ok(201);
    let url = made["capture_url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    let decline = json!({"action": "decline"});
    let session = made["id"].as_str().unwrap();
    let simulate = sandbox.act(session, "simulate");
    simulate.json(decline).await.ok(200);
    let person = server.anonymous();
    let outcome = format!("/verify/{token}/outcome");
    let until = async || person.get(&outcome).await.ok(200)["contest_until"].clone();
    let before = until().await;
    advance(&sandbox, json!("29d")).await;
    let after = until().await;
    assert!(after.as_str() < before.as_str(), "{after} {before}");
    advance(&sandbox, json!("2d")).await;
    let contest = person.post(&format!("/verify/{token}/contest"));
    let late = contest.json(json!({"message": "It is mine."})).await;
    late.refused(400, "bad_request");
}
