//! `POST /api/v1/sandbox/clock`

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use verifa_core::sandbox::{Advance, InvalidAdvance};

use super::clock::ClockView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::respond::{Found, answers};

/// How far to move the clock.
#[derive(Deserialize, ToSchema)]
#[schema(as = SandboxClockAdvance)]
pub struct Body {
    /// Whole seconds, or a duration such as `72h`, `3 days` or `P3D`: 1 second to 400 days.
    #[schema(value_type = Value, example = "72h")]
    advance: Value,
}
impl RequestBody for Body {}

impl Outcome for verifa_app::sandbox::ClockView {}

/// Advance the sandbox's clock
///
/// Sandbox keys only. Brings everything that is to happen by time in your organization's sandbox
/// nearer: expiry, gate timeouts, retries, claims, retention. Times of the past stay as they are.
#[utoipa::path(
    post, path = "/api/v1/sandbox/clock", tag = "Sandbox", operation_id = "advance_sandbox_clock",
    request_body = Body, responses(answers::Invalid)
)]
pub async fn advance_sandbox_clock(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Found<ClockView>, ApiError> {
    let app = &*state.app;
    verifa_app::sandbox::require(call.tenant())?;
    let body: Body = call.json().await?;
    let advance = Advance::of_json(&body.advance).map_err(|error| match error {
        InvalidAdvance::NotADuration => ApiError::invalid_field(
            "advance",
            "invalid",
            "Must be whole seconds or a duration, such as 259200, 72h or P3D.",
        ),
        InvalidAdvance::OutOfRange => ApiError::invalid_field(
            "advance",
            "out_of_range",
            "Must be from 1 second to 400 days.",
        ),
    })?;
    call.run(
        app,
        || app.advance_sandbox(call.actor(), call.tenant(), advance),
        ClockView::of,
    )
    .await
}
