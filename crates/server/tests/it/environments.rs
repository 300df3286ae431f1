//! What a sandbox key, with every scope, can't do to the live environment: neither by the settings
//! nor by the workflows, which both environments use.

use serde_json::{Value, json};
use verifa_testkit::{Client, eventually};

use crate::settings::SETTINGS;
use crate::support::{SESSIONS, WORKFLOWS, gate_steps, ids, server};

async fn settings(client: &Client) -> Value {
    client.get(SETTINGS).await.ok(200)
}

async fn change(client: &Client, body: Value) -> Value {
    client.patch(SETTINGS).json(body).await.ok(200)
}

async fn refused(client: &Client, body: Value) {
    let answer = client.patch(SETTINGS).json(body.clone()).await;
    let refusal = answer.refused(403, "forbidden");
    let detail = refusal["detail"].as_str().unwrap();
    assert!(detail.contains("sandbox key"), "{body}: {detail}");
}

fn at(workflow: &str) -> String {
    format!("{WORKFLOWS}/{workflow}")
}

async fn workflow(client: &Client, id: &str) -> Value {
    client.get(&at(id)).await.ok(200)
}

/// Which of a workflow's calls are refused: all three that change it.
async fn is_out_of_reach(client: &Client, id: &str) {
    let before = workflow(client, id).await;
    for body in [
        json!({"steps": [{"policy": "auto_approve"}]}),
        json!({"name": "Mine"}),
        json!({"rollout_percentage": 0}),
        json!({}),
    ] {
        let answer = client.patch(&at(id)).json(body).await;
        answer.refused(403, "forbidden");
    }
    for call in ["set-default", "deactivate"] {
        let answer = client.post(&format!("{}/{call}", at(id))).await;
        answer.refused(403, "forbidden");
    }
    assert_eq!(workflow(client, id).await, before);
}

#[tokio::test]
async fn the_sandbox_has_the_live_settings_until_it_has_its_own() {
    let server = server().await;
    let (live, sandbox) = (server.live(), server.sandbox());
    change(
        &live,
        json!({"name": "Bank of Tests", "data_retention_days": 200, "dual_review": true,
            "capture": {"token_minutes": 90}}),
    )
    .await;
    let shared = settings(&live).await;
    assert_eq!(settings(&sandbox).await, shared);
    // As it was read: no change, and nothing of its own either.
    assert_eq!(change(&sandbox, shared.clone()).await, shared);
    change(&live, json!({"image_url_expiry_seconds": 100})).await;
    assert_eq!(settings(&sandbox).await["image_url_expiry_seconds"], 100);

    let own = change(&sandbox, json!({"capture": {"token_minutes": 7}})).await;
    assert_eq!(own["capture"]["token_minutes"], 7);
    assert_eq!(own["data_retention_days"], 200);
    assert_eq!(own["dual_review"], true);
    assert_eq!(own["name"], "Bank of Tests");
    assert_eq!(settings(&sandbox).await, own);
    let of_live = settings(&live).await;
    assert_eq!(of_live["capture"]["token_minutes"], 90);
    // One revision for both.
    assert_eq!(of_live["revision"], own["revision"]);
    sandbox
        .patch(SETTINGS)
        .json(json!({"revision": shared["revision"], "dual_review": false}))
        .await
        .refused(409, "conflict");

    // From here on each goes its own way, but for what is the organization's.
    change(&live, json!({"dual_review": false, "name": "Bank"})).await;
    let own = settings(&sandbox).await;
    assert_eq!(
        (&own["dual_review"], &own["name"]),
        (&json!(true), &json!("Bank"))
    );
    let minutes = async |client: &Client| {
        let session = client.post(SESSIONS).json(json!({})).await.ok(201);
        let time =
            |name: &str| -> jiff::Timestamp { session[name].as_str().unwrap().parse().unwrap() };
        (time("expires_at").as_second() - time("created_at").as_second() + 30) / 60
    };
    assert_eq!(minutes(&sandbox).await, 7);
    assert_eq!(minutes(&live).await, 90);
}

#[tokio::test]
async fn what_is_the_organizations_takes_a_live_key() {
    let server = server().await;
    let (live, sandbox) = (server.live(), server.sandbox());
    let workflow = sandbox.workflow(gate_steps()).await;
    let before = settings(&live).await;
    for body in [
        json!({"name": "Taken over"}),
        json!({"plan": "free"}),
        json!({"default_workflow_id": workflow}),
        json!({"default_workflow_id": workflow, "dual_review": true}),
    ] {
        refused(&sandbox, body).await;
    }
    assert_eq!(settings(&live).await, before);
    assert_eq!(settings(&sandbox).await, before);
    let same = json!({"name": before["name"], "plan": before["plan"], "dual_review": true,
        "default_workflow_id": before["default_workflow_id"]});
    assert_eq!(change(&sandbox, same).await["dual_review"], true);
    let after = settings(&live).await;
    assert_eq!(after["dual_review"], false);

    // Each environment's trail tells of its own keys' deeds.
    change(&live, json!({"name": "Renamed"})).await;
    let told = async |client: &Client| {
        let page = client
            .get("/api/v1/events")
            .query(&[("action", "settings.updated")])
            .await
            .ok(200);
        let events = page["data"].as_array().unwrap().iter();
        let fields = events.map(|event| event["metadata"]["fields"].clone());
        fields.collect::<Vec<_>>()
    };
    assert_eq!(told(&sandbox).await, [json!(["dual_review"])]);
    assert_eq!(told(&live).await, [json!(["name"])]);
}

#[tokio::test]
async fn a_retention_of_a_day_in_the_sandbox_erases_nothing_live() {
    let server = server().await;
    let (live, sandbox) = (server.live(), server.sandbox());
    let database = &server.installation.database;
    let of_live = live.session(json!({})).await;
    live.act(&of_live, "expire").await.ok(200);
    // Ten days have passed for it.
    let aged = format!(
        "UPDATE sessions SET retention_anchor = retention_anchor - {} WHERE id = {}",
        10_i64 * 86_400 * 1_000_000,
        database.literal(&of_live)
    );
    assert_eq!(database.change(&aged).await, 1);
    let before = live.look(&of_live).await;
    let of_sandbox = sandbox.session(json!({})).await;
    sandbox.act(&of_sandbox, "expire").await.ok(200);

    let day = json!({"data_retention_days": 1, "sensitive_data_retention_days": 1});
    change(&sandbox, day).await;
    assert_eq!(settings(&live).await["data_retention_days"], 365);
    let advance = json!({"advance": "25h"});
    let moved = sandbox.post("/api/v1/sandbox/clock").json(advance).await;
    moved.ok(200);
    // A round looks at live sessions first, so it has passed over the live one by then.
    eventually("the sandbox's session is redacted", async || {
        let shown = sandbox.look(&of_sandbox).await;
        (shown["retention_status"] == "redacted").then_some(())
    })
    .await;
    assert_eq!(live.look(&of_live).await, before);
    assert_eq!(before["retention_status"], "active");

    // The live environment's own setting is what ends its sessions.
    change(
        &live,
        json!({"data_retention_days": 5, "sensitive_data_retention_days": 5}),
    )
    .await;
    let advance = json!({"advance": "1s"});
    let moved = sandbox.post("/api/v1/sandbox/clock").json(advance).await;
    moved.ok(200);
    eventually("the live session is redacted", async || {
        let shown = live.look(&of_live).await;
        (shown["retention_status"] == "redacted").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_sandbox_key_does_not_choose_what_live_sessions_are_judged_by() {
    let server = server().await;
    let (live, sandbox) = (server.live(), server.sandbox());
    let default = settings(&live).await["default_workflow_id"].clone();
    let approve = json!([{"policy": "auto_approve"}]);
    let body = json!({"name": "All are welcome", "steps": approve, "is_default": true});
    let made = sandbox.post(WORKFLOWS).json(body).await;
    made.refused(403, "forbidden");
    let listed = live.get(WORKFLOWS).await.ok(200);
    assert_eq!(ids(&listed), [default.as_str().unwrap()]);

    let easy = sandbox.workflow(approve.clone()).await;
    assert_eq!(workflow(&sandbox, &easy).await["is_sandbox"], true);
    let answer = sandbox.post(&format!("{}/set-default", at(&easy))).await;
    answer.refused(403, "forbidden");
    let answer = sandbox.patch(&at(&easy));
    let answer = answer.json(json!({"is_default": true})).await;
    answer.refused(403, "forbidden");
    refused(&sandbox, json!({"default_workflow_id": easy})).await;
    // Nor does it learn what signs live external references.
    let secret = sandbox.post(&format!("{SETTINGS}/rotate-reference-secret"));
    secret.await.refused(403, "forbidden");
    // Neither the present default nor what a live key made can be bent instead.
    is_out_of_reach(&sandbox, default.as_str().unwrap()).await;
    let strict = live.workflow(gate_steps()).await;
    assert_eq!(workflow(&live, &strict).await["is_sandbox"], false);
    is_out_of_reach(&sandbox, &strict).await;

    let session = live.session(json!({})).await;
    assert_eq!(live.look(&session).await["workflow_id"], default);
    assert_eq!(settings(&live).await["default_workflow_id"], default);
    // Both use all of them.
    let session = sandbox.session(json!({"workflow_id": strict})).await;
    let run = json!({"action": "run-workflow"});
    sandbox.act(&session, "simulate").json(run).await.ok(200);
    sandbox.until(&session, "awaiting_external").await;
}

#[tokio::test]
async fn a_sandbox_key_changes_what_the_sandbox_made_while_it_is_the_sandboxs_alone() {
    let server = server().await;
    let (live, sandbox) = (server.live(), server.sandbox());
    let default = settings(&live).await["default_workflow_id"].clone();
    let own = sandbox.workflow(gate_steps()).await;
    sandbox.session(json!({"workflow_id": own})).await;
    let steps = json!({"steps": [{"policy": "auto_approve"}], "is_default": false});
    let changed = sandbox.patch(&at(&own)).json(steps).await.ok(200);
    assert_eq!(changed["version"], 2);
    let renamed = live.patch(&at(&own)).json(json!({"name": "Checked"}));
    assert_eq!(renamed.await.ok(200)["is_sandbox"], true);
    let ended = sandbox.workflow(gate_steps()).await;
    let ended = sandbox.post(&format!("{}/deactivate", at(&ended))).await;
    assert_eq!(ended.ok(200)["is_active"], false);

    // A live key takes it over, and it stays out of reach while it is the default …
    let chosen = live.post(&format!("{}/set-default", at(&own))).await;
    assert_eq!(chosen.ok(200)["is_default"], true);
    is_out_of_reach(&sandbox, &own).await;
    let back = format!("{}/set-default", at(default.as_str().unwrap()));
    live.post(&back).await.ok(200);
    let renamed = sandbox.patch(&at(&own)).json(json!({"name": "Ours again"}));
    renamed.await.ok(200);
    // … and from the first live session on, which is judged when it is handed in.
    live.session(json!({"workflow_id": own})).await;
    is_out_of_reach(&sandbox, &own).await;
    let renamed = live.patch(&at(&own)).json(json!({"name": "Live"}));
    assert_eq!(renamed.await.ok(200)["name"], "Live");
}
