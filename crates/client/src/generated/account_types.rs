// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `account`.

use serde::Deserialize;
use serde::Serialize;

/// One limit and where the caller stands in it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Allowed in a window; null: any number.
    pub limit: Option<i64>,
    /// Left in this window; null: any number.
    pub remaining: Option<i64>,
    /// Seconds until the window ends.
    pub reset_in_seconds: i64,
    /// Length of a window.
    pub window_seconds: i64,
}

/// What may be made.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Quotas {
    /// Verifications a day.
    pub verification_creation: Limit,
    /// API keys a minute.
    pub key_creation: Limit,
}

/// Where the calling key's organization stands.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLimits {
    /// Calls a minute.
    pub rate_limit: Limit,
    /// What may be made.
    pub quotas: Quotas,
    /// The organization's plan.
    pub plan: String,
    /// `live` or `sandbox`.
    pub environment: String,
}
