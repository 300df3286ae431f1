//! Everything a workflow is refused for, each with the path of the offence.

use serde_json::{Value, json};
use verifa_core::fault::Fault;
use verifa_core::workflow::{Content, input};

use crate::support::{Catalog, kyc_with_a_gate};

/// The offences as `path code`, in the order of reading.
fn listed(faults: Vec<Fault>) -> Vec<String> {
    let line = |fault: Fault| format!("{} {}", fault.field, fault.code);
    faults.into_iter().map(line).collect()
}

fn of_steps(steps: Value) -> Vec<String> {
    listed(
        Content::from_steps(steps)
            .compile(&Catalog)
            .err()
            .unwrap_or_default(),
    )
}

fn of_graph(nodes: &Value) -> Vec<String> {
    let graph = json!({"entry": "s", "nodes": nodes});
    listed(
        Content::from_graph(graph)
            .compile(&Catalog)
            .err()
            .unwrap_or_default(),
    )
}

#[test]
fn offences_of_steps() {
    let ocr = || json!({"policy": "document_ocr"});
    let table: &[(Value, &[&str])] = &[
        (json!({}), &["steps wrong_type"]),
        (json!([1]), &["steps[0] wrong_type"]),
        (
            json!([{"policy": "document_ocr", "on_fial": "review"}]),
            &["steps[0].on_fial unknown_field"],
        ),
        (
            json!([{"policy": "document_ocr", "onFail": "reject", "config": {"x": 1}}]),
            &[],
        ),
        (json!([{"type": "policy"}]), &["steps[0].policy required"]),
        (json!([{"type": "magic"}]), &["steps[0].type unknown_value"]),
        (
            json!([{"policy": "palm_reading"}]),
            &["steps[0].policy unknown_reference"],
        ),
        (json!([{"policy": 7}]), &["steps[0].policy wrong_type"]),
        (
            json!([ocr(), {"id": "again", "policy": "document_ocr"}]),
            &["steps[1].policy duplicate"],
        ),
        (
            json!([ocr(), {"id": "document_ocr", "policy": "face_match"}]),
            &["steps[1].id duplicate"],
        ),
        (
            json!([{"id": "_a", "policy": "document_ocr"}]),
            &["steps[0].id invalid"],
        ),
        (
            json!([{"id": "a.b", "policy": "document_ocr"}]),
            &["steps[0].id invalid"],
        ),
        (
            json!([{"id": "x".repeat(65), "policy": "document_ocr"}]),
            &["steps[0].id invalid"],
        ),
        (
            json!([{"policy": "document_ocr", "on_fail": "fail_session"}]),
            &["steps[0].on_fail unknown_value"],
        ),
        (
            json!([{"policy": "document_ocr", "on_error": "retry"}]),
            &["steps[0].on_error unknown_value"],
        ),
        (
            json!([{"policy": "document_ocr", "on_fail": {"goto": "nowhere"}}]),
            &["steps[0].on_fail.goto unknown_reference"],
        ),
        (
            json!([{"policy": "document_ocr", "on_fail": {"goto": "document_ocr"}}]),
            &["steps[0].on_fail.goto not_forward"],
        ),
        (
            json!([{"policy": "document_ocr", "on_fail": {"go": "x"}}]),
            &[
                "steps[0].on_fail.goto required",
                "steps[0].on_fail.go unknown_field",
            ],
        ),
        (
            json!([ocr(), {"policy": "face_match", "on_skipped": {"goto": "document_ocr"}}]),
            &["steps[1].on_skipped.goto not_forward"],
        ),
        (
            json!([{"policy": "age_verification", "config": {"minimum_age": 0}}]),
            &["steps[0].config.minimum_age out_of_range"],
        ),
        (
            json!([{"policy": "document_ocr", "config": []}]),
            &["steps[0].config wrong_type"],
        ),
        (
            json!([{"id": "g", "type": "external_gate", "on_error": "review"}]),
            &["steps[0].on_error unknown_field"],
        ),
        (
            json!([{"id": "g", "type": "external_gate", "policy": "document_ocr"}]),
            &["steps[0].policy unknown_field"],
        ),
        (
            json!([{"id": "g", "type": "external_gate", "config": {"timeout_minutes": 0}}]),
            &["steps[0].config.timeout_minutes out_of_range"],
        ),
        (
            json!([{"id": "g", "type": "external_gate", "config": {"timeout_minutes": 43_201}}]),
            &["steps[0].config.timeout_minutes out_of_range"],
        ),
        (
            json!([{"id": "g", "type": "external_gate", "config": {"timeout_minutes": 1.5, "on_timeout": "stop", "x": 1}}]),
            &[
                "steps[0].config.timeout_minutes out_of_range",
                "steps[0].config.on_timeout unknown_value",
                "steps[0].config.x unknown_field",
            ],
        ),
        (
            json!([{"id": "p", "type": "parallel"}]),
            &["steps[0].steps required"],
        ),
        (
            json!([{"id": "p", "type": "parallel", "steps": []}]),
            &["steps[0].steps out_of_range"],
        ),
        (
            json!([{"id": "p", "type": "parallel", "steps": [{"id": "g", "type": "external_gate"}]}]),
            &[
                "steps[0].steps[0].type invalid",
                "steps[0].steps[0].policy required",
            ],
        ),
        (
            json!([{"id": "p", "type": "parallel", "steps": [{"policy": "document_ocr", "on_fail": "review"}]}]),
            &["steps[0].steps[0].on_fail unknown_field"],
        ),
        (
            json!([{"id": "p", "type": "parallel", "steps": [{"policy": "auto_approve"}]}]),
            &["steps[0].steps[0].policy invalid"],
        ),
        (
            json!([ocr(), {"id": "p", "type": "parallel", "steps": [{"policy": "face_match"}, {"policy": "document_ocr"}]}]),
            &["steps[1].steps[1].policy duplicate"],
        ),
        (
            json!([{"policy": "watchlist_screening", "when": {"field": "extracted.x", "op": "exists"}}]),
            &["steps[0].policy invalid"],
        ),
        (
            json!([
                {"policy": "palm_reading", "on_fial": 1},
                {"id": "_x", "policy": "document_ocr", "on_fail": {"goto": "y"}, "on_error": 5},
            ]),
            &[
                "steps[0].on_fial unknown_field",
                "steps[1].on_error wrong_type",
                "steps[1].id invalid",
                "steps[1].on_fail.goto unknown_reference",
                "steps[0].policy unknown_reference",
            ],
        ),
        (Value::Array(vec![ocr(); 201]), &["steps too_many"]),
    ];
    for (steps, expected) in table {
        assert_eq!(of_steps(steps.clone()), *expected, "{steps}");
    }
}

#[test]
fn offences_of_conditions() {
    let when = |condition: Value| {
        of_steps(
            json!([{"policy": "document_ocr"}, {"id": "g", "type": "external_gate"},
            {"policy": "face_match", "when": condition}]),
        )
    };
    let at = |path: &str, code: &str| vec![format!("steps[2].when{path} {code}")];
    let good = json!({"field": "extracted.age", "op": ">=", "value": 18});
    assert_eq!(when(good.clone()), [""; 0]);
    assert_eq!(
        when(json!({"all": [good, {"not": {"any": [good]}}]})),
        [""; 0]
    );
    assert_eq!(when(json!([])), at("", "wrong_type"));
    assert_eq!(when(json!({"all": []})), at(".all", "out_of_range"));
    assert_eq!(
        when(json!({"all": [good], "any": [good]})),
        at(".any", "unknown_field")
    );
    assert_eq!(
        when(json!({"not": {"field": "extracted.a", "op": "~", "value": 1}})),
        at(".not.op", "unknown_value")
    );
    assert_eq!(
        when(json!({"all": [{"op": "==", "value": 1}]})),
        at(".all[0].field", "required")
    );
    assert_eq!(
        when(json!({"field": "extracted.a", "op": "=="})),
        at(".value", "required")
    );
    for (op, value) in [
        ("in", json!("DE")),
        ("not_in", json!([])),
        ("in", json!([[1]])),
        ("==", json!(null)),
        ("==", json!({})),
        (">", json!(true)),
        ("exists", json!(1)),
    ] {
        let condition = json!({"field": "extracted.a", "op": op, "value": value});
        assert_eq!(when(condition), at(".value", "invalid"), "{op} {value}");
    }
    for field in [
        "checks.document_ocr.status",
        "checks.document_ocr.passed",
        "checks.document_ocr.details.mrz.valid",
        "checks.risk_assessment.score",
        "gate.g.decision",
        "gate.g.metadata.some.key",
        "session.metadata.a.b",
        "session.country",
        "session.document_type",
        "session.external_ref",
        "risk.level",
        "risk.signals",
        "fields.address.city",
    ] {
        assert_eq!(
            when(json!({"field": field, "op": "exists"})),
            [""; 0],
            "{field}"
        );
    }
    for field in [
        "",
        "extracted",
        "extracted.",
        "document.name",
        "checks.document_ocr",
        "checks.document_ocr.secret",
        "checks.palm_reading.status",
        "session.status",
        "session.metadata",
        "session.metadata.",
        "risk.x",
        "gate.g",
        "gate.g.by",
        "gate.h.decision",
        "gate.document_ocr.decision",
    ] {
        let faults = when(json!({"field": field, "op": "exists"}));
        assert_eq!(faults, at(".field", "unknown_reference"), "{field}");
    }
    let deep = (0..10).fold(good, |inner, _| json!({"not": inner}));
    assert_eq!(when(deep), at(&".not".repeat(10), "too_deep"));
}

#[test]
fn offences_of_graphs() {
    let end = || json!({"type": "terminal", "outcome": "approved"});
    let check = |policy: &str, passed: &str, failed: &str| json!({"type": "policy", "policy": policy, "next": {"passed": passed, "failed": failed}});
    let start = || json!({"type": "start", "next": "a"});
    let table: &[(Value, &[&str])] = &[
        (json!({"s": start(), "a": end()}), &[]),
        (
            json!({"a": end()}),
            &["graph.nodes required", "graph.entry unknown_reference"],
        ),
        (
            json!({"s": end(), "t": {"type": "start", "next": "s"}}),
            &["graph.entry invalid", "graph.nodes.t unreachable"],
        ),
        (
            json!({"s": start(), "t": start(), "a": end()}),
            &["graph.nodes.t.type duplicate", "graph.nodes.t unreachable"],
        ),
        (
            json!({"s": start()}),
            &["graph.nodes.s.next unknown_reference"],
        ),
        (
            json!({"s": start(), "a": check("document_ocr", "e", "f"), "e": end()}),
            &["graph.nodes.a.next.failed unknown_reference"],
        ),
        (
            json!({"s": start(), "a": check("document_ocr", "e", "a"), "e": end()}),
            &["graph.nodes.a.next.failed cycle"],
        ),
        (
            json!({"s": start(), "a": check("document_ocr", "e", "b"), "b": check("face_match", "e", "s"), "e": end()}),
            &["graph.nodes.b.next.failed cycle"],
        ),
        (
            json!({"s": start(), "a": end(), "b": check("document_ocr", "a", "a")}),
            &["graph.nodes.b unreachable"],
        ),
        (
            json!({"s": start(), "a": check("palm_reading", "e", "e"), "e": end()}),
            &["graph.nodes.a.policy unknown_reference"],
        ),
        (
            json!({"s": start(), "a": check("document_ocr", "b", "b"), "b": check("document_ocr", "e", "e"), "e": end()}),
            &["graph.nodes.b.policy duplicate"],
        ),
        (
            json!({"s": start(), "a": {"type": "policy", "policy": "document_ocr", "auto": true,
            "next": {"passed": "e", "failed": "e", "blocked": "e"}}, "e": end()}),
            &[
                "graph.nodes.a.next.blocked unknown_field",
                "graph.nodes.a.auto unknown_field",
            ],
        ),
        (
            json!({"s": start(), "a": {"type": "policy", "next": {"passed": "e"}}, "e": end()}),
            &[
                "graph.nodes.a.policy required",
                "graph.nodes.a.next.failed required",
            ],
        ),
        (
            json!({"s": start(), "a": {"type": "terminal", "outcome": "maybe", "reason_code": "bad"}}),
            &[
                "graph.nodes.a.outcome unknown_value",
                "graph.nodes.a.reason_code unknown_value",
            ],
        ),
        (
            json!({"s": start(), "a": {"type": "wait", "next": {"continue": "e"}}, "e": end()}),
            &["graph.nodes.a.next.fail required"],
        ),
        (
            json!({"s": start(), "a": {"type": "conditional", "branches": []}, "e": end()}),
            &[
                "graph.nodes.a.default required",
                "graph.nodes.a.branches out_of_range",
            ],
        ),
        (
            json!({"s": start(), "a": {"type": "conditional", "default": "e", "branches": [
            {"when": {"field": "gate.x.decision", "op": "exists"}, "next": "q"}]}, "e": end()}),
            &[
                "graph.nodes.a.branches[0].next unknown_reference",
                "graph.nodes.a.branches[0].when.field unknown_reference",
            ],
        ),
        (
            json!({"s": start(), "a": {"type": "parallel", "policies": [{"policy": "palm_reading"}, {"policy": "age_verification",
            "config": {"minimum_age": 300}}], "next": {"passed": "e", "failed": "e"}}, "e": end()}),
            &[
                "graph.nodes.a.policies[0].policy unknown_reference",
                "graph.nodes.a.policies[1].config.minimum_age out_of_range",
            ],
        ),
        (
            json!({"s": start(), "_a": end(), "a": end()}),
            &["graph.nodes._a invalid", "graph.nodes._a unreachable"],
        ),
        (
            json!({"s": start(), "a": {"type": "loop"}}),
            &["graph.nodes.a.type unknown_value"],
        ),
    ];
    for (nodes, expected) in table {
        assert_eq!(of_graph(nodes), *expected, "{nodes}");
    }
    let many: serde_json::Map<String, Value> = (0..201).map(|n| (format!("n{n}"), end())).collect();
    assert_eq!(of_graph(&Value::Object(many)), ["graph.nodes too_many"]);
    let graph = json!({"nodes": {"s": end()}, "entri": "s"});
    let faults = Content::from_graph(graph).compile(&Catalog).unwrap_err();
    assert_eq!(
        listed(faults),
        [
            "graph.entry required",
            "graph.entri unknown_field",
            "graph.nodes required"
        ]
    );
}

#[test]
fn offences_of_bodies() {
    let create = |body: Value| listed(input::create(&body, &Catalog).err().unwrap_or_default());
    let with = |key: &str, value: Value| {
        let mut body = json!({"name": "n", "steps": kyc_with_a_gate()});
        body[key] = value;
        create(body)
    };
    assert_eq!(create(json!([])), [" wrong_type"]);
    assert_eq!(create(json!({})), ["name required", "steps required"]);
    assert_eq!(with("step", json!(1)), ["step unknown_field"]);
    assert_eq!(with("name", json!("")), ["name too_short"]);
    assert_eq!(with("name", json!(null)), ["name wrong_type"]);
    assert_eq!(
        with("name", json!("a\0")),
        ["body nul_character", "name nul_character"]
    );
    assert_eq!(with("graph", json!({})), ["graph invalid"]);
    assert_eq!(with("format", json!("graph")), ["format invalid"]);
    assert_eq!(
        with("rollout_percentage", json!(5)),
        ["rollout_percentage unknown_field"]
    );
    assert_eq!(with("isDefault", json!("yes")), ["is_default wrong_type"]);
    assert_eq!(
        with(
            "screening_settings",
            json!({"watchlist": {"on_hit": "ignore", "threshold": 2}, "risk": {"review_at": 90}, "x": 1})
        ),
        [
            "screening_settings.watchlist.on_hit unknown_value",
            "screening_settings.watchlist.threshold out_of_range",
            "screening_settings.risk.review_at out_of_range",
            "screening_settings.x unknown_field",
        ]
    );
    assert_eq!(
        with(
            "data_requirements",
            json!({
            "document": {"types": ["library_card"], "requird": true}, "selfie": "yes", "liveness": "maybe",
            "user_info": {"fields": {"shoe_size": {}, "email": {"collect": 1, "x": 2}}},
            "proof_of_address": {"max_age_days": 0}, "contact_otp": {"fax": true}})
        ),
        [
            "data_requirements.document.types[0] unknown_value",
            "data_requirements.document.requird unknown_field",
            "data_requirements.selfie wrong_type",
            "data_requirements.liveness unknown_value",
            "data_requirements.user_info.fields.shoe_size unknown_field",
            "data_requirements.user_info.fields.email.collect wrong_type",
            "data_requirements.user_info.fields.email.x unknown_field",
            "data_requirements.proof_of_address.max_age_days out_of_range",
            "data_requirements.contact_otp.fax unknown_field",
        ]
    );
    assert_eq!(
        with("profile", json!("us_enhanced")),
        ["profile invalid"; 3]
    );
}
