//! `[rate_limits]`: how often a caller may call (spec/conventions.md, "Rate limits").

use serde::Deserialize;
use verifa_api::limits::{LimitSettings, PlanLimits, PlanTable};

use super::problem::Report;

/// Rates; 0 is unlimited where the manual says so.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimits {
    /// What the headers of organizations without a plan show.
    pub(crate) ceiling_per_minute: u32,
    /// Requests of one address without a valid key; 0 is unlimited.
    pub(crate) per_ip_per_minute: u32,
    /// Requests of one publishable key from one address.
    pub(crate) publishable_key_per_minute: u32,
    /// Requests of one publishable key from all addresses together; 0 is unlimited.
    pub(crate) publishable_key_in_all_per_minute: u32,
    /// Requests of one admin token.
    pub(crate) admin_token_per_minute: u32,
    /// Whether organizations choose their plans themselves.
    pub(crate) plan_by_organization: bool,
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

/// What a plan allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// Requests of all kinds.
    pub(crate) requests_per_minute: u32,
    /// New sessions.
    pub(crate) session_creations_per_minute: u32,
    /// New API keys; 0 is unlimited.
    pub(crate) key_creations_per_minute: u32,
    /// New sessions in a day of UTC; 0 is unlimited.
    pub(crate) verifications_per_day: u32,
}

/// A limit, where 0 stands for none.
fn unless_zero(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number > 0)
}

impl Plan {
    fn limits(self) -> PlanLimits {
        PlanLimits {
            requests_per_minute: self.requests_per_minute,
            session_creations_per_minute: self.session_creations_per_minute,
            key_creations_per_minute: unless_zero(self.key_creations_per_minute),
            verifications_per_day: unless_zero(self.verifications_per_day),
        }
    }
}

impl RateLimits {
    /// In the form of the API.
    pub(crate) fn settings(&self) -> LimitSettings {
        LimitSettings {
            plans: PlanTable {
                unlimited: PlanLimits {
                    requests_per_minute: self.ceiling_per_minute,
                    ..PlanTable::default().unlimited
                },
                free: self.plans.free.limits(),
                starter: self.plans.starter.limits(),
                professional: self.plans.professional.limits(),
                enterprise: self.plans.enterprise.limits(),
            },
            anonymous_per_minute: unless_zero(self.per_ip_per_minute),
            publishable_per_minute: self.publishable_key_per_minute,
            publishable_in_all_per_minute: unless_zero(self.publishable_key_in_all_per_minute),
            operator_per_minute: self.admin_token_per_minute,
            ..LimitSettings::default()
        }
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        let sane = 1..=10_000_000;
        let key = "rate_limits.publishable_key_per_minute";
        report.range(
            "rate_limits.ceiling_per_minute",
            self.ceiling_per_minute,
            &sane,
        );
        report.range(key, self.publishable_key_per_minute, &sane);
        let key = "rate_limits.admin_token_per_minute";
        report.range(key, self.admin_token_per_minute, &sane);
        for (name, plan) in [
            ("free", self.plans.free),
            ("starter", self.plans.starter),
            ("professional", self.plans.professional),
            ("enterprise", self.plans.enterprise),
        ] {
            let key = |setting: &str| format!("rate_limits.plans.{name}.{setting}");
            report.range(&key("requests_per_minute"), plan.requests_per_minute, &sane);
            let creations = plan.session_creations_per_minute;
            report.range(&key("session_creations_per_minute"), creations, &sane);
        }
    }
}
