//! `PATCH /api/v1/api-keys/{id}`

use axum::extract::State;
use verifa_core::id::ApiKeyId;

use super::body::ApiKeyUpdate;
use super::view::ApiKeyView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Change an API key
///
/// Running servers follow within a second. A key that was stopped refuses. Whoever changes
/// `expires_at`, `allowed_ips` or `allowed_origins` must hold every scope of the key (403), and
/// widens them no further than its own limits reach (422); its own it can only tighten.
#[utoipa::path(
    patch, path = "/api/v1/api-keys/{id}", tag = "Account", operation_id = "update_api_key",
    params(("id" = String, Path, description = "The API key.")),
    request_body = ApiKeyUpdate,
    responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn update_api_key(
    State(state): State<ApiState>,
    IdPath(id): IdPath<ApiKeyId>,
    mut call: Mutation,
) -> Result<Found<ApiKeyView>, ApiError> {
    let app = &*state.app;
    let body = match call.value().await {
        Ok(body) => body,
        Err(error) => {
            // What is wrong with a body only counts when the key is there.
            app.api_key(call.tenant(), id).await?;
            return Err(error);
        }
    };
    let held = call.caller().key().grant();
    call.run(
        app,
        || app.update_api_key(call.actor(), &held, id, &body),
        |key| ApiKeyView::of(key, app.clock.now()),
    )
    .await
}
