//! `GET /api/v1/webhooks/endpoints/{id}`

use axum::extract::State;
use verifa_core::id::WebhookEndpointId;

use super::view::EndpointView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Get a webhook endpoint
#[utoipa::path(
    get, path = "/api/v1/webhooks/endpoints/{id}", tag = "Webhooks",
    operation_id = "get_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    responses(answers::NotFound)
)]
pub async fn get_webhook_endpoint(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<WebhookEndpointId>,
) -> Result<Found<EndpointView>, ApiError> {
    let endpoint = state.app.webhook_endpoint(caller.tenant(), id).await?;
    Ok(Found::new(EndpointView::of(&endpoint)))
}
