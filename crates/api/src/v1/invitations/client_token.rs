//! `POST /api/v1/sessions/{id}/client-token`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::ClientToken;
use verifa_core::id::SessionId;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What a browser exchanges for the capture flow.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientToken)]
pub struct ClientTokenView {
    /// The token; good once.
    #[schema(example = "tok_…")]
    client_token: String,
    /// The page to embed.
    #[schema(example = "https://id.example.org/verify/tok_…")]
    embed_url: String,
    /// When it runs out.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl Outcome for ClientToken {}

/// Make a client token
///
/// For a pending or capturing session. It lives ten minutes, belongs to the session and may be
/// given to a browser, which exchanges it once: `POST /verify/{client_token}/start`.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/client-token", tag = "Sessions",
    operation_id = "create_client_token",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn create_client_token(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    call: Mutation,
) -> Result<Found<ClientTokenView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.make_client_token(call.actor(), call.tenant(), id),
        |made| ClientTokenView {
            client_token: made.token.clone(),
            embed_url: made.embed_url.clone(),
            expires_at: made.expires_at,
        },
    )
    .await
}
