//! `POST /api/v1/webhooks/deliveries/{id}/retry`

use axum::extract::State;
use verifa_app::webhooks::Delivery;
use verifa_core::id::DeliveryId;

use super::view::DeliveryView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Accepted, answers};

impl Outcome for Delivery {}

/// Retry a webhook delivery
///
/// Sends it again at once, whatever became of it, with a whole schedule of tries before it. The
/// body and its `idempotency_key` stay the same.
#[utoipa::path(
    post, path = "/api/v1/webhooks/deliveries/{id}/retry", tag = "Webhooks",
    operation_id = "retry_webhook_delivery",
    params(("id" = String, Path, description = "The delivery.")),
    responses(answers::NotFound, answers::Conflict, answers::Gone)
)]
pub async fn retry_webhook_delivery(
    State(state): State<ApiState>,
    IdPath(id): IdPath<DeliveryId>,
    call: Mutation,
) -> Result<Accepted<DeliveryView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.resend_delivery(call.actor(), call.tenant(), id),
        DeliveryView::of,
    )
    .await
}
