//! `POST /api/v1/api-keys/{id}/expire`

use axum::extract::State;
use verifa_core::id::ApiKeyId;

use super::view::ApiKeyView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Stop an API key
///
/// For good; running servers know within a second. Repeated: the same answer. The calling key
/// can't stop itself (422).
#[utoipa::path(
    post, path = "/api/v1/api-keys/{id}/expire", tag = "Account", operation_id = "expire_api_key",
    params(("id" = String, Path, description = "The API key.")),
    responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn expire_api_key(
    State(state): State<ApiState>,
    IdPath(id): IdPath<ApiKeyId>,
    call: Mutation,
) -> Result<Found<ApiKeyView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.expire_api_key(call.actor(), id),
        |key| ApiKeyView::of(key, app.clock.now()),
    )
    .await
}
