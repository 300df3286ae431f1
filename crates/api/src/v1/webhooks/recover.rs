//! `POST /api/v1/webhooks/endpoints/{id}/recover`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::webhooks::Recovered;
use verifa_core::id::WebhookEndpointId;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Accepted, answers};

/// From when on to recover.
#[derive(Deserialize, ToSchema)]
#[schema(as = WebhookRecovery)]
pub struct Body {
    /// Events from this time on.
    #[schema(format = DateTime, example = "2026-02-01T12:00:00Z")]
    since: String,
}
impl RequestBody for Body {}

/// What was put into line.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookRecoveryAccepted)]
pub struct RecoveredView {
    /// The endpoint.
    #[schema(value_type = String, example = "webhook_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: WebhookEndpointId,
    /// Deliveries that are sent again, or for the first time.
    #[schema(example = 12)]
    queued: usize,
    /// Whether that is all; if not, the same call goes on where this one ended.
    #[schema(example = true)]
    is_complete: bool,
}

impl Outcome for Recovered {}

/// Recover what a webhook endpoint missed
///
/// Sends again what failed since a time, and what came while the endpoint was disabled. The
/// endpoint has to be enabled.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/recover", tag = "Webhooks",
    operation_id = "recover_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn recover_webhook_endpoint(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    mut call: Mutation,
) -> Result<Accepted<RecoveredView>, ApiError> {
    let app = &*state.app;
    let since = match read(&mut call).await {
        Ok(since) => since,
        Err(error) => {
            // What is wrong with a body only counts when the endpoint is there.
            app.webhook_endpoint(call.tenant(), id).await?;
            return Err(error);
        }
    };
    call.run(
        app,
        || app.recover_webhook_endpoint(call.actor(), call.tenant(), id, since),
        |recovered| RecoveredView {
            id: recovered.id,
            queued: recovered.queued,
            is_complete: recovered.is_complete,
        },
    )
    .await
}

async fn read(call: &mut Mutation) -> Result<Timestamp, ApiError> {
    let body: Body = call.json().await?;
    body.since.parse().map_err(|_| {
        let message = "Must be an ISO 8601 time in UTC, such as 2026-02-01T12:00:00Z.";
        ApiError::invalid_field("since", "invalid", message)
    })
}
