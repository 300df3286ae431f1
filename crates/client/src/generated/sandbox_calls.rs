// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `sandbox`.

use super::types::{SandboxClock, SandboxClockAdvance, SessionSimulate, SessionSimulated};
use crate::call::Call;
use crate::{Client, Error};
use reqwest::Method;

impl Client {
    /// Get the sandbox's clock.
    ///
    /// Sandbox keys only.
    ///
    /// `GET /api/v1/sandbox/clock`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_sandbox_clock(&self) -> std::result::Result<SandboxClock, Error> {
        let call = Call::new(Method::GET, "/api/v1/sandbox/clock", &[]);
        self.json(call).await
    }

    /// Advance the sandbox's clock.
    ///
    /// Sandbox keys only. Brings everything that is to happen by time in your organization's sandbox
    /// nearer: expiry, gate timeouts, retries, claims, retention. Times of the past stay as they are.
    ///
    /// `POST /api/v1/sandbox/clock`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn advance_sandbox_clock(
        &self,
        body: &SandboxClockAdvance,
    ) -> std::result::Result<SandboxClock, Error> {
        let call = Call::new(Method::POST, "/api/v1/sandbox/clock", &[]).body(body)?;
        self.json(call).await
    }

    /// Simulate an outcome.
    ///
    /// Sandbox keys only. Writes what the real outcome would: the result, the events, a case.
    /// `run-workflow` runs the real graph with simulated check results, which
    /// `metadata.verifa_sandbox` scripts.
    ///
    /// `POST /api/v1/sessions/{id}/simulate`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn simulate_session(
        &self,
        id: &str,
        body: &SessionSimulate,
    ) -> std::result::Result<SessionSimulated, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/simulate", &[id]).body(body)?;
        self.json(call).await
    }
}
