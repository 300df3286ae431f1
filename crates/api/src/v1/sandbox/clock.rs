//! `GET /api/v1/sandbox/clock`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::respond::Found;

/// The clock of a sandbox.
#[derive(Serialize, ToSchema)]
#[schema(as = SandboxClock)]
pub struct ClockView {
    /// Real time and the sum of all advances.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    /// The sum of all advances.
    #[schema(example = 259_200)]
    advanced_seconds: i64,
}

impl ClockView {
    /// The clock as callers see it.
    pub fn of(clock: &verifa_app::sandbox::ClockView) -> Self {
        Self {
            now: clock.now,
            advanced_seconds: clock.advanced_seconds,
        }
    }
}

/// Get the sandbox's clock
///
/// Sandbox keys only.
#[utoipa::path(
    get,
    path = "/api/v1/sandbox/clock",
    tag = "Sandbox",
    operation_id = "get_sandbox_clock"
)]
pub async fn get_sandbox_clock(
    State(state): State<ApiState>,
    caller: Caller,
) -> Result<Found<ClockView>, ApiError> {
    let clock = state.app.sandbox_clock(caller.tenant()).await?;
    Ok(Found::new(ClockView::of(&clock)))
}
