//! What makes a workflow wrong, each offence by its path; nothing of a wrong one is stored.

use serde_json::{Value, json};

use crate::support::{WORKFLOWS, gate_steps, server_and_live};

fn step(more: Value) -> Value {
    let mut step = json!({"id": "done", "policy": "auto_approve"});
    for (name, value) in more.as_object().unwrap() {
        step[name] = value.clone();
    }
    json!([step])
}

fn gate(config: Value) -> Value {
    json!([{"id": "gate", "type": "external_gate", "config": config}])
}

#[tokio::test]
async fn every_offence_of_steps_is_named_by_its_path() {
    let (server, live) = server_and_live().await;
    let before = server
        .installation
        .database
        .count("workflows", "1 = 1")
        .await;
    let auto = || json!({"id": "done", "policy": "auto_approve"});
    let many: Vec<_> = (0..201)
        .map(|number| json!({"id": format!("gate{number}"), "type": "external_gate"}))
        .collect();
    let group = |group: Value| json!([{"id": "both", "type": "parallel", "steps": group}]);
    let when = |field: &str, op: &str, value: Value| {
        step(json!({"when": {"field": field, "op": op, "value": value}}))
    };
    for (steps, path) in [
        (json!("none"), "steps"),
        (json!({}), "steps"),
        (json!([]), "steps"),
        (json!(many), "steps"),
        (json!([7]), "steps[0]"),
        (step(json!({"on_fial": "review"})), "steps[0].on_fial"),
        (step(json!({"policy": "no_such_check"})), "steps[0].policy"),
        (step(json!({"policy": "face_match"})), "steps[0].policy"),
        (step(json!({"policy": 3})), "steps[0].policy"),
        (step(json!({"type": "wait"})), "steps[0].type"),
        (step(json!({"id": "_start"})), "steps[0].id"),
        (step(json!({"id": ""})), "steps[0].id"),
        (step(json!({"on_fail": "explode"})), "steps[0].on_fail"),
        (step(json!({"on_error": "explode"})), "steps[0].on_error"),
        (step(json!({"on_skipped": 1})), "steps[0].on_skipped"),
        (
            step(json!({"on_fail": {"goto": "nowhere"}})),
            "steps[0].on_fail.goto",
        ),
        (
            step(json!({"on_fail": {"goto": "done"}})),
            "steps[0].on_fail.goto",
        ),
        (
            step(json!({"config": {"review_onn": []}})),
            "steps[0].config.review_onn",
        ),
        (
            json!([{"policy": "age_verification", "config": {"minimum_age": 0}}]),
            "steps[0].config.minimum_age",
        ),
        (
            json!([{"policy": "age_verification", "config": {"minimum_age": "18"}}]),
            "steps[0].config.minimum_age",
        ),
        (json!([auto(), auto()]), "steps[1].id"),
        (
            json!([auto(), {"id": "again", "policy": "auto_approve"}]),
            "steps[1].policy",
        ),
        (
            gate(json!({"timeout_minutes": 0})),
            "steps[0].config.timeout_minutes",
        ),
        (
            gate(json!({"timeout_minutes": 43_201})),
            "steps[0].config.timeout_minutes",
        ),
        (
            gate(json!({"on_timeout": "explode"})),
            "steps[0].config.on_timeout",
        ),
        (gate(json!({"timeout": 5})), "steps[0].config.timeout"),
        (group(json!([])), "steps[0].steps"),
        (group(gate(json!({}))), "steps[0].steps[0].type"),
        (
            when("session.country", "~", json!("DE")),
            "steps[0].when.op",
        ),
        (
            when("weather.today", "==", json!("rain")),
            "steps[0].when.field",
        ),
        (
            when("checks.no_such_check.score", ">", json!(1)),
            "steps[0].when.field",
        ),
        (
            step(json!({"when": {"all": [{"any": [{}]}]}})),
            "steps[0].when.all[0].any[0]",
        ),
        (
            step(json!({"when": {"filed": "session.country"}})),
            "steps[0].when.filed",
        ),
    ] {
        let shown = steps.to_string();
        let answer = live
            .post(WORKFLOWS)
            .json(json!({"name": "w", "steps": steps}))
            .await;
        let fields = answer.invalid();
        // A missing word may be named by itself or by the object that lacks it.
        let named = fields
            .iter()
            .any(|field| field == path || field.starts_with(&format!("{path}.")));
        assert!(named, "{shown:.200}: wanted {path}, got {fields:?}");
    }
    let after = server
        .installation
        .database
        .count("workflows", "1 = 1")
        .await;
    assert_eq!(after, before);
}

fn graph(nodes: Value) -> Value {
    json!({"entry": "start", "nodes": nodes})
}

/// A right graph, changed in one place.
fn graph_with(name: &str, node: Value) -> Value {
    let mut nodes = json!({
        "start": {"type": "start", "next": "gate"},
        "gate": {"type": "wait", "config": {}, "next": {"continue": "yes", "fail": "no"}},
        "yes": {"type": "terminal", "outcome": "approved"},
        "no": {"type": "terminal", "outcome": "rejected", "reason_code": "other"}
    });
    nodes[name] = node;
    graph(nodes)
}

#[tokio::test]
async fn every_offence_of_a_graph_is_named_by_its_node() {
    let (_server, live) = server_and_live().await;
    let right = graph_with("no", json!({"type": "terminal", "outcome": "needs_review"}));
    live.post(WORKFLOWS)
        .json(json!({"name": "right", "graph": right}))
        .await
        .ok(201);
    let to_gate = json!({"passed": "gate", "failed": "no"});
    let wait = |next: Value| json!({"type": "wait", "config": {}, "next": next});
    let circle = json!({
        "start": {"type": "start", "next": "one"},
        "one": {"type": "wait", "next": {"continue": "two", "fail": "end"}},
        "two": {"type": "wait", "next": {"continue": "one", "fail": "end"}},
        "end": {"type": "terminal", "outcome": "approved"}
    });
    let no_way_out = json!({
        "start": {"type": "start", "next": "one"},
        "one": {"type": "wait", "next": {"continue": "end"}},
        "end": {"type": "terminal", "outcome": "approved"}
    });
    for (graph, path) in [
        (json!([]), "graph"),
        (json!({"nodes": {}}), "graph"),
        (
            json!({"entry": "nobody", "nodes": {"start": {"type": "start"}}}),
            "graph",
        ),
        (
            graph_with("second", json!({"type": "start", "next": "yes"})),
            "graph.nodes.second",
        ),
        (
            graph_with("lonely", json!({"type": "terminal", "outcome": "approved"})),
            "graph.nodes.lonely",
        ),
        (
            graph_with("gate", wait(json!({"continue": "nowhere", "fail": "no"}))),
            "graph.nodes.gate",
        ),
        (
            graph_with(
                "gate",
                wait(json!({"continue": "yes", "fail": "no", "maybe": "no"})),
            ),
            "graph.nodes.gate",
        ),
        (
            graph_with("no", json!({"type": "terminal", "outcome": "maybe"})),
            "graph.nodes.no",
        ),
        (
            graph_with(
                "no",
                json!({"type": "terminal", "outcome": "rejected", "reason_code": "whim"}),
            ),
            "graph.nodes.no",
        ),
        (
            graph_with("no", json!({"type": "terminal"})),
            "graph.nodes.no",
        ),
        (graph_with("no", json!({"type": "door"})), "graph.nodes.no"),
        (
            graph_with("start", json!({"type": "start", "nxet": "gate"})),
            "graph.nodes.start",
        ),
        (
            graph_with("start", json!({"type": "start", "next": "start"})),
            "graph.nodes",
        ),
        (
            graph_with("_mine", wait(json!({"continue": "yes", "fail": "no"}))),
            "graph.nodes._mine",
        ),
        (graph(circle), "graph.nodes"),
        (graph(no_way_out), "graph.nodes.one"),
        (
            graph_with(
                "start",
                json!({"type": "policy", "policy": "auto_approve", "next": to_gate}),
            ),
            "graph",
        ),
        (
            json!({"entry": "start", "nodes": {
                "start": {"type": "start", "next": "which"},
                "which": {"type": "conditional", "branches": []}}}),
            "graph.nodes.which",
        ),
    ] {
        let shown = graph.to_string();
        let answer = live
            .post(WORKFLOWS)
            .json(json!({"name": "w", "graph": graph}))
            .await;
        let fields = answer.invalid();
        let named = fields.iter().any(|field| field.starts_with(path));
        assert!(named, "{shown:.300}: wanted {path}, got {fields:?}");
    }
}

#[tokio::test]
async fn a_misspelt_key_never_becomes_a_default() {
    let (_server, live) = server_and_live().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"name": "w", "steps": gate_steps()});
        body[name] = value;
        body
    };
    for (body, path) in [
        (with("setps", json!([])), "setps"),
        (
            with("screening_settings", json!({"watchlists": {}})),
            "screening_settings.watchlists",
        ),
        (
            with("screening_settings", json!({"risk": {"review_att": 5}})),
            "screening_settings.risk.review_att",
        ),
        (
            with(
                "screening_settings",
                json!({"watchlist": {"on_hit": "shrug"}}),
            ),
            "screening_settings.watchlist.on_hit",
        ),
        (
            with("data_requirements", json!({"selfi": true})),
            "data_requirements.selfi",
        ),
        (
            with("data_requirements", json!({"selfie": "yes"})),
            "data_requirements.selfie",
        ),
        (
            with(
                "data_requirements",
                json!({"document": {"types": ["library_card"]}}),
            ),
            "data_requirements.document.types[0]",
        ),
        (with("name", json!(7)), "name"),
        (with("is_default", json!("yes")), "is_default"),
    ] {
        live.post(WORKFLOWS).json(body).await.invalid_field(path);
    }
    live.post(WORKFLOWS)
        .json(json!({"steps": gate_steps()}))
        .await
        .invalid_field("name");
    live.post(WORKFLOWS)
        .json(json!({"name": "nothing to do"}))
        .await
        .invalid();
    let both = json!({"name": "both", "steps": gate_steps(), "graph": graph(json!({}))});
    live.post(WORKFLOWS).json(both).await.invalid();
}

#[tokio::test]
async fn a_wrong_change_leaves_the_workflow_as_it_was() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let path = format!("{WORKFLOWS}/{workflow}");
    let before = live.get(&path).await.ok(200);
    for (body, field) in [
        (json!({"steps": [{"policy": "nothing"}]}), "steps[0].policy"),
        (json!({"naem": "x"}), "naem"),
        (json!({"rollout_percentage": 101}), "rollout_percentage"),
        (json!({"rollout_percentage": -1}), "rollout_percentage"),
        (json!({"name": "new", "steps": {}}), "steps"),
    ] {
        live.patch(&path).json(body).await.invalid_field(field);
    }
    assert_eq!(live.get(&path).await.ok(200), before);
}

#[tokio::test]
async fn several_offences_are_named_at_once() {
    let (_server, live) = server_and_live().await;
    let steps = json!([{"policy": "nothing"}, {"policy": "auto_approve", "on_fail": "explode"}]);
    let fields = live
        .post(WORKFLOWS)
        .json(json!({"name": 1, "steps": steps}))
        .await
        .invalid();
    for wanted in ["name", "steps[0].policy", "steps[1].on_fail"] {
        assert!(
            fields.iter().any(|field| field == wanted),
            "{wanted}: {fields:?}"
        );
    }
}
