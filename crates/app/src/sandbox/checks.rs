//! Checks that answer as a sandbox session's script says, behind the seam of the real ones.
//!
//! The engine asks for one wherever a session is a sandbox's. Checks that decide by what the
//! others found stay real, so that a workflow's own rules are what is tried.

use std::sync::Arc;

use serde_json::{Value, json};
use verifa_checks::{Check, CheckInput, CheckOutcome, Descriptor, ExtractedData, Registry};
use verifa_core::fault::Fault;
use verifa_core::sandbox::{SandboxTenant, Script, Verdict};
use verifa_core::session::{CheckResult, CheckStatus, Metadata};
use verifa_core::workflow::{DECISION_POLICIES, reason_of};

use super::sample::{FACE_MATCH_SCORE, FACE_MISMATCH_SCORE, jane_doe};

/// The check whose reading the others rest on.
const DOCUMENT_OCR: &str = "document_ocr";
const FACE_MATCH: &str = "face_match";
/// What judged, in attempts.
const ENGINE: &str = concat!("sandbox/", env!("CARGO_PKG_VERSION"));

/// One attempt of a check, simulated.
pub(crate) struct SimulatedCheck {
    policy: String,
    verdict: Result<Verdict, Invalid>,
    checks: Arc<Registry>,
    descriptor: Descriptor,
}

/// The session's script can't be read.
#[derive(Clone, Copy)]
struct Invalid;

impl SimulatedCheck {
    /// The simulated form of the check `policy` for its attempt `number`; `None` for a check that
    /// judges by the others' findings, and for one that this release does not know.
    pub(crate) fn of(
        _proof: SandboxTenant,
        checks: &Arc<Registry>,
        policy: &str,
        metadata: &Metadata,
        number: u32,
    ) -> Option<Self> {
        if DECISION_POLICIES.contains(&policy) {
            return None;
        }
        // It looks at nothing, so that no picture is loaded for it.
        let descriptor = Descriptor {
            inputs: &[],
            ..checks.get(policy)?.descriptor().clone()
        };
        let pass = || Verdict {
            status: CheckStatus::Passed,
            score: None,
            reason: None,
        };
        let script = Script::of(metadata).map_err(|_| Invalid);
        let verdict = script.map(|script| script.verdict(policy, number).unwrap_or_else(pass));
        Some(Self {
            policy: policy.to_owned(),
            verdict,
            checks: Arc::clone(checks),
            descriptor,
        })
    }

    fn result(&self, verdict: &Verdict) -> CheckResult {
        let mut result = match verdict.status {
            CheckStatus::Passed => CheckResult::passed(),
            CheckStatus::Failed => {
                // What a failure of the real check means, so that rejections read as they would.
                let code = reason_of(Some(&self.policy), &[]);
                Self::refused(verdict, code.as_str())
            }
            CheckStatus::RequiresRetry => Self::refused(verdict, "simulated_trouble"),
            _ => Self::refused(verdict, "simulated_error"),
        };
        result.score = verdict.score.or_else(|| self.usual_score(verdict.status));
        result.details = json!({ "simulated": true });
        result
    }

    fn refused(verdict: &Verdict, code: &str) -> CheckResult {
        let code = verdict.reason.as_deref().unwrap_or(code);
        CheckResult::with_reason(verdict.status, code, "The sandbox's script says so.")
    }

    fn usual_score(&self, status: CheckStatus) -> Option<f64> {
        match (self.policy.as_str(), status) {
            (FACE_MATCH, CheckStatus::Passed) => Some(FACE_MATCH_SCORE),
            (FACE_MATCH, CheckStatus::Failed) => Some(FACE_MISMATCH_SCORE),
            _ => None,
        }
    }

    fn read(&self, status: CheckStatus) -> Option<ExtractedData> {
        let reads = self.policy == DOCUMENT_OCR && status == CheckStatus::Passed;
        reads.then(jane_doe)
    }
}

impl Check for SimulatedCheck {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn config_schema(&self) -> Value {
        let real = self.checks.get(&self.policy);
        real.map_or(Value::Null, Check::config_schema)
    }

    fn validate_config(&self, config: &Value) -> Result<(), Vec<Fault>> {
        let real = self.checks.get(&self.policy);
        real.map_or(Ok(()), |check| check.validate_config(config))
    }

    fn run(&self, _: &CheckInput, _: &Value) -> CheckOutcome {
        let (result, extracted) = if let Ok(verdict) = &self.verdict {
            (self.result(verdict), self.read(verdict.status))
        } else {
            let code = "sandbox_script_invalid";
            let message = "The session's metadata.verifa_sandbox can't be read.";
            (
                CheckResult::with_reason(CheckStatus::Error, code, message),
                None,
            )
        };
        CheckOutcome {
            result,
            extracted,
            engine: ENGINE.to_owned(),
        }
    }
}
