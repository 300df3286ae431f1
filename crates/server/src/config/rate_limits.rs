//! `[rate_limits]`: how often a caller may call (spec/conventions.md, "Rate limits").

use serde::Deserialize;

use super::problem::Report;

/// Rates; 0 is unlimited where the manual says so.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimits {
    /// Whether organizations are held to their plan.
    pub(crate) enabled: bool,
    /// What the headers show while they are not.
    pub(crate) ceiling_per_minute: u32,
    /// Requests of one address without a valid key; 0 is unlimited.
    pub(crate) per_ip_per_minute: u32,
    /// Session creations by one publishable key, and by one address with such keys.
    pub(crate) publishable_key_per_minute: u32,
    /// What each plan allows.
    pub(crate) plans: Plans,
}

/// The plans by name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plans {
    /// `free`
    pub(crate) free: Plan,
    /// `starter`
    pub(crate) starter: Plan,
    /// `professional`
    pub(crate) professional: Plan,
    /// `enterprise`
    pub(crate) enterprise: Plan,
}

impl Plans {
    /// A plan by the name that an organization's settings hold.
    pub(crate) fn get(&self, name: &str) -> Option<Plan> {
        match name {
            "free" => Some(self.free),
            "starter" => Some(self.starter),
            "professional" => Some(self.professional),
            "enterprise" => Some(self.enterprise),
            _ => None,
        }
    }
}

/// What a plan allows; 0 is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// Requests of all kinds.
    pub(crate) requests_per_minute: u32,
    /// New sessions.
    pub(crate) session_creations_per_minute: u32,
    /// New API keys.
    pub(crate) key_creations_per_minute: u32,
    /// Sessions that begin processing.
    pub(crate) verifications_per_day: u32,
}

impl RateLimits {
    pub(super) fn validate(&self, report: &mut Report<'_>) {
        let sane = 1..=10_000_000;
        report.range(
            "rate_limits.ceiling_per_minute",
            self.ceiling_per_minute,
            &sane,
        );
        report.range(
            "rate_limits.publishable_key_per_minute",
            self.publishable_key_per_minute,
            &sane,
        );
    }
}
