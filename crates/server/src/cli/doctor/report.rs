//! What was found, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fault::{FaultKind, Severity};

/// What one examination showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Ok(String),
    /// Worth knowing, nothing to do.
    Note(String),
    /// Could not be examined because something before it is wrong.
    Skipped(String),
    /// Something is wrong.
    Fault {
        /// What.
        kind: FaultKind,
        /// Which thing exactly.
        detail: String,
    },
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was examined, such as `master key`.
    pub(crate) subject: &'static str,
    /// What it showed.
    pub(crate) outcome: Outcome,
}

/// All findings in the order of their examination.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// The findings.
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    pub(super) fn ok(&mut self, subject: &'static str, detail: impl Into<String>) {
        self.push(subject, Outcome::Ok(detail.into()));
    }

    pub(super) fn note(&mut self, subject: &'static str, detail: impl Into<String>) {
        self.push(subject, Outcome::Note(detail.into()));
    }

    pub(super) fn skipped(&mut self, subject: &'static str, because: impl Into<String>) {
        self.push(subject, Outcome::Skipped(because.into()));
    }

    pub(super) fn fault(
        &mut self,
        subject: &'static str,
        kind: FaultKind,
        detail: impl Into<String>,
    ) {
        self.push(
            subject,
            Outcome::Fault {
                kind,
                detail: detail.into(),
            },
        );
    }

    fn push(&mut self, subject: &'static str, outcome: Outcome) {
        self.findings.push(Finding { subject, outcome });
    }

    /// The faults in the order they were found.
    pub(crate) fn faults(&self) -> impl Iterator<Item = FaultKind> + '_ {
        self.findings
            .iter()
            .filter_map(|finding| match finding.outcome {
                Outcome::Fault { kind, .. } => Some(kind),
                _ => None,
            })
    }

    /// 0 without faults; else the code of the first error, or of the first warning. Later faults
    /// are often consequences of earlier ones.
    pub(crate) fn exit_code(&self) -> u8 {
        self.faults()
            .find(|kind| kind.severity() == Severity::Error)
            .or_else(|| self.faults().next())
            .map_or(0, FaultKind::exit_code)
    }

    /// For people: a line for each examination, remedies below what is wrong.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let (mark, words) = match &finding.outcome {
                Outcome::Ok(detail) => ("ok     ", detail),
                Outcome::Note(detail) => ("note   ", detail),
                Outcome::Skipped(because) => ("skipped", because),
                Outcome::Fault { kind, detail } => (mark(*kind), detail),
            };
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "{mark}  {}: {}",
                finding.subject,
                words.replace('\n', "\n    ")
            );
            if let Outcome::Fault { kind, .. } = &finding.outcome {
                let _ = writeln!(
                    text,
                    "    {} (exit code {})",
                    kind.title(),
                    kind.exit_code()
                );
                let _ = writeln!(text, "    remedy: {}", kind.remedy());
            }
        }
        let errors = self
            .faults()
            .filter(|kind| kind.severity() == Severity::Error)
            .count();
        let warnings = self.faults().count() - errors;
        let _ = match (errors, warnings) {
            (0, 0) => writeln!(text, "\nNothing is wrong."),
            _ => writeln!(text, "\nErrors: {errors}, warnings: {warnings}."),
        };
        text
    }

    /// For scripts: `{"exit_code", "findings": [{"subject", "outcome", "detail", …}]}`.
    pub(crate) fn to_json(&self) -> Value {
        let findings: Vec<_> = self.findings.iter().map(finding_json).collect();
        json!({ "exit_code": self.exit_code(), "findings": findings })
    }
}

const fn mark(kind: FaultKind) -> &'static str {
    match kind.severity() {
        Severity::Error => "ERROR  ",
        Severity::Warning => "WARNING",
    }
}

fn finding_json(finding: &Finding) -> Value {
    let subject = finding.subject;
    match &finding.outcome {
        Outcome::Ok(detail) => json!({ "subject": subject, "outcome": "ok", "detail": detail }),
        Outcome::Note(detail) => json!({ "subject": subject, "outcome": "note", "detail": detail }),
        Outcome::Skipped(because) => {
            json!({ "subject": subject, "outcome": "skipped", "detail": because })
        }
        Outcome::Fault { kind, detail } => json!({
            "subject": subject,
            "outcome": match kind.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            "fault": kind.name(),
            "exit_code": kind.exit_code(),
            "title": kind.title(),
            "detail": detail,
            "remedy": kind.remedy(),
        }),
    }
}
