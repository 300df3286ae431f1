//! `DELETE /api/v1/webhooks/endpoints/{id}`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::webhooks::EndpointDeleted;
use verifa_core::id::WebhookEndpointId;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// A deleted endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpointDeleted)]
pub struct DeletedView {
    /// The endpoint.
    #[schema(value_type = String, example = "webhook_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: WebhookEndpointId,
    /// True.
    #[schema(example = true)]
    deleted: bool,
}

impl Outcome for EndpointDeleted {}

/// Delete a webhook endpoint
///
/// What waits for it is given up; its deliveries stay in the lists of their sessions.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/endpoints/{id}", tag = "Webhooks",
    operation_id = "delete_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn delete_webhook_endpoint(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    call: Mutation,
) -> Result<Found<DeletedView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.delete_webhook_endpoint(call.actor(), call.tenant(), id),
        |gone| DeletedView {
            id: gone.id,
            deleted: true,
        },
    )
    .await
}
