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
use crate::limits::Standing;

/// The window of the quota: a day in UTC.
pub(crate) const DAY: Duration = Duration::from_hours(24);

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

    /// Counts one verification in the commit that makes it.
    pub(crate) fn count_in(&self, app: &App, commit: &mut Commit) {
        let [spread] = verifa_core::random::random_bytes::<1>(&*app.random);
        commit.push(counters::add(self.tenant, &self.counter, spread, 1));
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
