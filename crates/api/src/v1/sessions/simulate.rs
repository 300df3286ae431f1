//! `POST /api/v1/sessions/{id}/simulate`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::sandbox::Simulated;
use verifa_core::id::SessionId;
use verifa_core::session::{SimulatedAction, Status};

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::{ApiError, FieldError};
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// The outcome to choose.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionSimulate)]
pub struct Body {
    /// `approve`, `decline`, `require-review`, `expire` or `run-workflow`.
    #[schema(example = "approve")]
    action: String,
}
impl RequestBody for Body {}

/// A simulated outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionSimulated)]
pub struct SimulatedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// As sent.
    #[schema(value_type = String, example = "approve")]
    action: SimulatedAction,
    /// The session's status.
    #[schema(value_type = String, example = "completed")]
    status: Status,
    /// Always true.
    #[schema(example = true)]
    simulated: bool,
}

impl Outcome for Simulated {}

/// Simulate an outcome
///
/// Sandbox keys only. Writes what the real outcome would: the result, the events, a case.
/// `run-workflow` runs the real graph with simulated check results, which
/// `metadata.verifa_sandbox` scripts.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/simulate", tag = "Sandbox",
    operation_id = "simulate_session",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid)
)]
pub async fn simulate_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<SimulatedView>, ApiError> {
    let app = &*state.app;
    // Before the body is read: a live key learns nothing else.
    verifa_app::sandbox::require(call.tenant())?;
    let action = match read(&mut call).await {
        Ok(action) => action,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    call.run(
        app,
        || app.simulate_session(call.actor(), call.tenant(), id, action),
        |simulated| SimulatedView {
            id: simulated.id,
            action: simulated.action,
            status: simulated.status,
            simulated: true,
        },
    )
    .await
}

async fn read(call: &mut Mutation) -> Result<SimulatedAction, ApiError> {
    let body: Body = call.json().await?;
    verifa_app::sandbox::parse_action(&body.action)
        .map_err(|fault| ApiError::invalid(vec![FieldError::from(fault)]))
}
