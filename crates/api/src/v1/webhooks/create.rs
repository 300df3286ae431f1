//! `POST /api/v1/webhooks/endpoints`

use axum::extract::State;

use super::body::Create;
use super::view::EndpointView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::respond::{Created, answers};

/// Create a webhook endpoint
///
/// The answer shows the signing secret, this once (in the sandbox always). Without `enabled_events`
/// all events are sent. At most 50 endpoints an environment.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints", tag = "Webhooks",
    operation_id = "create_webhook_endpoint",
    request_body = Create, responses(answers::Invalid, answers::Conflict)
)]
pub async fn create_webhook_endpoint(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Created<EndpointView>, ApiError> {
    let app = &*state.app;
    let body: Create = call.json().await?;
    let command = body.into_command(app.clock.now())?;
    call.run(
        app,
        || app.create_webhook_endpoint(call.actor(), call.tenant(), &command),
        EndpointView::of,
    )
    .await
}
