//! What conditions and the interpreter know of a session besides the run itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::auto_insert::RISK_ASSESSMENT;
use super::super::condition::{CheckPart, FieldPath};
use super::super::evaluate::{Resolve, lookup};
use super::super::screening::ScreeningSettings;
use super::state::RunState;
use crate::session::Metadata;

/// The facts of a session at the time of a step. Personal data: not `Debug`.
#[derive(Clone, Default)]
pub struct Facts {
    /// Fields read from the document, and `age` as of now.
    pub extracted: Map<String, Value>,
    /// Known applicant data, the form's over the operator's.
    pub fields: Map<String, Value>,
    /// The session's country code.
    pub country: Option<String>,
    /// The kind of the document.
    pub document_type: Option<String>,
    /// The operator's reference.
    pub external_ref: Option<String>,
    /// The operator's own data.
    pub metadata: Metadata,
    /// `details` of the checks of this run, by check.
    pub details: BTreeMap<String, Value>,
    /// The session's `checks`, when it names a subset.
    pub requested: Option<BTreeSet<String>>,
    /// What findings of the inserted checks do.
    pub screening: ScreeningSettings,
}

/// The level of a risk score (spec/risk.md, F).
pub const fn risk_level(score: f64) -> &'static str {
    if score <= 20.0 {
        "low"
    } else if score <= 50.0 {
        "medium"
    } else if score <= 80.0 {
        "high"
    } else {
        "critical"
    }
}

/// The facts and the run as conditions see them.
pub(super) struct View<'a> {
    pub(super) state: &'a RunState,
    pub(super) facts: &'a Facts,
}

impl Resolve for View<'_> {
    fn resolve(&self, path: FieldPath<'_>) -> Option<Value> {
        let text = |text: &Option<String>| text.clone().map(Value::String);
        match path {
            FieldPath::Extracted(field) => within(&self.facts.extracted, field),
            FieldPath::Fields(field) => within(&self.facts.fields, field),
            FieldPath::Check { policy, part } => self.check(policy, part),
            FieldPath::RiskScore => self.check(RISK_ASSESSMENT, CheckPart::Score),
            FieldPath::RiskLevel => {
                let score = self.state.result_of(RISK_ASSESSMENT)?.score?;
                Some(Value::from(risk_level(score)))
            }
            FieldPath::RiskSignals => self.signals(),
            FieldPath::Country => text(&self.facts.country),
            FieldPath::DocumentType => text(&self.facts.document_type),
            FieldPath::ExternalRef => text(&self.facts.external_ref),
            FieldPath::Metadata(key) => within_metadata(&self.facts.metadata, key),
            FieldPath::GateDecision(node) => {
                let decision = self.state.decision_of(node)?;
                Some(Value::from(decision.decision.as_str()))
            }
            FieldPath::GateMetadata(node, key) => {
                within_metadata(&self.state.decision_of(node)?.metadata, key)
            }
        }
    }
}

impl View<'_> {
    fn check(&self, policy: &str, part: CheckPart<'_>) -> Option<Value> {
        let result = self.state.result_of(policy)?;
        match part {
            CheckPart::Status => Some(Value::from(result.status.as_str())),
            CheckPart::Passed => Some(Value::from(result.passed)),
            CheckPart::Score => result.score.map(Value::from),
            CheckPart::Reasons => Some(Value::from(result.reasons.clone())),
            CheckPart::Details(path) => lookup(self.facts.details.get(policy)?, path).cloned(),
        }
    }

    /// The names of the triggered signals.
    fn signals(&self) -> Option<Value> {
        let signals = self
            .facts
            .details
            .get(RISK_ASSESSMENT)?
            .get("signals")?
            .as_array()?;
        let name = |signal: &Value| signal.get("name").cloned();
        Some(signals.iter().filter_map(name).collect())
    }
}

fn within(map: &Map<String, Value>, path: &str) -> Option<Value> {
    if let Some(found) = map.get(path) {
        return Some(found.clone());
    }
    let (first, rest) = path.split_once('.')?;
    lookup(map.get(first)?, rest).cloned()
}

/// As [`within`]: the whole path as one key first, else part by part.
fn within_metadata(map: &Metadata, path: &str) -> Option<Value> {
    if let Some(found) = map.get(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    lookup(&map.get(first)?, rest).cloned()
}
