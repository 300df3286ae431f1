//! What a check says about a session: the value that checks make, attempts store and the
//! workflow routes by.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::status::{CheckStatus, ResultStatus};

/// One ground of a judgement: a stable code and a sentence without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable code, for programs.
    pub code: String,
    /// The sentence, for persons.
    pub message: String,
}

impl Reason {
    /// A ground with its code and sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

/// The result of one attempt of one check (spec/checks.md).
///
/// `details` may hold personal data, so `Debug` leaves it out.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The judgement.
    pub status: CheckStatus,
    /// The score, in the check's own unit and range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The grounds, the deciding one first.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Typed per check.
    #[serde(default)]
    pub details: Value,
    /// Where a check that decides wants the run to go, whatever its node's `failed` edge says.
    ///
    /// Two checks set it, both only to `rejected`: `auto_approve` when something blocks (the run
    /// leaves by the node's `blocked` edge instead of `failed`; a mere doubt sets nothing and
    /// takes `failed`, which is review unless the operator wired it elsewhere), and
    /// `risk_assessment` when a signal with the action `block` fired (the run ends rejected at
    /// any terminal). Every other check leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<ResultStatus>,
}

impl CheckResult {
    /// A result with one ground and nothing else.
    pub fn with_reason(status: CheckStatus, code: &str, message: &str) -> Self {
        Self {
            reasons: vec![Reason::new(code, message)],
            ..Self::bare(status)
        }
    }

    /// A pass with nothing to say.
    pub fn passed() -> Self {
        Self::bare(CheckStatus::Passed)
    }

    fn bare(status: CheckStatus) -> Self {
        Self {
            status,
            score: None,
            reasons: Vec::new(),
            details: Value::Null,
            route: None,
        }
    }

    /// Whether the judgement is a pass; `None` when the check judged nothing.
    pub const fn verdict(&self) -> Option<bool> {
        match self.status {
            CheckStatus::Passed => Some(true),
            CheckStatus::Failed => Some(false),
            _ => None,
        }
    }
}

impl std::fmt::Debug for CheckResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes: Vec<&str> = self
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        f.debug_struct("CheckResult")
            .field("status", &self.status)
            .field("score", &self.score)
            .field("reasons", &codes)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}
