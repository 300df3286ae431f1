// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `account`.

use super::types::RateLimits;
use crate::call::Call;
use crate::{Client, Error};
use reqwest::Method;

impl Client {
    /// Get rate limits.
    ///
    /// Limits and quotas of the organization and environment of the calling key. This call counts.
    ///
    /// `GET /api/v1/rate-limits`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_rate_limits(&self) -> std::result::Result<RateLimits, Error> {
        let call = Call::new(Method::GET, "/api/v1/rate-limits", &[]);
        self.json(call).await
    }
}
