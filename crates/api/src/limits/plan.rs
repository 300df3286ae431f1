//! What each plan allows (spec/conventions.md, "Rate limits").

pub use verifa_core::organization::Plan;

/// The figures of one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanLimits {
    /// Calls a minute; for the unlimited plan the ceiling that headers show.
    pub requests_per_minute: u32,
    /// Sessions created a minute.
    pub session_creations_per_minute: u32,
    /// Keys created a minute; `None`: any number.
    pub key_creations_per_minute: Option<u32>,
    /// Verifications a day; `None`: any number.
    pub verifications_per_day: Option<u32>,
}

/// The figures of every plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanTable {
    /// Shown by headers, never enforced.
    pub unlimited: PlanLimits,
    /// Free.
    pub free: PlanLimits,
    /// Starter.
    pub starter: PlanLimits,
    /// Professional.
    pub professional: PlanLimits,
    /// Enterprise.
    pub enterprise: PlanLimits,
}

impl Default for PlanTable {
    fn default() -> Self {
        let plan = |requests, sessions, keys, verifications| PlanLimits {
            requests_per_minute: requests,
            session_creations_per_minute: sessions,
            key_creations_per_minute: keys,
            verifications_per_day: verifications,
        };
        Self {
            unlimited: plan(1000, 300, None, None),
            free: plan(300, 50, Some(10), Some(50)),
            starter: plan(600, 100, Some(25), Some(1000)),
            professional: plan(1000, 150, Some(50), Some(1000)),
            enterprise: plan(1000, 300, None, None),
        }
    }
}

impl PlanTable {
    /// The figures of a plan.
    pub const fn limits(&self, plan: Plan) -> PlanLimits {
        match plan {
            Plan::Unlimited => self.unlimited,
            Plan::Free => self.free,
            Plan::Starter => self.starter,
            Plan::Professional => self.professional,
            Plan::Enterprise => self.enterprise,
        }
    }
}
