//! Conditions: operators, combinations, fields, and what is missing or of another type.

use serde_json::{Value, json};

use crate::support::{WORKFLOWS, server_and_live};

/// Whether a condition holds for the session of this file.
async fn holds(live: &verifa_testkit::Client, condition: &Value) -> bool {
    let graph = json!({"entry": "start", "nodes": {
        "start": {"type": "start", "next": "which"},
        "which": {"type": "conditional", "default": "no",
            "branches": [{"when": condition, "next": "yes"}]},
        "yes": {"type": "terminal", "outcome": "approved"},
        "no": {"type": "terminal", "outcome": "rejected", "reason_code": "other"}
    }});
    let body = json!({"name": "condition", "graph": graph});
    let answer = live.post(WORKFLOWS).json(body).await;
    assert_eq!(answer.status, 201, "{condition}: {}", answer.shown());
    let session = live
        .session(json!({
            "workflow_id": answer.json()["id"],
            "external_ref": "customer-7",
            "country": "DE",
            "metadata": {"plan": "gold", "seats": 5, "big": 9_007_199_254_740_993_u64,
                "tags": ["a", "b"], "nothing": null, "since": "2026-01-15"},
            "fields": {"first_name": "Anna", "date_of_birth": "1990-06-15"}
        }))
        .await;
    live.run_until(&session, "completed").await;
    live.part(&session, "result").await["status"] == "approved"
}

fn field(name: &str, op: &str, value: Value) -> Value {
    json!({"field": name, "op": op, "value": value})
}

#[tokio::test]
async fn operators_and_fields() {
    let (_server, live) = server_and_live().await;
    let metadata = |name: &str, op, value| field(&format!("session.metadata.{name}"), op, value);
    for (condition, wanted) in [
        (metadata("seats", "==", json!(5)), true),
        (metadata("seats", "==", json!(5.0)), true),
        (metadata("seats", ">", json!(5)), false),
        (metadata("seats", ">=", json!(5)), true),
        (metadata("seats", "<", json!(5.5)), true),
        (metadata("seats", "<=", json!(4)), false),
        (metadata("seats", "!=", json!(4)), true),
        // Beyond what a double can tell apart.
        (
            metadata("big", "==", json!(9_007_199_254_740_992_u64)),
            false,
        ),
        (metadata("big", ">", json!(9_007_199_254_740_992_u64)), true),
        (metadata("plan", "in", json!(["silver", "gold"])), true),
        (metadata("plan", "not_in", json!(["silver", "gold"])), false),
        (metadata("plan", "contains", json!("ol")), true),
        (metadata("tags", "contains", json!("b")), true),
        (metadata("tags", "contains", json!("c")), false),
        (metadata("since", ">", json!("2026-01-01")), true),
        (field("session.country", "==", json!("DE")), true),
        (
            field("session.external_ref", "==", json!("customer-7")),
            true,
        ),
        (field("fields.first_name", "==", json!("Anna")), true),
        (
            field("fields.date_of_birth", "<", json!("1991-01-01")),
            true,
        ),
    ] {
        assert_eq!(holds(&live, &condition).await, wanted, "{condition}");
    }
}

#[tokio::test]
async fn what_is_missing_or_unlike_is_false() {
    let (_server, live) = server_and_live().await;
    let missing = "session.metadata.absent";
    for (condition, wanted) in [
        (field(missing, "==", json!(1)), false),
        (field(missing, ">", json!(1)), false),
        (field(missing, "<", json!(1)), false),
        (field(missing, "in", json!([1])), false),
        (field(missing, "contains", json!("x")), false),
        (field(missing, "!=", json!(1)), true),
        (field(missing, "not_in", json!([1])), true),
        (json!({"field": missing, "op": "exists"}), false),
        (
            json!({"field": "session.metadata.plan", "op": "exists"}),
            true,
        ),
        (
            json!({"field": "extracted.first_name", "op": "exists"}),
            false,
        ),
        (field("session.metadata.plan", ">", json!(1)), false),
        (field("session.metadata.plan", "<", json!(1)), false),
        (field("session.metadata.seats", "==", json!("5")), false),
        (field("extracted.age", ">=", json!(18)), false),
    ] {
        assert_eq!(holds(&live, &condition).await, wanted, "{condition}");
    }
}

#[tokio::test]
async fn conditions_combine() {
    let (_server, live) = server_and_live().await;
    let yes = || field("session.country", "==", json!("DE"));
    let no = || field("session.country", "==", json!("FR"));
    for (condition, wanted) in [
        (json!({"all": [yes(), yes()]}), true),
        (json!({"all": [yes(), no()]}), false),
        (json!({"any": [no(), yes()]}), true),
        (json!({"any": [no(), no()]}), false),
        (json!({"not": no()}), true),
        (
            json!({"not": {"all": [yes(), {"any": [no(), {"not": yes()}]}]}}),
            true,
        ),
    ] {
        assert_eq!(holds(&live, &condition).await, wanted, "{condition}");
    }
}

#[tokio::test]
async fn a_step_is_passed_over_when_its_condition_is_false() {
    let (_server, live) = server_and_live().await;
    let steps = json!([
        {"id": "gate", "type": "external_gate",
            "when": {"field": "session.metadata.amount", "op": ">=", "value": 1000}},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = live.workflow(steps).await;
    let small = json!({"workflow_id": workflow, "metadata": {"amount": 999}});
    let small = live.session(small).await;
    live.run_until(&small, "completed").await;
    assert_eq!(live.part(&small, "result").await["status"], "approved");
    let gate = live.part(&small, "workflow-run").await["node_results"]["gate"].clone();
    assert_eq!(gate["status"], "skipped", "{gate}");
    let large = json!({"workflow_id": workflow, "metadata": {"amount": 1000}});
    let large = live.session(large).await;
    live.run_until(&large, "awaiting_external").await;
}
