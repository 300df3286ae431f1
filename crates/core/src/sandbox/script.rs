//! Scripted check results: what a sandbox session's metadata says about its checks.
//!
//! `metadata.verifa_sandbox` is one entry or a list of them; a check without an entry passes.

use serde_json::{Map, Value};

use crate::fault::{Fault, FaultCode};
use crate::session::{CheckStatus, Metadata};
use crate::vocabulary::vocabulary;

/// The key of the session's metadata under which the script stands.
pub const METADATA_KEY: &str = "verifa_sandbox";
/// Most entries of a script.
pub const MAXIMUM_ENTRIES: usize = 50;
/// Most characters of a check's name and of a reason's code.
const MAXIMUM_WORD: usize = 64;

vocabulary! {
    /// How a scripted check answers, attempt by attempt. Attempts are counted over the whole
    /// session: a retry by call goes on where the script stands.
    ScriptedResult {
        /// Passes each time.
        Pass = "pass",
        /// Fails each time.
        Fail = "fail",
        /// Can't judge, each time: final, goes where the node's `error` edge leads.
        Error = "error",
        /// A passing trouble that never passes: retried four times, then an error.
        RequiresRetry = "requires_retry",
        /// The first attempt can't judge, the second passes.
        ErrorThenPass = "error_then_pass",
        /// The first attempt fails, the second passes.
        FailThenPass = "fail_then_pass",
        /// The first attempt meets a passing trouble, its retry passes.
        RetryThenPass = "retry_then_pass",
    }
}

impl ScriptedResult {
    /// The status of one attempt, numbered from 1.
    pub const fn status(self, attempt: u32) -> CheckStatus {
        let first = attempt <= 1;
        match self {
            Self::Fail => CheckStatus::Failed,
            Self::FailThenPass if first => CheckStatus::Failed,
            Self::Error => CheckStatus::Error,
            Self::ErrorThenPass if first => CheckStatus::Error,
            Self::RequiresRetry => CheckStatus::RequiresRetry,
            Self::RetryThenPass if first => CheckStatus::RequiresRetry,
            _ => CheckStatus::Passed,
        }
    }
}

/// What a script says about one check.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptEntry {
    /// The check's name. A name that the workflow doesn't have does nothing.
    pub check: String,
    /// How it answers.
    pub result: ScriptedResult,
    /// Its score, in the check's own range, for conditions and findings.
    pub score: Option<f64>,
    /// The code of its reason, where it does not pass.
    pub reason: Option<String>,
}

/// The scripted answer of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The judgement.
    pub status: CheckStatus,
    /// The score, if the script names one.
    pub score: Option<f64>,
    /// The code of the reason, if the script names one.
    pub reason: Option<String>,
}

/// The script of a session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script(Vec<ScriptEntry>);

impl Script {
    /// Reads the script out of a session's metadata; without one every check passes.
    ///
    /// # Errors
    /// Each offence, by its path below `metadata`.
    pub fn of(metadata: &Metadata) -> Result<Self, Vec<Fault>> {
        let Some(value) = metadata.get(METADATA_KEY) else {
            return Ok(Self::default());
        };
        let path = format!("metadata.{METADATA_KEY}");
        let mut reader = Reader::default();
        match &value {
            Value::Null => {}
            Value::Object(map) => reader.entry(&path, map),
            Value::Array(items) => reader.list(&path, items),
            _ => reader.fault(&path, FaultCode::WrongType, "Must be an object or a list."),
        }
        if reader.faults.is_empty() {
            Ok(Self(reader.entries))
        } else {
            Err(reader.faults)
        }
    }

    /// What the script says of an attempt of a check; `None` where it is silent.
    pub fn verdict(&self, check: &str, attempt: u32) -> Option<Verdict> {
        let entry = self.0.iter().find(|entry| entry.check == check)?;
        let status = entry.result.status(attempt);
        let passed = status == CheckStatus::Passed;
        Some(Verdict {
            status,
            score: entry.score,
            reason: entry.reason.clone().filter(|_| !passed),
        })
    }

    /// Its entries in order.
    pub fn entries(&self) -> &[ScriptEntry] {
        &self.0
    }
}

#[derive(Default)]
struct Reader {
    entries: Vec<ScriptEntry>,
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, field: &str, code: FaultCode, message: &str) {
        self.faults.push(Fault::new(field, code, message));
    }

    fn list(&mut self, path: &str, items: &[Value]) {
        if items.len() > MAXIMUM_ENTRIES {
            let message = format!("At most {MAXIMUM_ENTRIES} entries are allowed.");
            return self.fault(path, FaultCode::TooMany, &message);
        }
        for (position, item) in items.iter().enumerate() {
            let path = format!("{path}[{position}]");
            match item {
                Value::Object(map) => self.entry(&path, map),
                _ => self.fault(&path, FaultCode::WrongType, "Must be an object."),
            }
        }
    }

    fn entry(&mut self, path: &str, map: &Map<String, Value>) {
        for key in map.keys() {
            if !["check", "result", "score", "reason"].contains(&key.as_str()) {
                let field = format!("{path}.{key}");
                self.fault(&field, FaultCode::UnknownField, "There is no such field.");
                return;
            }
        }
        let check = self.word(path, "check", map.get("check"));
        let result = self.result(path, map.get("result"));
        let score = self.score(path, map.get("score"));
        let reason = match map.get("reason") {
            None | Some(Value::Null) => None,
            some => self.word(path, "reason", some),
        };
        let (Some(check), Some(result)) = (check, result) else {
            return;
        };
        if self.entries.iter().any(|entry| entry.check == check) {
            let field = format!("{path}.check");
            return self.fault(
                &field,
                FaultCode::Duplicate,
                "The check has an entry already.",
            );
        }
        self.entries.push(ScriptEntry {
            check,
            result,
            score,
            reason,
        });
    }

    /// A name of lower-case letters, digits and underscores.
    fn word(&mut self, path: &str, name: &str, value: Option<&Value>) -> Option<String> {
        let field = format!("{path}.{name}");
        let Some(Value::String(text)) = value else {
            let code = match value {
                None => FaultCode::Required,
                Some(_) => FaultCode::WrongType,
            };
            self.fault(&field, code, "Must be a text.");
            return None;
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if text.is_empty() || text.len() > MAXIMUM_WORD || !text.chars().all(plain) {
            let message = "Must be 1 to 64 lower-case letters, digits and underscores.";
            self.fault(&field, FaultCode::Invalid, message);
            return None;
        }
        Some(text.clone())
    }

    fn result(&mut self, path: &str, value: Option<&Value>) -> Option<ScriptedResult> {
        let field = format!("{path}.result");
        match value {
            None => self.fault(&field, FaultCode::Required, "The field is required."),
            Some(Value::String(text)) => {
                if let Some(result) = ScriptedResult::parse(text) {
                    return Some(result);
                }
                let words: Vec<_> = ScriptedResult::ALL.iter().map(|one| one.as_str()).collect();
                let message = format!("Must be one of {}.", words.join(", "));
                self.fault(&field, FaultCode::UnknownValue, &message);
            }
            Some(_) => self.fault(&field, FaultCode::WrongType, "Must be a text."),
        }
        None
    }

    fn score(&mut self, path: &str, value: Option<&Value>) -> Option<f64> {
        let field = format!("{path}.score");
        match value {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => {
                let score = number.as_f64().filter(|score| score.is_finite());
                if score.is_none() {
                    self.fault(&field, FaultCode::OutOfRange, "Must be a finite number.");
                }
                score
            }
            Some(_) => {
                self.fault(&field, FaultCode::WrongType, "Must be a number.");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(script: Value) -> Result<Script, Vec<(String, FaultCode)>> {
        let metadata = Metadata::from_iter([(METADATA_KEY.to_owned(), script)]);
        let named = |fault: Fault| (fault.field, fault.code);
        Script::of(&metadata).map_err(|faults| faults.into_iter().map(named).collect())
    }

    #[test]
    fn one_entry_or_a_list() {
        let entry = json!({"check": "face_match", "result": "error_then_pass"});
        assert_eq!(read(entry.clone()), read(json!([entry])));
        let script = read(entry).unwrap();
        let at = |attempt| script.verdict("face_match", attempt).unwrap().status;
        assert_eq!(at(1), CheckStatus::Error);
        assert_eq!(at(2), CheckStatus::Passed);
        assert_eq!(script.verdict("document_ocr", 1), None);
        assert_eq!(Script::of(&Metadata::new()), Ok(Script::default()));
        assert_eq!(read(json!(null)), Ok(Script::default()));
    }

    #[test]
    fn each_word_says_what_it_does() {
        use CheckStatus::{Error, Failed, Passed, RequiresRetry};
        for (word, first, second) in [
            ("pass", Passed, Passed),
            ("fail", Failed, Failed),
            ("error", Error, Error),
            ("requires_retry", RequiresRetry, RequiresRetry),
            ("error_then_pass", Error, Passed),
            ("fail_then_pass", Failed, Passed),
            ("retry_then_pass", RequiresRetry, Passed),
        ] {
            let result = ScriptedResult::parse(word).unwrap();
            assert_eq!(
                (result.status(1), result.status(2)),
                (first, second),
                "{word}"
            );
        }
    }

    #[test]
    fn score_and_reason_are_the_scripts() {
        let script = json!({"check": "risk_assessment", "result": "fail_then_pass", "score": 75,
            "reason": "vpn"});
        let script = read(script).unwrap();
        let first = script.verdict("risk_assessment", 1).unwrap();
        assert_eq!(first.score, Some(75.0));
        assert_eq!(first.reason.as_deref(), Some("vpn"));
        assert_eq!(script.verdict("risk_assessment", 2).unwrap().reason, None);
    }

    #[test]
    fn offences_are_named() {
        let at = |rest: &str, code| vec![(format!("metadata.verifa_sandbox{rest}"), code)];
        let entry = json!({"check": "a", "result": "pass"});
        for (script, wanted) in [
            (json!("pass"), at("", FaultCode::WrongType)),
            (json!([1]), at("[0]", FaultCode::WrongType)),
            (json!({"result": "pass"}), at(".check", FaultCode::Required)),
            (json!({"check": "a"}), at(".result", FaultCode::Required)),
            (
                json!({"check": "a", "result": "maybe"}),
                at(".result", FaultCode::UnknownValue),
            ),
            (
                json!({"check": "A b", "result": "pass"}),
                at(".check", FaultCode::Invalid),
            ),
            (
                json!({"check": "a", "result": "pass", "x": 1}),
                at(".x", FaultCode::UnknownField),
            ),
            (
                json!({"check": "a", "result": "pass", "score": "1"}),
                at(".score", FaultCode::WrongType),
            ),
            (json!([entry, entry]), at("[1].check", FaultCode::Duplicate)),
            (json!(vec![entry; 51]), at("", FaultCode::TooMany)),
        ] {
            assert_eq!(read(script.clone()).unwrap_err(), wanted, "{script}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_there_is_read_or_refused(
            check in "[a-zA-Z_ ]{0,70}", result in "[a-z_]{0,16}", score in prop::num::f64::ANY,
        ) {
            let script = json!([{"check": check, "result": result, "score": score}]);
            if let Ok(script) = read(script) {
                prop_assert_eq!(script.entries().len(), 1);
                prop_assert!(ScriptedResult::parse(&result).is_some());
            }
        }
    }
}
