//! A catalogue of checks and a driver of runs for the tests.

use serde_json::{Value, json};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::{CheckResult, CheckStatus, RejectionReasonCode};
use verifa_core::time::Timestamp;
use verifa_core::workflow::{
    Attempt, CheckCall, Compiled, Content, Facts, Finish, Graph, PolicyCatalog, Recorded, RunState,
    Step,
};

/// Knows the checks that the tests place. `age_verification` takes `minimum_age` from 1 to 120.
pub(crate) struct Catalog;

pub(crate) const POLICIES: &[&str] = &[
    "document_ocr",
    "document_expiration",
    "id_document_filter",
    "age_verification",
    "face_match",
    "identity_crossref",
    "watchlist_screening",
    "risk_assessment",
    "auto_approve",
];

impl PolicyCatalog for Catalog {
    fn known(&self, name: &str) -> bool {
        POLICIES.contains(&name)
    }

    fn validate_config(&self, name: &str, config: &Value) -> Vec<Fault> {
        let age = config
            .get("minimum_age")
            .and_then(Value::as_u64)
            .unwrap_or(18);
        if name == "age_verification" && !(1..=120).contains(&age) {
            return vec![Fault::new("minimum_age", FaultCode::OutOfRange, "1 to 120")];
        }
        Vec::new()
    }
}

/// The "KYC with a gate" of spec/workflows.md.
pub(crate) fn kyc_with_a_gate() -> Value {
    json!([
        {"id": "scan", "type": "policy", "policy": "document_ocr", "on_fail": "reject"},
        {"id": "face", "type": "policy", "policy": "face_match", "config": {"security_level": "strict"},
         "on_fail": {"goto": "gate"}},
        {"id": "gate", "type": "external_gate",
         "config": {"timeout_minutes": 1440, "on_timeout": "review"}, "on_fail": "review"},
        {"id": "done", "type": "policy", "policy": "auto_approve"},
    ])
}

pub(crate) fn compile_steps(steps: Value) -> Compiled {
    Content::from_steps(steps).compile(&Catalog).unwrap()
}

pub(crate) fn compile_graph(graph: Value) -> Compiled {
    Content::from_graph(graph).compile(&Catalog).unwrap()
}

/// A check result of a status, with the status as its reason.
pub(crate) fn result(status: CheckStatus) -> CheckResult {
    CheckResult::with_reason(status, status.as_str(), "for a test")
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

pub(crate) fn record(
    graph: &Graph,
    state: RunState,
    call: &CheckCall,
    result: &CheckResult,
) -> (RunState, Recorded) {
    let attempt = Attempt {
        result,
        number: call.retry + 1,
        started_at: at(100),
        completed_at: at(101),
    };
    state.record(graph, &call.policy, &attempt).unwrap()
}

/// Drives a run with `judge` until it pauses or ends.
pub(crate) fn drive(
    compiled: &Compiled,
    mut state: RunState,
    facts: &Facts,
    judge: &mut dyn FnMut(&CheckCall) -> CheckResult,
) -> (RunState, Step) {
    let graph = &compiled.graph;
    loop {
        let (advanced, step) = state.advance(graph, facts);
        state = advanced;
        let calls = match step {
            Step::RunCheck(call) => vec![call],
            Step::RunParallel { checks, .. } => checks,
            other => return (state, other),
        };
        for call in calls {
            let result = judge(&call);
            state = record(graph, state, &call, &result).0;
        }
    }
}

/// Drives a run in which every check passes but those named, which get the given status.
pub(crate) fn drive_with(
    compiled: &Compiled,
    facts: &Facts,
    others: &[(&str, CheckStatus)],
) -> (RunState, Step) {
    let start = RunState::start(&compiled.graph);
    let facts = Facts {
        screening: compiled.screening.clone(),
        ..facts.clone()
    };
    drive(compiled, start, &facts, &mut |call| judge(call, others))
}

/// Every check passes but those named.
pub(crate) fn judge(call: &CheckCall, others: &[(&str, CheckStatus)]) -> CheckResult {
    let other = others.iter().find(|(policy, _)| *policy == call.policy);
    result(other.map_or(CheckStatus::Passed, |(_, status)| *status))
}

/// The end of a run that has one.
pub(crate) fn finish(step: Step) -> Finish {
    match step {
        Step::Finish(finish) => finish,
        other => panic!("not finished: {other:?}"),
    }
}

/// Outcome, reason and grounds in one text.
pub(crate) fn told(step: Step) -> String {
    let finish = finish(step);
    let grounds: Vec<String> = finish
        .because
        .iter()
        .map(|because| format!("{}/{}", because.node, because.code))
        .collect();
    let reason = finish.reason_code.map_or("-", RejectionReasonCode::as_str);
    format!("{} {reason} [{}]", finish.outcome, grounds.join(" "))
}
