//! `POST /api/v1/sessions/{id}/expire`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::Expired;
use verifa_core::id::SessionId;
use verifa_core::session::Status;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// An expired session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionExpired)]
pub struct ExpiredView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// `expired`.
    #[schema(value_type = String, example = "expired")]
    status: Status,
    /// When it expired.
    #[schema(value_type = String, format = DateTime)]
    expired_at: Timestamp,
}

impl Outcome for Expired {}

/// Expire a session
///
/// Ends any active session: its capture link dies, a run is cancelled, a case closed.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/expire", tag = "Sessions", operation_id = "expire_session",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn expire_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    call: Mutation,
) -> Result<Found<ExpiredView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.expire_session(call.actor(), call.tenant(), id),
        |expired| ExpiredView {
            id: expired.id,
            status: Status::Expired,
            expired_at: expired.expired_at,
        },
    )
    .await
}
