//! `GET /api/v1/rate-limits`

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::exchange::CurrentExchange;
use crate::keys::Caller;
use crate::limits::{MINUTE, Standing};
use crate::quota::{DAY, DailyQuota};
use crate::respond::Found;

/// Where the calling key's organization stands.
#[derive(Serialize, ToSchema)]
#[schema(as = RateLimits)]
pub struct RateLimitsView {
    /// Calls a minute.
    rate_limit: Limit,
    /// What may be made.
    quotas: Quotas,
    /// The organization's plan.
    #[schema(example = "unlimited")]
    plan: &'static str,
    /// `live` or `sandbox`.
    #[schema(example = "live")]
    environment: &'static str,
}

/// One limit and where the caller stands in it.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "the contract names the field `limit`"
)]
pub struct Limit {
    /// Allowed in a window; null: any number.
    #[schema(example = 1000)]
    limit: Option<u32>,
    /// Left in this window; null: any number.
    #[schema(example = 999)]
    remaining: Option<u32>,
    /// Seconds until the window ends.
    #[schema(example = 42)]
    reset_in_seconds: u64,
    /// Length of a window.
    #[schema(example = 60)]
    window_seconds: u64,
}

/// What may be made.
#[derive(Serialize, ToSchema)]
pub struct Quotas {
    /// Verifications a day.
    verification_creation: Limit,
    /// API keys a minute.
    key_creation: Limit,
}

impl Limit {
    fn of(standing: Option<Standing>, window: Duration, now: Timestamp) -> Self {
        let window_seconds = window.as_secs();
        Self {
            limit: standing.map(|standing| standing.limit),
            remaining: standing.map(|standing| standing.remaining),
            reset_in_seconds: standing.map_or(window_seconds, |s| s.seconds_left(now)),
            window_seconds,
        }
    }
}

/// Get rate limits
///
/// Limits and quotas of the organization and environment of the calling key. This call counts.
#[utoipa::path(
    get,
    path = "/api/v1/rate-limits",
    tag = "Account",
    operation_id = "get_rate_limits"
)]
pub async fn get_rate_limits(
    State(state): State<ApiState>,
    CurrentExchange(exchange): CurrentExchange,
    caller: Caller,
) -> Result<Found<RateLimitsView>, ApiError> {
    let key = caller.key();
    let (now, limits) = (exchange.now(), &state.shared.limits);
    let verifications = match limits
        .settings()
        .plans
        .limits(key.plan)
        .verifications_per_day
    {
        Some(limit) => {
            let quota = DailyQuota::new(key.tenant, limit, now);
            Some(quota.standing(&state.app).await?)
        }
        None => None,
    };
    let keys = limits.peek_key_creation(key.tenant, key.plan, now);
    Ok(Found::new(RateLimitsView {
        rate_limit: Limit::of(exchange.standing(), MINUTE, now),
        quotas: Quotas {
            verification_creation: Limit::of(verifications, DAY, now),
            key_creation: Limit::of(keys, MINUTE, now),
        },
        plan: key.plan.as_str(),
        environment: key.tenant.environment.as_str(),
    }))
}
