//! Runs of single workflows: routing, findings, gates, retries, subsets, second runs.

use std::time::Duration;

use serde_json::json;
use verifa_core::session::{CheckResult, CheckStatus};
use verifa_core::workflow::{Facts, NotAwaited, Recorded, RunState, Step, default_steps};

use crate::support::{
    at, compile_steps, drive, drive_with, judge, kyc_with_a_gate, record, result, told,
};

/// The way of a run as node ids with status, in order.
fn way(state: &RunState) -> String {
    let line = |(node, result): (&String, &verifa_core::workflow::NodeResult)| {
        let skipped = result
            .passed_over()
            .then(|| format!(":{}", result.reasons[0]));
        format!("{node}={}{}", result.status, skipped.unwrap_or_default())
    };
    state
        .node_results
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_default_workflow_by_outcome_of_its_checks() {
    use CheckStatus::{Error, Failed, Skipped};
    let compiled = compile_steps(default_steps());
    for (others, expected) in [
        (vec![], "approved - []"),
        (
            vec![("document_ocr", Failed)],
            "needs_review - [scan/failed]",
        ),
        (
            vec![("age_verification", Failed)],
            "needs_review - [age/failed]",
        ),
        (
            vec![("age_verification", Skipped)],
            "needs_review - [age/skipped]",
        ),
        (
            vec![
                ("watchlist_screening", Skipped),
                ("risk_assessment", Skipped),
            ],
            "approved - []",
        ),
        (
            vec![("watchlist_screening", Failed)],
            "needs_review - [_auto.watchlist_screening/failed]",
        ),
        (
            vec![("watchlist_screening", Error)],
            "needs_review - [_auto.watchlist_screening/error]",
        ),
        (
            vec![("risk_assessment", Error)],
            "needs_review - [_auto.risk_assessment/error]",
        ),
        (
            vec![("identity_crossref", Failed)],
            "needs_review - [_auto.identity_crossref/failed]",
        ),
    ] {
        let (_, step) = drive_with(&compiled, &Facts::default(), &others);
        assert_eq!(told(step), expected, "{others:?}");
    }
    let (state, step) = drive_with(
        &compiled,
        &Facts::default(),
        &[("document_expiration", Error)],
    );
    let Step::Broken { node, because } = step else {
        panic!("{step:?}")
    };
    assert_eq!(
        (node.as_str(), because[0].policy.as_deref()),
        ("expiry", Some("document_expiration"))
    );
    assert_eq!(state.node_results["expiry"].routed_to, None);
}

#[test]
fn immediate_rejection_has_its_reason_and_no_risk_assessment() {
    let compiled = compile_steps(kyc_with_a_gate());
    let (state, step) = drive_with(
        &compiled,
        &Facts::default(),
        &[("document_ocr", CheckStatus::Failed)],
    );
    assert_eq!(told(step), "rejected document_unreadable [scan/failed]");
    assert_eq!(
        way(&state),
        "scan=failed _auto.watchlist_screening=passed _auto.identity_crossref=passed"
    );
    assert_eq!(
        state.node_results["scan"].routed_to.as_deref(),
        Some("_auto.watchlist_screening")
    );
    assert_eq!(state.node_results["scan"].duration_ms, 1_000);
}

#[test]
fn retries_come_after_1_4_16_and_64_seconds_then_error() {
    let compiled = compile_steps(json!([{"policy": "document_ocr", "on_error": "review"}]));
    let (mut state, step) =
        RunState::start(&compiled.graph).advance(&compiled.graph, &Facts::default());
    let Step::RunCheck(call) = step else {
        panic!("{step:?}")
    };
    let trouble = result(CheckStatus::RequiresRetry);
    for seconds in [1, 4, 16, 64] {
        let (next, recorded) = record(&compiled.graph, state, &call, &trouble);
        assert_eq!(recorded, Recorded::RetryAfter(Duration::from_secs(seconds)));
        let (advanced, step) = next.advance(&compiled.graph, &Facts::default());
        assert!(
            matches!(step, Step::RunCheck(again) if again.policy == call.policy && again.retry > 0)
        );
        state = advanced;
    }
    let (state, recorded) = record(&compiled.graph, state, &call, &trouble);
    assert_eq!(recorded, Recorded::Done);
    assert_eq!(
        state.node_results["document_ocr"].status,
        CheckStatus::Error
    );
    let (_, step) = drive(&compiled, state, &Facts::default(), &mut |call| {
        judge(call, &[])
    });
    assert_eq!(told(step), "needs_review - [document_ocr/requires_retry]");
}

#[test]
fn a_group_joins_by_its_worst() {
    use CheckStatus::{Error, Failed, Skipped};
    let compiled = compile_steps(
        json!([{"id": "both", "type": "parallel", "on_fail": "reject", "on_error": "review",
        "on_skipped": "continue", "steps": [
            {"policy": "document_ocr"}, {"policy": "face_match"}, {"policy": "age_verification"}]}]),
    );
    for (others, expected) in [
        (vec![], "approved - []"),
        (vec![("face_match", Skipped)], "approved - []"),
        (
            vec![("face_match", Skipped), ("age_verification", Failed)],
            "rejected face_mismatch [both/skipped both/failed]",
        ),
        (
            vec![("age_verification", Failed)],
            "rejected underage [both/failed]",
        ),
        (
            vec![("document_ocr", Error), ("age_verification", Failed)],
            "needs_review - [both/error both/failed]",
        ),
    ] {
        let (state, step) = drive_with(&compiled, &Facts::default(), &others);
        assert_eq!(told(step), expected, "{others:?}");
        assert_eq!(state.node_results["both"].policies.len(), 3);
        assert_eq!(
            state.result_of("face_match").unwrap().policy.as_deref(),
            Some("face_match")
        );
    }
    // One result at a time, in any order, each once.
    let (state, step) =
        RunState::start(&compiled.graph).advance(&compiled.graph, &Facts::default());
    let Step::RunParallel { checks, .. } = step else {
        panic!("{step:?}")
    };
    let (state, _) = record(&compiled.graph, state, &checks[2], &CheckResult::passed());
    let (state, step) = state.advance(&compiled.graph, &Facts::default());
    let Step::RunParallel { checks: left, .. } = step else {
        panic!("{step:?}")
    };
    assert_eq!(left, checks[..2]);
    let again = verifa_core::workflow::Attempt {
        result: &CheckResult::passed(),
        number: 1,
        started_at: at(1),
        completed_at: at(2),
    };
    assert_eq!(
        state.record(&compiled.graph, "age_verification", &again),
        Err(NotAwaited)
    );
}

#[test]
fn a_session_may_ask_for_fewer_checks() {
    let compiled = compile_steps(json!([
        {"policy": "document_ocr"}, {"policy": "face_match", "on_fail": "reject"},
        {"policy": "risk_assessment"}, {"id": "done", "policy": "auto_approve"}]));
    let facts = Facts {
        requested: Some([String::from("document_ocr")].into()),
        ..Facts::default()
    };
    let (state, step) = drive_with(&compiled, &facts, &[]);
    assert_eq!(told(step), "approved - []");
    assert_eq!(
        way(&state),
        "document_ocr=passed _auto.watchlist_screening=passed _auto.identity_crossref=passed \
         face_match=skipped:not_requested risk_assessment=passed done=passed"
    );
}

#[test]
fn a_step_with_a_false_condition_is_passed_over() {
    let compiled = compile_steps(json!([
        {"policy": "document_ocr"},
        {"policy": "face_match", "on_fail": "reject", "when": {"field": "checks.document_ocr.score", "op": "<", "value": 0.5}},
        {"id": "gate", "type": "external_gate", "when": {"field": "session.metadata.plan", "op": "==", "value": "big"}},
        {"id": "both", "type": "parallel", "steps": [{"policy": "age_verification"}],
            "when": {"field": "extracted.date_of_birth", "op": ">", "value": "2000-01-01"}},
    ]));
    let (state, step) = drive_with(&compiled, &Facts::default(), &[]);
    assert_eq!(told(step), "approved - []");
    assert_eq!(
        way(&state),
        "document_ocr=passed _auto.watchlist_screening=passed _auto.identity_crossref=passed \
         face_match=skipped:condition gate=skipped:condition both=skipped:condition _auto.risk_assessment=passed"
    );
    assert!(state.result_of("age_verification").unwrap().passed_over());
}

#[test]
fn a_retry_keeps_what_was_judged_before() {
    let compiled = compile_steps(default_steps());
    let graph = &compiled.graph;
    let facts = Facts::default();
    let (first, step) = drive_with(
        &compiled,
        &facts,
        &[("document_expiration", CheckStatus::Failed)],
    );
    assert_eq!(told(step), "needs_review - [expiry/failed]");
    let mut ran = Vec::new();
    let retried = RunState::repeat(graph, &first, "document_expiration").unwrap();
    let (second, step) = drive(&compiled, retried, &facts, &mut |call| {
        ran.push(call.policy.clone());
        CheckResult::passed()
    });
    assert_eq!(told(step), "approved - []");
    assert_eq!(
        ran,
        [
            "document_expiration",
            "age_verification",
            "auto_approve",
            "risk_assessment"
        ]
    );
    assert_eq!(
        second.node_results["scan"].started_at,
        first.node_results["scan"].started_at
    );
    assert_eq!(
        RunState::repeat(graph, &first, "age_verification"),
        Err(NotAwaited)
    );

    let mut ran = Vec::new();
    let overridden = RunState::overridden(graph, &first, "document_expiration", true).unwrap();
    let (third, step) = drive(&compiled, overridden, &facts, &mut |call| {
        ran.push(call.policy.clone());
        CheckResult::passed()
    });
    assert_eq!(told(step), "approved - []");
    assert_eq!(ran, ["age_verification", "auto_approve"]);
    assert_eq!(third.node_results["expiry"].reasons, ["overridden"]);
}
