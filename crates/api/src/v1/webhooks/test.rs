//! `POST /api/v1/webhooks/endpoints/{id}/test`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::webhooks::EndpointTested;
use verifa_core::id::WebhookEndpointId;
use verifa_core::webhook::AttemptFailure;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What came of a test event.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpointTested)]
pub struct TestedView {
    /// Whether the receiver answered with a 2xx.
    #[schema(example = true)]
    success: bool,
    /// Its status, if it answered.
    #[schema(example = 200)]
    http_status: Option<u16>,
    /// Why it failed, as in the tries of a delivery; null on success.
    #[schema(value_type = Option<String>, example = json!(null))]
    error: Option<AttemptFailure>,
    /// Where it was sent.
    #[schema(example = "https://example.com/verifa")]
    url: String,
}

impl Outcome for EndpointTested {}

/// Test a webhook endpoint
///
/// Sends `webhook.test` at once, signed like every event, and answers with what the receiver said.
/// A disabled endpoint is tested too. The event is in no list and is not tried again.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/test", tag = "Webhooks",
    operation_id = "test_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    responses(answers::NotFound)
)]
pub async fn test_webhook_endpoint(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    call: Mutation,
) -> Result<Found<TestedView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.test_webhook_endpoint(call.actor(), call.tenant(), id),
        |tested| TestedView {
            success: tested.success,
            http_status: tested.http_status,
            error: tested.error,
            url: tested.url.clone(),
        },
    )
    .await
}
