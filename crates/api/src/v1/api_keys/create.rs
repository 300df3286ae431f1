//! `POST /api/v1/api-keys`

use axum::extract::State;

use super::body::ApiKeyCreate;
use super::view::MadeApiKeyView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::respond::{Created, answers};

/// Create an API key
///
/// In the environment of the calling key. The secret is in this answer alone. The limits of the
/// calling key, `expires_at` and `allowed_ips`, hold for what it makes: absent fields take them,
/// wider ones are refused (422).
#[utoipa::path(
    post, path = "/api/v1/api-keys", tag = "Account", operation_id = "create_api_key",
    request_body = ApiKeyCreate,
    responses(answers::Invalid)
)]
pub async fn create_api_key(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Created<MadeApiKeyView>, ApiError> {
    let app = &*state.app;
    call.exchange().count_key_creation()?;
    let body = call.value().await?;
    let held = call.caller().key().grant();
    call.run(
        app,
        || app.issue_api_key(call.actor(), &held, &body),
        MadeApiKeyView::of,
    )
    .await
}
