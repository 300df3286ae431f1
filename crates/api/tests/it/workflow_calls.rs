//! Workflows, policies, limits and browsers, from outside.

use http::Request;
use serde_json::{Value, json};

use crate::app::AppServer;

const WORKFLOWS: &str = "/api/v1/workflows";

#[tokio::test]
async fn a_workflow_is_written_changed_and_put_to_use() {
    let server = AppServer::start().await;
    let id = server.gates(&["gate"]).await;
    let path = format!("{WORKFLOWS}/{id}");
    let made = server.get(&path).await.json();
    assert_eq!(
        (made["version"].clone(), made["is_default"].clone()),
        (json!(1), json!(true))
    );
    assert_eq!(
        (made["step_count"].clone(), made["format"].clone()),
        (json!(2), json!("steps"))
    );

    let renamed = server
        .call("PATCH", &path, json!({"name": "Other", "description": "d"}))
        .await
        .json();
    assert_eq!(
        (renamed["version"].clone(), renamed["name"].clone()),
        (json!(1), json!("Other"))
    );
    let steps = json!({"steps": [{"id": "done", "policy": "auto_approve"}]});
    assert_eq!(
        server.call("PATCH", &path, steps).await.json()["version"],
        2
    );
    let versions = server.get(&format!("{path}/versions")).await.json();
    assert_eq!(versions["pagination"]["total"], 2);
    assert_eq!(
        server.get(&format!("{path}/versions/1")).await.json()["step_count"],
        2
    );
    for strange in ["3", "0", "x", "-1"] {
        server
            .get(&format!("{path}/versions/{strange}"))
            .await
            .refused(404, "not_found");
    }
    server
        .call("POST", &format!("{path}/deactivate"), Value::Null)
        .await
        .refused(409, "conflict");
    let second = server
        .call(
            "POST",
            WORKFLOWS,
            json!({"name": "B", "steps": [{"policy": "auto_approve"}]}),
        )
        .await;
    let second = second.json()["id"].as_str().unwrap().to_owned();
    let default = server
        .call(
            "POST",
            &format!("{WORKFLOWS}/{second}/set-default"),
            Value::Null,
        )
        .await;
    assert_eq!(default.json()["is_default"], true);
    let ended = server
        .call("POST", &format!("{path}/deactivate"), Value::Null)
        .await
        .json();
    assert_eq!(
        (ended["is_active"].clone(), ended["is_default"].clone()),
        (json!(false), json!(false))
    );
    let refused = server
        .call("POST", "/api/v1/sessions", json!({"workflow_id": id}))
        .await;
    assert_eq!(
        refused.refused(422, "validation_error")["errors"][0]["field"],
        "workflow_id"
    );
    assert_eq!(server.get(WORKFLOWS).await.json()["pagination"]["total"], 3);
    server
        .get(&format!("{WORKFLOWS}/wfl_x"))
        .await
        .refused(404, "not_found");
    // Both environments share workflows.
    let sandbox = server.organization.sandbox.secret.reveal().to_owned();
    assert_eq!(
        server
            .call_as(&sandbox, "GET", &path, Value::Null)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn offences_of_a_workflow_are_named_and_nothing_is_stored() {
    let server = AppServer::start().await;
    let post = |steps: Value| server.call("POST", WORKFLOWS, json!({"name": "W", "steps": steps}));
    for (steps, field) in [
        (
            json!([{"policy": "auto_approve", "on_fial": "reject"}]),
            "steps[0].on_fial",
        ),
        (json!([{"policy": "face_match"}]), "steps[0].policy"),
        (
            json!([{"policy": "auto_approve", "on_fail": {"goto": "nowhere"}}]),
            "steps[0].on_fail",
        ),
    ] {
        let body = post(steps).await.refused(422, "validation_error");
        let fields: Vec<_> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["field"].as_str().unwrap())
            .collect();
        assert!(
            fields.iter().any(|found| found.starts_with(field)),
            "{field}: {fields:?}"
        );
    }
    let unknown = server
        .call("POST", WORKFLOWS, json!({"name": "W", "stepz": []}))
        .await;
    unknown.refused(422, "validation_error");
    assert_eq!(server.get(WORKFLOWS).await.json()["pagination"]["total"], 1);
    // Any casing is read.
    let camel = json!([{"id": "g", "type": "external_gate", "onFail": "review",
        "config": {"timeoutMinutes": 5, "on-timeout": "reject"}}, {"policy": "auto_approve"}]);
    assert_eq!(post(camel).await.status, 201);
}

#[tokio::test]
async fn a_finished_session_is_judged_again() {
    let server = AppServer::start().await;
    let id = server.gates(&["gate"]).await;
    let plain = server
        .call(
            "POST",
            WORKFLOWS,
            json!({"name": "B", "steps": [{"policy": "auto_approve"}]}),
        )
        .await;
    let plain = plain.json()["id"].as_str().unwrap().to_owned();
    let session = server.session(json!({"workflow_id": plain})).await;
    let trigger = format!("{WORKFLOWS}/{id}/trigger");
    let body = json!({"sessionId": session});
    server
        .call("POST", &trigger, body.clone())
        .await
        .refused(409, "conflict");
    server
        .call(
            "POST",
            &format!("/api/v1/sessions/{session}/submit"),
            Value::Null,
        )
        .await;
    server.reaches(&session, "completed").await;
    let accepted = server.call("POST", &trigger, body.clone()).await;
    assert_eq!(
        (accepted.status.as_u16(), accepted.json()["status"].clone()),
        (202, json!("processing"))
    );
    server.reaches(&session, "awaiting_external").await;
    for (workflow, body) in [
        ("wfl_x", body.clone()),
        (&id, json!({"session_id": "ses_x"})),
    ] {
        let path = format!("{WORKFLOWS}/{workflow}/trigger");
        server
            .call("POST", &path, body)
            .await
            .refused(404, "not_found");
    }
    server
        .call("POST", &trigger, json!({"session_id": 7}))
        .await
        .refused(422, "validation_error");
}

#[tokio::test]
async fn policies_and_limits_are_told() {
    let server = AppServer::start().await;
    let policies = server.get("/api/v1/verification-policies").await.json();
    let names: Vec<_> = policies["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"document_ocr") && names.contains(&"auto_approve"),
        "{names:?}"
    );
    assert!(policies["data"][0]["config_schema"].is_object());
    let limits = server.get("/api/v1/rate-limits").await.json();
    assert_eq!(limits["plan"], "unlimited");
    assert_eq!(limits["environment"], "live");
    assert_eq!(limits["rate_limit"]["window_seconds"], 60);
    assert_eq!(limits["quotas"]["key_creation"]["limit"], Value::Null);
}

#[tokio::test]
async fn a_browser_may_create_and_hardly_more() {
    let server = AppServer::start().await;
    let key = server
        .organization
        .publishable_live
        .secret
        .reveal()
        .to_owned();
    let preflight = Request::options("/api/v1/sessions").header("origin", "https://shop.example");
    let preflight = server
        .send(preflight.body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(preflight.status, 204);
    // The first publishable key is bound to no origin.
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "https://shop.example"
    );
    let created = server
        .call_as(
            &key,
            "POST",
            "/api/v1/sessions",
            json!({"metadata": {"a": 1}}),
        )
        .await;
    assert_eq!(created.status, 201);
    for forbidden in [
        json!({"checks": []}),
        json!({"fields": {}}),
        json!({"external_ref": "x"}),
        json!({"external_ref": "x", "external_ref_signature": "00"}),
    ] {
        server
            .call_as(&key, "POST", "/api/v1/sessions", forbidden)
            .await
            .refused(403, "forbidden");
    }
    server
        .call_as(&key, "GET", "/api/v1/sessions", Value::Null)
        .await
        .refused(403, "forbidden");
}

#[tokio::test]
async fn a_plan_bounds_sessions_a_minute_and_a_day() {
    use std::time::Duration;
    use verifa_store::db::Stmt;
    let server = AppServer::start().await;
    let plan = Stmt::new(
        "test.plan",
        "UPDATE organizations SET plan = 'free'",
        vec![],
    );
    server.app.db.write(plan).await.unwrap();
    for left in (0..50).rev() {
        let made = server.call("POST", "/api/v1/sessions", json!({})).await;
        assert_eq!(made.status, 201);
        assert_eq!(made.header("x-quota-limit"), "50");
        assert_eq!(made.header("x-quota-remaining"), left.to_string());
    }
    // Fifty a minute: the call itself is refused before it is read.
    let minute = server.call("POST", "/api/v1/sessions", json!({})).await;
    minute.refused(429, "rate_limited");
    assert_eq!(minute.header("x-ratelimit-limit"), "50");
    server.clock.advance(Duration::from_mins(2));
    let day = server.call("POST", "/api/v1/sessions", json!({})).await;
    day.refused(429, "rate_limited");
    assert_eq!(day.header("x-quota-remaining"), "0");
    assert_eq!(day.header("x-ratelimit-limit"), "50");
    let limits = server.get("/api/v1/rate-limits").await.json();
    assert_eq!(limits["plan"], "free");
    assert_eq!(limits["quotas"]["verification_creation"]["remaining"], 0);
    assert_eq!(
        limits["quotas"]["verification_creation"]["window_seconds"],
        86_400
    );
    assert_eq!(limits["quotas"]["key_creation"]["limit"], 10);
    server.clock.advance(Duration::from_hours(24));
    assert_eq!(
        server
            .call("POST", "/api/v1/sessions", json!({}))
            .await
            .status,
        201
    );
}
