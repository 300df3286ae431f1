//! Compiled graphs, looked at as a whole.

use serde_json::json;
use verifa_core::session::{ApplicantFields, DocumentType, IdKind};
use verifa_core::workflow::{Content, Graph, Node, default_steps, input};

use crate::support::{Catalog, compile_graph, compile_steps, kyc_with_a_gate};

/// A graph as text: one line per node, its kind and its edges.
fn drawn(graph: &Graph) -> String {
    let mut lines = vec![format!("entry {}", graph.entry)];
    for (id, node) in &graph.nodes {
        let kind = match node {
            Node::Start(_) => "start".to_owned(),
            Node::Policy(node) if node.auto => format!("auto {}", node.policy),
            Node::Policy(node) => node.policy.clone(),
            Node::Parallel(node) => {
                let names: Vec<&str> = node
                    .policies
                    .iter()
                    .map(|call| call.policy.as_str())
                    .collect();
                names.join(" + ")
            }
            Node::Conditional(_) => "conditional".to_owned(),
            Node::Wait(_) => "gate".to_owned(),
            Node::Terminal(end) => format!("end {}", end.outcome),
        };
        lines.push(format!("{id}: {kind}"));
        lines.extend(
            node.edges()
                .iter()
                .map(|(label, target)| format!("    {label} -> {target}")),
        );
    }
    lines.join("\n")
}

#[test]
fn the_example_of_the_specification() {
    let compiled = compile_steps(kyc_with_a_gate());
    insta::assert_snapshot!(drawn(&compiled.graph), @r#"
    entry _start
    _start: start
        next -> scan
    scan: document_ocr
        passed -> _auto.watchlist_screening
        failed -> _auto.watchlist_screening
    face: face_match
        passed -> gate
        failed -> gate
    gate: gate
        continue -> done
        fail -> _auto.risk_assessment
        reject -> _end.rejected
        review -> _auto.risk_assessment
    done: auto_approve
        passed -> _auto.risk_assessment
        failed -> _auto.risk_assessment
        blocked -> _end.rejected
    _end.approved: end approved
    _end.rejected: end rejected
    _end.needs_review: end needs_review
    _auto.risk_assessment: auto risk_assessment
        gate.fail -> _end.needs_review
        gate.review -> _end.needs_review
        done.passed -> _end.approved
        done.failed -> _end.needs_review
    _auto.identity_crossref: auto identity_crossref
        scan.passed -> face
        scan.failed -> _end.rejected
    _auto.watchlist_screening: auto watchlist_screening
        scan.passed -> _auto.identity_crossref
        scan.failed -> _auto.identity_crossref
    "#);
}

#[test]
fn a_graph_survives_its_json() {
    let compiled = compile_steps(kyc_with_a_gate());
    let text = serde_json::to_string(&compiled).unwrap();
    assert_eq!(
        serde_json::from_str::<verifa_core::workflow::Compiled>(&text).unwrap(),
        compiled
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&compiled.graph.nodes["gate"]).unwrap(), @r#"
    {
      "type": "wait",
      "config": {
        "timeout_minutes": 1440,
        "on_timeout": "review"
      },
      "next": {
        "continue": "done",
        "fail": "_auto.risk_assessment",
        "reject": "_end.rejected",
        "review": "_auto.risk_assessment"
      }
    }
    "#);
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&compiled.graph.nodes["_auto.watchlist_screening"]).unwrap(), @r#"
    {
      "type": "policy",
      "policy": "watchlist_screening",
      "config": {
        "threshold": 0.6
      },
      "auto": true,
      "next": {
        "scan.passed": "_auto.identity_crossref",
        "scan.failed": "_auto.identity_crossref"
      }
    }
    "#
    );
}

#[test]
fn without_a_document_the_checks_stand_at_the_start() {
    let compiled =
        compile_steps(json!([{"id": "gate", "type": "external_gate", "on_fail": "reject"}]));
    insta::assert_snapshot!(drawn(&compiled.graph), @r#"
    entry _start
    _start: start
        next -> _auto.watchlist_screening
    gate: gate
        continue -> _auto.risk_assessment
        fail -> _end.rejected
        reject -> _end.rejected
        review -> _auto.risk_assessment
    _end.approved: end approved
    _end.rejected: end rejected
    _end.needs_review: end needs_review
    _auto.risk_assessment: auto risk_assessment
        gate.continue -> _end.approved
        gate.review -> _end.needs_review
    _auto.identity_crossref: auto identity_crossref
        _start.next -> gate
    _auto.watchlist_screening: auto watchlist_screening
        _start.next -> _auto.identity_crossref
    "#);
}

#[test]
fn words_of_steps_become_edges() {
    let compiled = compile_steps(json!([
        {"policy": "document_ocr", "on_fail": "continue", "on_error": "review", "on_skipped": "reject"},
        {"id": "both", "type": "parallel", "on_fail": {"goto": "last"}, "on_error": "continue", "steps": [
            {"policy": "document_expiration"}, {"id": "x", "policy": "age_verification", "config": {"minimum_age": 21}}]},
        {"policy": "identity_crossref"},
        {"id": "last", "policy": "risk_assessment", "on_fail": "reject", "on_error": "fail_session"},
    ]));
    insta::assert_snapshot!(drawn(&compiled.graph), @r#"
    entry _start
    _start: start
        next -> document_ocr
    document_ocr: document_ocr
        passed -> _auto.watchlist_screening
        failed -> _auto.watchlist_screening
        error -> _auto.watchlist_screening
        skipped -> _auto.watchlist_screening
    both: document_expiration + age_verification
        passed -> identity_crossref
        failed -> last
        error -> identity_crossref
    identity_crossref: identity_crossref
        passed -> last
        failed -> _auto.risk_assessment
    last: risk_assessment
        passed -> _auto.identity_crossref
        failed -> _end.rejected
    _end.approved: end approved
    _end.rejected: end rejected
    _end.needs_review: end needs_review
    _auto.risk_assessment: auto risk_assessment
        document_ocr.error -> _end.needs_review
        identity_crossref.failed -> _end.needs_review
    _auto.identity_crossref: auto identity_crossref
        document_ocr.error -> _auto.risk_assessment
        last.passed -> _end.approved
    _auto.watchlist_screening: auto watchlist_screening
        document_ocr.passed -> both
        document_ocr.failed -> both
        document_ocr.error -> _auto.identity_crossref
        document_ocr.skipped -> _end.rejected
    "#);
}

#[test]
fn paths_around_the_document_are_sessions_too() {
    let compiled = compile_graph(json!({"entry": "s", "nodes": {
        "s": {"type": "start", "next": "fork"},
        "fork": {"type": "conditional", "default": "talk",
            "branches": [{"when": {"field": "session.country", "op": "==", "value": "DE"}, "next": "group"}]},
        "group": {"type": "parallel", "policies": [{"policy": "document_ocr"}, {"policy": "face_match"}],
            "next": {"passed": "yes", "failed": "no", "error": "look"}},
        "talk": {"type": "wait", "next": {"continue": "yes", "fail": "no"}},
        "yes": {"type": "terminal", "outcome": "approved"},
        "no": {"type": "terminal", "outcome": "rejected", "reason_code": "other"},
        "look": {"type": "terminal", "outcome": "needs_review"},
    }}));
    insta::assert_snapshot!(drawn(&compiled.graph), @r#"
    entry s
    s: start
        next -> fork
    fork: conditional
        branches[0] -> group
        default -> _auto.watchlist_screening
    group: document_ocr + face_match
        passed -> _auto.watchlist_screening
        failed -> _auto.watchlist_screening
        error -> _auto.watchlist_screening
    talk: gate
        continue -> _auto.risk_assessment
        fail -> no
        reject -> _end.rejected
        review -> _auto.risk_assessment
    yes: end approved
    no: end rejected
    look: end needs_review
    _end.rejected: end rejected
    _end.needs_review: end needs_review
    _auto.risk_assessment: auto risk_assessment
        group.passed -> yes
        group.error -> look
        talk.continue -> yes
        talk.review -> _end.needs_review
    _auto.identity_crossref: auto identity_crossref
        fork.default -> talk
        group.passed -> _auto.risk_assessment
        group.failed -> no
        group.error -> _auto.risk_assessment
    _auto.watchlist_screening: auto watchlist_screening
        fork.default -> _auto.identity_crossref
        group.passed -> _auto.identity_crossref
        group.failed -> _auto.identity_crossref
        group.error -> _auto.identity_crossref
    "#);
}

#[test]
fn the_operators_own_screening_is_completed_where_it_is_missed() {
    let compiled = compile_steps(json!([
        {"policy": "document_ocr", "on_fail": {"goto": "done"}},
        {"policy": "watchlist_screening", "on_fail": "reject"},
        {"id": "done", "policy": "auto_approve"},
    ]));
    insta::assert_snapshot!(drawn(&compiled.graph), @r#"
    entry _start
    _start: start
        next -> document_ocr
    document_ocr: document_ocr
        passed -> _auto.identity_crossref
        failed -> _auto.identity_crossref
    watchlist_screening: watchlist_screening
        passed -> done
        failed -> _end.rejected
    done: auto_approve
        passed -> _auto.watchlist_screening
        failed -> _auto.watchlist_screening
        blocked -> _end.rejected
    _end.approved: end approved
    _end.rejected: end rejected
    _end.needs_review: end needs_review
    _auto.risk_assessment: auto risk_assessment
        done.passed -> _end.approved
        done.failed -> _end.needs_review
    _auto.watchlist_screening: auto watchlist_screening
        done.passed -> _auto.risk_assessment
        done.failed -> _auto.risk_assessment
    _auto.identity_crossref: auto identity_crossref
        document_ocr.passed -> watchlist_screening
        document_ocr.failed -> done
    "#);
}

#[test]
fn the_default_workflow() {
    let compiled = compile_steps(default_steps());
    insta::assert_snapshot!(drawn(&compiled.graph), @r#"
    entry _start
    _start: start
        next -> scan
    scan: document_ocr
        passed -> _auto.watchlist_screening
        failed -> _auto.watchlist_screening
    expiry: document_expiration
        passed -> age
        failed -> _auto.risk_assessment
    age: age_verification
        passed -> decision
        failed -> _auto.risk_assessment
    decision: auto_approve
        passed -> _auto.risk_assessment
        failed -> _auto.risk_assessment
        blocked -> _end.rejected
    _end.approved: end approved
    _end.rejected: end rejected
    _end.needs_review: end needs_review
    _auto.risk_assessment: auto risk_assessment
        scan.failed -> _end.needs_review
        expiry.failed -> _end.needs_review
        age.failed -> _end.needs_review
        decision.passed -> _end.approved
        decision.failed -> _end.needs_review
    _auto.identity_crossref: auto identity_crossref
        scan.passed -> expiry
        scan.failed -> _auto.risk_assessment
    _auto.watchlist_screening: auto watchlist_screening
        scan.passed -> _auto.identity_crossref
        scan.failed -> _auto.identity_crossref
    "#);
    assert_eq!(compiled.step_count, 4);
    assert!(!compiled.requirements.selfie);
    assert!(compiled.requirements.document.unwrap().required);
}

#[test]
fn requirements_follow_the_operators_checks() {
    let none = ApplicantFields::default();
    let missing = |steps, have: &[DocumentType], kind| -> Vec<String> {
        let needs = compile_steps(steps).requirements;
        let faults = needs.missing(&have.iter().copied().collect(), kind, &none);
        faults.into_iter().map(|fault| fault.field).collect()
    };
    assert_eq!(
        missing(kyc_with_a_gate(), &[], None),
        ["id_front", "selfie"]
    );
    assert_eq!(
        missing(
            kyc_with_a_gate(),
            &[DocumentType::IdFront],
            Some(IdKind::NationalId)
        ),
        ["id_back", "selfie"]
    );
    assert!(
        missing(
            default_steps(),
            &[DocumentType::IdFront],
            Some(IdKind::Passport)
        )
        .is_empty()
    );
    assert!(missing(json!([{"id": "g", "type": "external_gate"}]), &[], None).is_empty());

    let given = input::create(
        &json!({"name": "form", "steps": [{"policy": "auto_approve"}], "data_requirements": {
            "userInfo": {"fields": {"email": {"required": true}, "address.city": {"collect": true}}}}}),
        &Catalog,
    )
    .unwrap();
    let needs = given.compiled.requirements;
    let faults = needs.missing(&[].into(), None, &none);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].field, "fields.email");
    insta::assert_snapshot!(serde_json::to_string(&needs).unwrap(), @r#"{"document":null,"selfie":false,"liveness":"off","user_info":{"fields":{"email":{"collect":true,"required":true},"address.city":{"collect":true,"required":false}}},"proof_of_address":null,"contact_otp":{"email":false,"phone":false}}"#);
}

#[test]
fn only_content_makes_a_version() {
    let body = json!({"name": "a", "steps": kyc_with_a_gate(), "description": "x"});
    let made = input::create(&body, &Catalog).unwrap();
    assert!(made.new_version);
    let current = made.content;
    let changes = |body| {
        input::update(&body, &current, None, &Catalog)
            .unwrap()
            .new_version
    };
    assert!(!changes(
        json!({"name": "b", "description": null, "graph_layout": {"scan": [1, 2]}, "rollout_percentage": 5})
    ));
    assert!(!changes(json!({"steps": kyc_with_a_gate()})));
    assert!(!changes(json!({})));
    assert!(changes(json!({"steps": [{"policy": "document_ocr"}]})));
    assert!(changes(
        json!({"screening_settings": {"risk": {"review_at": 10}}})
    ));
    assert!(changes(json!({"data_requirements": {"selfie": true}})));
    assert_eq!(
        serde_json::from_value::<Content>(serde_json::to_value(&current).unwrap()).unwrap(),
        current
    );
}
