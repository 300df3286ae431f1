//! Rate limits: fixed windows in this process, and the plans that set them.
//!
//! A fixed window was chosen over a token bucket because every answer has to tell limit,
//! remaining calls and the moment of the reset, which a window knows exactly and a bucket only
//! approximates. Each server process counts for itself.

mod plan;
mod window;

pub use plan::{Plan, PlanLimits, PlanTable};
pub use window::{Standing, Windows};

use std::net::IpAddr;
use std::time::Duration;

use verifa_core::id::{AdminTokenId, ApiKeyId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

/// The window of every limit per minute.
pub const MINUTE: Duration = Duration::from_mins(1);

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// All calls of an organization in one environment.
    Tenant(Tenant),
    /// Session creations of a tenant.
    SessionCreation(Tenant),
    /// Key creations of a tenant.
    KeyCreation(Tenant),
    /// A publishable key from one address.
    Publishable(ApiKeyId, IpAddr),
    /// A publishable key from all addresses together.
    PublishableInAll(ApiKeyId),
    /// Calls without a valid key from one address.
    Anonymous(IpAddr),
    /// Calls with an operator's token.
    Operator(AdminTokenId),
}

/// The configured limits.
#[derive(Debug, Clone)]
pub struct LimitSettings {
    /// What each plan allows.
    pub plans: PlanTable,
    /// Calls a minute of one address without a valid key; `None` counts nothing.
    pub anonymous_per_minute: Option<u32>,
    /// Calls a minute of a publishable key from one address.
    pub publishable_per_minute: u32,
    /// Calls a minute of a publishable key from all addresses together; `None` counts nothing.
    pub publishable_in_all_per_minute: Option<u32>,
    /// Calls a minute of an operator's token.
    pub operator_per_minute: u32,
    /// Most buckets kept in memory; further ones share a common window each shard.
    pub capacity: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            plans: PlanTable::default(),
            anonymous_per_minute: Some(600),
            publishable_per_minute: 10,
            publishable_in_all_per_minute: Some(600),
            operator_per_minute: 300,
            capacity: 100_000,
        }
    }
}

/// Every limit of the process.
pub struct Limits {
    settings: LimitSettings,
    windows: Windows<Bucket>,
}

impl Limits {
    /// From settings, with all windows empty.
    pub fn new(settings: LimitSettings) -> Self {
        let windows = Windows::new(settings.capacity, MINUTE);
        Self { settings, windows }
    }

    /// The configured limits.
    pub fn settings(&self) -> &LimitSettings {
        &self.settings
    }

    /// Counts a call of a secret key. A plan without limits only shows its ceiling.
    pub fn count_tenant(&self, tenant: Tenant, plan: Plan, now: Timestamp) -> Standing {
        let limit = self.settings.plans.limits(plan).requests_per_minute;
        self.count(Bucket::Tenant(tenant), plan, limit, now)
    }

    /// Counts the creation of a session.
    pub fn count_session_creation(&self, tenant: Tenant, plan: Plan, now: Timestamp) -> Standing {
        let limit = self
            .settings
            .plans
            .limits(plan)
            .session_creations_per_minute;
        self.count(Bucket::SessionCreation(tenant), plan, limit, now)
    }

    /// Counts the creation of an API key; `None` when the plan doesn't limit them.
    pub fn count_key_creation(
        &self,
        tenant: Tenant,
        plan: Plan,
        now: Timestamp,
    ) -> Option<Standing> {
        let limit = self.settings.plans.limits(plan).key_creations_per_minute?;
        Some(self.count(Bucket::KeyCreation(tenant), plan, limit, now))
    }

    /// Where a tenant's key creations stand; `None` when the plan doesn't limit them.
    pub fn peek_key_creation(
        &self,
        tenant: Tenant,
        plan: Plan,
        now: Timestamp,
    ) -> Option<Standing> {
        let limit = self.settings.plans.limits(plan).key_creations_per_minute?;
        Some(self.windows.peek(&Bucket::KeyCreation(tenant), limit, now))
    }

    /// Counts a call of a publishable key from an address, and answers the tighter of its two
    /// limits. What the address may not do is no call of the key: else one visitor of a page could
    /// use up what the others need.
    pub fn count_publishable(&self, key: ApiKeyId, address: IpAddr, now: Timestamp) -> Standing {
        let bucket = Bucket::Publishable(key, network(address));
        let here = self
            .windows
            .count(bucket, self.settings.publishable_per_minute, now);
        match self.settings.publishable_in_all_per_minute {
            Some(limit) if !here.exceeded => {
                let bucket = Bucket::PublishableInAll(key);
                let in_all = self.windows.count(bucket, limit, now);
                if in_all.exceeded || in_all.remaining < here.remaining {
                    in_all
                } else {
                    here
                }
            }
            _ => here,
        }
    }

    /// Counts a call of an operator's token.
    pub fn count_operator(&self, token: AdminTokenId, now: Timestamp) -> Standing {
        let limit = self.settings.operator_per_minute;
        self.windows.count(Bucket::Operator(token), limit, now)
    }

    /// Counts a call that no valid key stands behind.
    pub fn count_anonymous(&self, address: IpAddr, now: Timestamp) -> Standing {
        match self.settings.anonymous_per_minute {
            Some(limit) => self
                .windows
                .count(Bucket::Anonymous(network(address)), limit, now),
            None => self.anonymous_ceiling(now),
        }
    }

    /// The limit of one address without a valid key, with nothing counted; where there is none,
    /// the ceiling that headers show.
    pub fn anonymous_ceiling(&self, now: Timestamp) -> Standing {
        let ceiling = self.settings.plans.limits(Plan::Unlimited);
        let limit = self.settings.anonymous_per_minute;
        self.windows
            .untouched(limit.unwrap_or(ceiling.requests_per_minute), now)
    }

    fn count(&self, bucket: Bucket, plan: Plan, limit: u32, now: Timestamp) -> Standing {
        if plan == Plan::Unlimited {
            return self.windows.untouched(limit, now);
        }
        self.windows.count(bucket, limit, now)
    }
}

/// One household or host: an IPv4 address, or the /64 of an IPv6 one, since a single customer
/// line commonly has a whole /64 (RFC 6177 §2).
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let mask = u128::from(u64::MAX) << 64;
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use verifa_core::id::Id;

    use super::*;

    #[test]
    fn a_publishable_key_is_counted_by_address_and_in_all() {
        let limits = Limits::new(LimitSettings {
            publishable_per_minute: 2,
            publishable_in_all_per_minute: Some(3),
            ..LimitSettings::default()
        });
        let key = |number: u128| ApiKeyId::from_uuid(uuid::Uuid::from_u128(number));
        let count = |number: u128, address: &str| {
            let address = address.parse().unwrap();
            let standing =
                limits.count_publishable(key(number), address, Timestamp::from_seconds(1));
            (standing.limit, standing.remaining, standing.exceeded)
        };
        assert_eq!(count(1, "192.0.2.1"), (2, 1, false));
        assert_eq!(count(1, "192.0.2.1"), (2, 0, false));
        // What the address is refused is not counted against the others.
        for _ in 0..5 {
            assert_eq!(count(1, "192.0.2.1"), (2, 0, true));
        }
        assert_eq!(count(1, "192.0.2.2"), (3, 0, false));
        assert_eq!(count(1, "192.0.2.3"), (3, 0, true));
        assert_eq!(count(2, "192.0.2.3"), (2, 1, false));
    }

    #[test]
    fn an_ipv6_line_counts_as_one() {
        let one = network("2001:db8:1:2::1".parse().unwrap());
        assert_eq!(one, network("2001:db8:1:2:ffff::9".parse().unwrap()));
        assert_ne!(one, network("2001:db8:1:3::1".parse().unwrap()));
    }
}
