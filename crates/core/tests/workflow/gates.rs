//! Runs that pause at external gates.

use std::time::Duration;

use serde_json::{Value, json};
use verifa_core::session::{CheckStatus, Metadata, ResultStatus};
use verifa_core::workflow::{ExternalDecision, Facts, NotAwaited, OnTimeout, RunState, Step};

use crate::support::{
    at, compile_graph, compile_steps, drive, drive_with, finish, judge, kyc_with_a_gate, told,
};

#[test]
fn the_gate_pauses_and_takes_each_decision() {
    let compiled = compile_steps(kyc_with_a_gate());
    let graph = &compiled.graph;
    let facts = Facts::default();
    let (paused, step) = drive_with(&compiled, &facts, &[("face_match", CheckStatus::Failed)]);
    let gate = Step::PauseAtGate {
        node: "gate".into(),
        timeout: Duration::from_hours(24),
        on_timeout: OnTimeout::Review,
    };
    assert_eq!(step, gate);
    let decided = |decision| {
        let state = paused
            .clone()
            .decide(
                graph,
                Some("gate"),
                decision,
                Metadata::new(),
                at(5),
                "key_x",
            )
            .unwrap();
        drive(&compiled, state, &facts, &mut |call| judge(call, &[])).1
    };
    assert_eq!(told(decided(ExternalDecision::Continue)), "approved - []");
    assert_eq!(
        told(decided(ExternalDecision::Fail)),
        "needs_review - [gate/external_rejected]"
    );
    assert_eq!(
        told(decided(ExternalDecision::Reject)),
        "rejected external_rejected [gate/external_rejected]"
    );
    let timed_out = paused.clone().time_out(graph, "gate", at(9)).unwrap();
    assert_eq!(timed_out.gate_decisions[0].by, "timeout");
    let (_, step) = drive(&compiled, timed_out.clone(), &facts, &mut |call| {
        judge(call, &[])
    });
    assert_eq!(told(step), "needs_review - [gate/external_timeout]");

    // Another gate, a second decision, a result nobody waits for: all refused.
    let decide = |state: RunState, node| {
        state.decide(
            graph,
            node,
            ExternalDecision::Continue,
            Metadata::new(),
            at(5),
            "key_x",
        )
    };
    assert_eq!(decide(paused.clone(), Some("other")), Err(NotAwaited));
    assert_eq!(decide(timed_out.clone(), None), Err(NotAwaited));
    assert_eq!(timed_out.time_out(graph, "gate", at(9)), Err(NotAwaited));
    assert!(decide(paused, None).is_ok());
}

#[test]
fn a_timeout_may_reject() {
    for word in ["reject", "fail"] {
        let compiled = compile_steps(json!([
            {"id": "gate", "type": "external_gate", "config": {"on_timeout": word}, "on_fail": "reject"}]));
        let (paused, _) = drive_with(&compiled, &Facts::default(), &[]);
        let state = paused.time_out(&compiled.graph, "gate", at(1)).unwrap();
        let (_, step) = drive(&compiled, state, &Facts::default(), &mut |call| {
            judge(call, &[])
        });
        assert_eq!(
            told(step),
            "rejected external_timeout [gate/external_timeout]",
            "{word}"
        );
    }
}

#[test]
fn gate_metadata_is_read_downstream() {
    let compiled = compile_graph(json!({"entry": "s", "nodes": {
        "s": {"type": "start", "next": "gate"},
        "gate": {"type": "wait", "next": {"continue": "fork", "fail": "no"}},
        "fork": {"type": "conditional", "default": "no", "branches": [
            {"when": {"all": [{"field": "gate.gate.metadata.tier", "op": "in", "value": ["gold", "silver"]},
                              {"field": "gate.gate.decision", "op": "==", "value": "continue"}]}, "next": "yes"}]},
        "yes": {"type": "terminal", "outcome": "approved"},
        "no": {"type": "terminal", "outcome": "rejected"},
    }}));
    let run = |metadata: Value| {
        let (paused, _) = drive_with(&compiled, &Facts::default(), &[]);
        let metadata = Metadata::from(metadata.as_object().unwrap().clone());
        let state = paused
            .decide(
                &compiled.graph,
                None,
                ExternalDecision::Continue,
                metadata,
                at(1),
                "k",
            )
            .unwrap();
        let (state, step) = drive(&compiled, state, &Facts::default(), &mut |call| {
            judge(call, &[])
        });
        (told(step), state.notes.len())
    };
    assert_eq!(run(json!({"tier": "gold"})), ("approved - []".into(), 0));
    assert_eq!(
        run(json!({"tier": 3})),
        (
            "rejected other [fork/branches]".replace("branches", "default"),
            1
        )
    );
    assert_eq!(run(json!({})).0, "rejected other [fork/default]");
}

#[test]
fn a_gate_decision_stands_in_a_retry() {
    let compiled = compile_steps(kyc_with_a_gate());
    let facts = Facts::default();
    let (paused, _) = drive_with(&compiled, &facts, &[("face_match", CheckStatus::Failed)]);
    let state = paused
        .decide(
            &compiled.graph,
            None,
            ExternalDecision::Fail,
            Metadata::new(),
            at(5),
            "k",
        )
        .unwrap();
    let (first, step) = drive(&compiled, state, &facts, &mut |call| judge(call, &[]));
    assert_eq!(finish(step).outcome, ResultStatus::NeedsReview);
    let again = RunState::repeat(&compiled.graph, &first, "face_match").unwrap();
    let (_, step) = drive(&compiled, again, &facts, &mut |call| judge(call, &[]));
    assert_eq!(told(step), "needs_review - [gate/external_rejected]");
}
