//! `GET`, `POST` and `DELETE /api/v1/sessions/{id}/legal-hold`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::sessions::HoldState;
use verifa_core::id::SessionId;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Why the session must be kept.
#[derive(Deserialize, ToSchema)]
#[schema(as = LegalHoldPlacement)]
pub struct Body {
    /// 1 to 2,000 characters; kept encrypted.
    #[schema(example = "Proceedings 4 O 112/26")]
    reason: String,
}
impl RequestBody for Body {}

/// Whether a session is held.
#[derive(Serialize, ToSchema)]
#[schema(as = LegalHold)]
pub struct LegalHoldView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// Whether a hold stands.
    #[schema(example = true)]
    legal_hold: bool,
    /// Why.
    #[schema(example = "Proceedings 4 O 112/26")]
    reason: Option<String>,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    placed_at: Option<Timestamp>,
    /// The API key that placed it.
    #[schema(example = "key_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    placed_by: Option<String>,
}

impl Outcome for HoldState {}

impl LegalHoldView {
    fn of(state: &HoldState) -> Self {
        let hold = state.hold.as_ref();
        Self {
            session_id: state.id,
            legal_hold: hold.is_some(),
            reason: hold.map(|hold| hold.reason.clone()),
            placed_at: hold.map(|hold| hold.placed_at),
            placed_by: hold.map(|hold| hold.placed_by.clone()),
        }
    }
}

/// Get a session's legal hold
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/legal-hold", tag = "Sessions",
    operation_id = "get_session_legal_hold",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn get_legal_hold(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<LegalHoldView>, ApiError> {
    let hold = state.app.legal_hold(caller.tenant(), id).await?;
    Ok(Found::new(LegalHoldView::of(&hold)))
}

/// Place a legal hold
///
/// While it stands, neither retention window ends and redaction refuses with 409. On a session that
/// is held already the reason is replaced.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/legal-hold", tag = "Sessions",
    operation_id = "place_session_legal_hold",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn place_legal_hold(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<LegalHoldView>, ApiError> {
    let app = &*state.app;
    let body: Body = match call.json().await {
        Ok(body) => body,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    call.run(
        app,
        || app.place_legal_hold(call.actor(), call.tenant(), id, &body.reason),
        LegalHoldView::of,
    )
    .await
}

/// Lift a legal hold
///
/// Windows that are over end at the next round. Without a hold: the same answer.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}/legal-hold", tag = "Sessions",
    operation_id = "lift_session_legal_hold",
    params(("id" = String, Path, description = "The session.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn lift_legal_hold(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    call: Mutation,
) -> Result<Found<LegalHoldView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.lift_legal_hold(call.actor(), call.tenant(), id),
        LegalHoldView::of,
    )
    .await
}
