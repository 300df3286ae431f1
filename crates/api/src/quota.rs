//! Verifications a day: counted in the database, in the commit that makes the session, so that
//! all servers share one count (spec/conventions.md, "Rate limits").

use std::time::Duration;

use verifa_app::App;
use verifa_app::engine::DAILY_VERIFICATIONS;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::counters;
use verifa_store::db::Commit;

use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::limits::Standing;

/// The window of the quota: a day in UTC.
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// What a commit conflicts on when the quota is used up.
pub(crate) const USED_UP: &str = "counters.add_below";

/// The daily quota of a tenant whose plan has one.
pub(crate) struct DailyQuota {
    tenant: Tenant,
    limit: u32,
    counter: String,
    ends_at: Timestamp,
}

impl DailyQuota {
    /// The quota of the day of `now`.
    pub(crate) fn new(tenant: Tenant, limit: u32, now: Timestamp) -> Self {
        let day = i64::try_from(DAY.as_secs()).unwrap_or(i64::MAX);
        let ends_at = Timestamp::from_seconds((now.as_seconds().div_euclid(day) + 1) * day);
        let counter = format!("{DAILY_VERIFICATIONS}:{}", now.date());
        Self {
            tenant,
            limit,
            counter,
            ends_at,
        }
    }

    /// Where the tenant stands.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn standing(&self, app: &App) -> Result<Standing, ApiError> {
        let row = app
            .db
            .query_opt(counters::sum(self.tenant, &self.counter))
            .await?;
        let used: i64 = row.map_or(Ok(0), |row| row.get(0))?;
        let remaining = i64::from(self.limit).saturating_sub(used).max(0);
        Ok(Standing {
            limit: self.limit,
            remaining: u32::try_from(remaining).unwrap_or(0),
            resets_at: self.ends_at,
            exceeded: remaining == 0,
        })
    }

    /// Where the tenant stands, while something is left.
    ///
    /// # Errors
    /// 429 when nothing is, with the quota in the answer's headers.
    pub(crate) async fn check(&self, app: &App, exchange: &Exchange) -> Result<Standing, ApiError> {
        let standing = self.standing(app).await?;
        if standing.exceeded {
            exchange.show_quota(standing);
            return Err(ApiError::rate_limited(
                standing.seconds_left(exchange.now()),
            ));
        }
        Ok(standing)
    }

    /// Counts one verification in the commit that makes it, which conflicts when others took the
    /// last one: then the standing tells.
    pub(crate) fn count_in(&self, commit: &mut Commit) {
        commit.push(counters::add_below(self.tenant, &self.counter, self.limit));
    }
}

#[cfg(test)]
mod tests {
    use verifa_core::id::{Id, OrganizationId};
    use verifa_core::tenant::Environment;

    use super::*;

    #[test]
    fn a_quota_ends_at_midnight_utc() {
        let organization = OrganizationId::from_uuid(uuid::Uuid::nil());
        let tenant = Tenant {
            organization,
            environment: Environment::Live,
        };
        let now = "2026-11-21T23:59:59.5Z".parse().unwrap();
        let quota = DailyQuota::new(tenant, 50, now);
        assert_eq!(quota.ends_at, "2026-11-22T00:00:00Z".parse().unwrap());
        assert_eq!(quota.counter, "quota.verifications:2026-11-21");
    }
}
