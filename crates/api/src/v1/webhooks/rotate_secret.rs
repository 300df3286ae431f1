//! `POST /api/v1/webhooks/endpoints/{id}/rotate-secret`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_core::id::WebhookEndpointId;

use super::view::EndpointView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// How the former secret ends.
#[derive(Deserialize, ToSchema)]
#[schema(as = WebhookSecretRotation)]
pub struct Body {
    /// Hours that the former secret signs too, 0 to 72; default 0: it is dead at once.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 72, example = 24)]
    overlap_hours: Option<i64>,
}
impl RequestBody for Body {}

/// Rotate the secret of a webhook endpoint
///
/// The answer shows the new secret, this once. With an overlap both sign meanwhile, so that the
/// receiver can change without losing a delivery.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/rotate-secret", tag = "Webhooks",
    operation_id = "rotate_webhook_secret",
    params(("id" = String, Path, description = "The endpoint.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn rotate_webhook_secret(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    mut call: Mutation,
) -> Result<Found<EndpointView>, ApiError> {
    let app = &*state.app;
    let body: Body = match call.json().await {
        Ok(body) => body,
        Err(error) => {
            // What is wrong with a body only counts when the endpoint is there.
            app.webhook_endpoint(call.tenant(), id).await?;
            return Err(error);
        }
    };
    let hours = body.overlap_hours.unwrap_or(0);
    call.run(
        app,
        || app.rotate_webhook_secret(call.actor(), call.tenant(), id, hours),
        EndpointView::of,
    )
    .await
}
