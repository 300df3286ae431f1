//! Inputs for checks, and their outcome in short.

use std::sync::Arc;

use serde_json::Value;
use verifa_checks::{CheckInput, CheckOutcome, ExtractedData, Registry};
use verifa_core::session::{ApplicantFields, CheckStatus};

/// An input with nothing in it, on 21 November 2026, on a machine without models.
pub(crate) fn input() -> CheckInput {
    CheckInput {
        now: "2026-11-21T12:00:00Z".parse().unwrap(),
        documents: Vec::new(),
        extracted: ExtractedData::default(),
        fields: ApplicantFields::default(),
        country: None,
        id_kind: None,
        earlier: Vec::new(),
        models: Arc::new(|| Err("The models are not installed.".to_owned())),
    }
}

/// An input whose document says these things.
pub(crate) fn with_document(extracted: ExtractedData) -> CheckInput {
    CheckInput {
        extracted,
        ..input()
    }
}

pub(crate) fn run(policy: &str, input: &CheckInput, config: Value) -> CheckOutcome {
    let registry = Registry::builtin();
    let check = registry.get(policy).unwrap();
    check
        .validate_config(&config)
        .expect("a valid configuration");
    check.run(input, &config)
}

/// Status and reason codes.
pub(crate) fn verdict(outcome: &CheckOutcome) -> (CheckStatus, Vec<&str>) {
    let codes = outcome
        .result
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    (outcome.result.status, codes)
}

pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}
