//! What checks found, and what becomes of it at the end.

use serde_json::{Value, json};
use verifa_core::session::{CheckResult, CheckStatus, ResultStatus};
use verifa_core::workflow::{Facts, RunState, default_steps};

use crate::support::{compile_steps, drive, result, told};

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
