//! `GET /api/v1/api-keys/{id}`

use axum::extract::State;
use verifa_core::id::ApiKeyId;

use super::view::ApiKeyView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Get an API key
#[utoipa::path(
    get, path = "/api/v1/api-keys/{id}", tag = "Account", operation_id = "get_api_key",
    params(("id" = String, Path, description = "The API key.")), responses(answers::NotFound)
)]
pub async fn get_api_key(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<ApiKeyId>,
) -> Result<Found<ApiKeyView>, ApiError> {
    let key = state.app.api_key(caller.tenant(), id).await?;
    Ok(Found::new(ApiKeyView::of(&key, state.app.clock.now())))
}
