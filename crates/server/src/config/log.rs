//! `[log]`: what is logged, and how.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::problem::Report;

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// The form of a line.
    pub(crate) format: LogFormat,
    /// Levels by module, in the syntax of `tracing_subscriber`'s `EnvFilter`.
    pub(crate) filter: String,
}

/// Forms of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    pub(super) fn validate(&self, report: &mut Report<'_>) {
        if EnvFilter::try_new(&self.filter).is_err() {
            report.problem(
                "log.filter",
                "is no log filter",
                "a level such as `info`, or levels by module as in `info,verifa_store=debug`",
            );
        }
    }
}
