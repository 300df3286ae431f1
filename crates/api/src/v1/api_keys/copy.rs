//! `POST /api/v1/api-keys/{id}/clone`

use axum::extract::State;
use verifa_core::id::ApiKeyId;

use super::view::MadeApiKeyView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Created, answers};

/// Clone an API key
///
/// A new secret with everything else as the key has it; the key itself goes on. The secret is in
/// this answer alone. Of a key that may more than the calling one, or is under wider limits, no
/// copy is made (403, 422).
#[utoipa::path(
    post, path = "/api/v1/api-keys/{id}/clone", tag = "Account", operation_id = "clone_api_key",
    params(("id" = String, Path, description = "The API key.")),
    responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn clone_api_key(
    State(state): State<ApiState>,
    IdPath(id): IdPath<ApiKeyId>,
    call: Mutation,
) -> Result<Created<MadeApiKeyView>, ApiError> {
    let app = &*state.app;
    call.exchange().count_key_creation()?;
    let held = call.caller().key().grant();
    call.run(
        app,
        || app.clone_api_key(call.actor(), &held, id),
        MadeApiKeyView::of,
    )
    .await
}
