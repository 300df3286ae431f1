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
    /// `next_after` of the call before, where that did not come to the end.
    #[serde(default)]
    #[schema(minimum = 0, example = 1700)]
    after: Option<i64>,
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
    /// Whether every event up to now was looked at.
    #[schema(example = true)]
    is_complete: bool,
    /// If not: `after` of the call that goes on.
    #[schema(example = json!(null))]
    next_after: Option<i64>,
}

impl Outcome for Recovered {}

/// Recover what a webhook endpoint missed
///
/// Puts into line what failed of the events since a time, and what came while the endpoint was
/// disabled, in the order of each session. A disabled endpoint gets it once it is enabled, before
/// what comes from then on: recover first, then enable, then recover once more for what came in
/// between. A call is bounded: while `is_complete` is false, call again with `after`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/recover", tag = "Webhooks",
    operation_id = "recover_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid)
)]
pub async fn recover_webhook_endpoint(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    mut call: Mutation,
) -> Result<Accepted<RecoveredView>, ApiError> {
    let app = &*state.app;
    let (since, after) = match read(&mut call).await {
        Ok(read) => read,
        Err(error) => {
            // What is wrong with a body only counts when the endpoint is there.
            app.webhook_endpoint(call.tenant(), id).await?;
            return Err(error);
        }
    };
    call.run(
        app,
        || app.recover_webhook_endpoint(call.actor(), call.tenant(), id, since, after),
        |recovered| RecoveredView {
            id: recovered.id,
            queued: recovered.queued,
            is_complete: recovered.next_after.is_none(),
            next_after: recovered.next_after,
        },
    )
    .await
}

async fn read(call: &mut Mutation) -> Result<(Timestamp, Option<i64>), ApiError> {
    let body: Body = call.json().await?;
    let since = body.since.parse().map_err(|_| {
        let message = "Must be an ISO 8601 time in UTC, such as 2026-02-01T12:00:00Z.";
        ApiError::invalid_field("since", "invalid", message)
    })?;
    if body.after.is_some_and(|after| after < 0) {
        let message = "Must be a number of the feed.";
        return Err(ApiError::invalid_field("after", "invalid", message));
    }
    Ok((since, body.after))
}
