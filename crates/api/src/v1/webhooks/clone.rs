//! `POST /api/v1/webhooks/endpoints/{id}/clone`

use axum::extract::State;
use verifa_core::id::WebhookEndpointId;

use super::view::EndpointView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Created, answers};

/// Clone a webhook endpoint
///
/// Another endpoint with the same settings and a secret of its own.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/clone", tag = "Webhooks",
    operation_id = "clone_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn clone_webhook_endpoint(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    call: Mutation,
) -> Result<Created<EndpointView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.clone_webhook_endpoint(call.actor(), call.tenant(), id),
        EndpointView::of,
    )
    .await
}
