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
/// Running servers follow within a second. A key that was stopped refuses.
#[utoipa::path(
    patch, path = "/api/v1/api-keys/{id}", tag = "Account", operation_id = "update_api_key",
    params(("id" = String, Path, description = "The API key.")),
    request_body = ApiKeyUpdate,
    responses(answers::NotFound, answers::Invalid, answers::Conflict, answers::TooLarge,
        answers::UnsupportedMedia)
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
    let held = &call.caller().key().scopes;
    call.run(
        app,
        || app.update_api_key(call.actor(), held, id, &body),
        |key| ApiKeyView::of(key, app.clock.now()),
    )
    .await
}
