//! `PATCH /api/v1/webhooks/endpoints/{id}`

use axum::extract::State;
use verifa_core::id::WebhookEndpointId;
use verifa_core::webhook::EndpointChanges;

use super::body::Update;
use super::view::EndpointView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Update a webhook endpoint
///
/// Absent fields stay. What is under way is sent by the new settings. `enabled: true` sends what
/// waited while the endpoint was disabled; use `recover` for what came meanwhile.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/endpoints/{id}", tag = "Webhooks",
    operation_id = "update_webhook_endpoint",
    params(("id" = String, Path, description = "The endpoint.")),
    request_body = Update, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn update_webhook_endpoint(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WebhookEndpointId>,
    mut call: Mutation,
) -> Result<Found<EndpointView>, ApiError> {
    let app = &*state.app;
    let command = match read(&mut call, &state).await {
        Ok(command) => command,
        Err(error) => {
            // What is wrong with a body only counts when the endpoint is there.
            app.webhook_endpoint(call.tenant(), id).await?;
            return Err(error);
        }
    };
    call.run(
        app,
        || app.update_webhook_endpoint(call.actor(), call.tenant(), id, &command),
        EndpointView::of,
    )
    .await
}

async fn read(call: &mut Mutation, state: &ApiState) -> Result<EndpointChanges, ApiError> {
    let body: Update = call.json().await?;
    body.into_command(state.app.clock.now())
}
