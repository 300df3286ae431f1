//! `POST /api/v1/sessions/{id}/resume`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::Resumed;
use verifa_core::id::SessionId;
use verifa_core::session::Status;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::page::Query;
use crate::path::IdPath;
use crate::qr::data_url;
use crate::respond::{Found, answers};

/// A resumed session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionResumed)]
pub struct ResumedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// `pending`.
    #[schema(value_type = String, example = "pending")]
    status: Status,
    /// The new capture page.
    #[schema(example = "https://id.example.org/verify/tok_…")]
    capture_url: String,
    /// When its token dies.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The capture page as a PNG data URL; only with `include=qr`.
    #[schema(example = json!(null))]
    qr_code_data_url: Option<String>,
}

impl Outcome for Resumed {}

/// Resume a session
///
/// Gives a pending, capturing, expired or failed session a new capture link. The old link dies;
/// documents and data stay.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/resume", tag = "Sessions", operation_id = "resume_session",
    params(
        ("id" = String, Path, description = "The session."),
        ("include" = Option<String>, Query, description = "`qr` for the capture link as a picture.")
    ),
    responses(answers::NotFound)
)]
pub async fn resume_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
    call: Mutation,
) -> Result<Found<ResumedView>, ApiError> {
    let app = &*state.app;
    let with_qr = query.text("include", 64).as_deref() == Some("qr");
    if let Err(error) = query.finish() {
        // What is wrong with a query only counts when the session is there.
        return Err(call.unknown_first(app, id, error).await);
    }
    call.run(
        app,
        || app.resume_session(call.actor(), call.tenant(), id),
        |resumed| ResumedView {
            id: resumed.id,
            status: Status::Pending,
            capture_url: resumed.capture_url.clone(),
            expires_at: resumed.expires_at,
            qr_code_data_url: with_qr.then(|| data_url(&resumed.capture_url)).flatten(),
        },
    )
    .await
}
