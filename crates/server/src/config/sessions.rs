//! `[sessions]`: lifetimes of capture tokens (spec/sessions.md, "Create").

use std::time::Duration;

use serde::Deserialize;

use super::problem::Report;
use super::text;

/// Lifetimes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sessions {
    /// Of a token when the caller does not say.
    #[serde(rename = "token_minutes", deserialize_with = "text::minutes")]
    pub(crate) token_lifetime: Duration,
}

impl Sessions {
    pub(super) fn validate(&self, report: &mut Report<'_>) {
        let minutes = self.token_lifetime.as_secs() / 60;
        report.range("sessions.token_minutes", minutes, &(1..=43_200));
    }
}
