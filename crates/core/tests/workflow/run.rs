//! Runs of single workflows: routing, findings, gates, retries, subsets, second runs.

use std::time::Duration;

use serde_json::{Value, json};
use verifa_core::session::{CheckResult, CheckStatus, Metadata, RejectionReasonCode, ResultStatus};
use verifa_core::workflow::{
    ExternalDecision, Facts, Finish, NotAwaited, OnTimeout, Recorded, RunState, Step, default_steps,
};

use crate::support::{
    at, compile_graph, compile_steps, drive, drive_with, judge, kyc_with_a_gate, record, result,
};

fn finish(step: Step) -> Finish {
    match step {
        Step::Finish(finish) => finish,
        other => panic!("not finished: {other:?}"),
    }
}

/// Outcome, reason and grounds in one text.
fn told(step: Step) -> String {
    let finish = finish(step);
    let grounds: Vec<String> = finish
        .because
        .iter()
        .map(|because| format!("{}/{}", because.node, because.code))
        .collect();
    let reason = finish.reason_code.map_or("-", RejectionReasonCode::as_str);
    format!("{} {reason} [{}]", finish.outcome, grounds.join(" "))
}

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
        let metadata = metadata.as_object().unwrap().clone();
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
fn findings_are_applied_by_the_settings() {
    let run = |settings: Value, policy: &str, found: CheckResult| {
        let body = json!({"name": "n", "steps": [{"policy": "document_ocr"}], "screening_settings": settings});
        let made = verifa_core::workflow::input::create(&body, &crate::support::Catalog).unwrap();
        let facts = Facts {
            screening: made.compiled.screening.clone(),
            ..Facts::default()
        };
        let start = RunState::start(&made.compiled.graph);
        let (_, step) = drive(&made.compiled, start, &facts, &mut |call| {
            if call.policy == policy {
                found.clone()
            } else {
                CheckResult::passed()
            }
        });
        told(step)
    };
    let failed = || result(CheckStatus::Failed);
    let scored = |score| CheckResult {
        score: Some(score),
        ..CheckResult::passed()
    };
    let watchlist = "watchlist_screening";
    let risk = "risk_assessment";
    assert_eq!(
        run(
            json!({"watchlist": {"on_hit": "continue"}}),
            watchlist,
            failed()
        ),
        "approved - []"
    );
    assert_eq!(
        run(
            json!({"watchlist": {"on_hit": "reject"}}),
            watchlist,
            failed()
        ),
        "rejected watchlist_match [_auto.watchlist_screening/failed]"
    );
    assert_eq!(
        run(
            json!({"crossref": {"on_mismatch": "reject"}}),
            "identity_crossref",
            failed()
        ),
        "rejected identity_mismatch [_auto.identity_crossref/failed]"
    );
    assert_eq!(run(json!({}), risk, scored(50.0)), "approved - []");
    assert_eq!(
        run(json!({}), risk, scored(51.0)),
        "needs_review - [_auto.risk_assessment/passed]"
    );
    assert_eq!(
        run(json!({}), risk, scored(81.0)),
        "rejected high_risk [_auto.risk_assessment/passed]"
    );
    assert_eq!(
        run(json!({"risk": {"review_at": 81}}), risk, scored(80.0)),
        "approved - []"
    );
    let blocked = CheckResult {
        route: Some(ResultStatus::Rejected),
        ..scored(3.0)
    };
    assert_eq!(
        run(json!({}), risk, blocked),
        "rejected high_risk [_auto.risk_assessment/passed]"
    );
}

#[test]
fn a_blocking_risk_signal_rejects_even_a_review() {
    let compiled = compile_steps(default_steps());
    let facts = Facts::default();
    let (_, step) = drive(
        &compiled,
        RunState::start(&compiled.graph),
        &facts,
        &mut |call| match call.policy.as_str() {
            "risk_assessment" => CheckResult {
                route: Some(ResultStatus::Rejected),
                ..CheckResult::with_reason(CheckStatus::Failed, "virtual_camera", "blocked")
            },
            "age_verification" => result(CheckStatus::Failed),
            _ => CheckResult::passed(),
        },
    );
    assert_eq!(
        told(step),
        "rejected high_risk [_auto.risk_assessment/virtual_camera]"
    );
}

#[test]
fn auto_approve_decides_by_what_it_finds() {
    let compiled = compile_steps(json!([
        {"policy": "document_ocr", "on_fail": "continue"},
        {"policy": "age_verification", "on_fail": "continue", "when": {"field": "session.country", "op": "==", "value": "DE"}},
        {"id": "done", "policy": "auto_approve"},
    ]));
    let facts = Facts::default();
    let decide = |route: Option<ResultStatus>| {
        let (state, step) = drive(
            &compiled,
            RunState::start(&compiled.graph),
            &facts,
            &mut |call| match call.policy.as_str() {
                "document_ocr" => {
                    CheckResult::with_reason(CheckStatus::Failed, "document_data_mismatch", "x")
                }
                "watchlist_screening" => result(CheckStatus::Skipped),
                "auto_approve" => CheckResult {
                    route,
                    ..result(CheckStatus::Failed)
                },
                _ => CheckResult::passed(),
            },
        );
        (state, told(step))
    };
    let (state, doubt) = decide(None);
    assert_eq!(
        doubt,
        "needs_review - [document_ocr/document_data_mismatch]"
    );
    assert_eq!(
        decide(Some(ResultStatus::Rejected)).1,
        "rejected document_data_mismatch [document_ocr/document_data_mismatch]"
    );
    let before: Vec<String> = state
        .earlier_checks(&compiled.screening)
        .iter()
        .map(|check| {
            format!(
                "{} {} {} {:?}",
                check.policy, check.status, check.passed_over, check.finding
            )
        })
        .collect();
    assert_eq!(
        before,
        [
            "document_ocr failed false None",
            "watchlist_screening skipped false None",
            "identity_crossref passed false None",
            "age_verification skipped true None",
            "auto_approve failed false None",
            "risk_assessment passed false None",
        ]
    );
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
