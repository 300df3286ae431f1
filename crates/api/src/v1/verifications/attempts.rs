//! `GET /api/v1/sessions/{id}/verifications/{policy}/attempts`

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::id::SessionId;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};
use crate::v1::sessions::verifications::VerificationView;

/// Every attempt of one check.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationAttempts)]
pub struct AttemptsView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// The check's name.
    #[schema(example = "document_ocr")]
    policy: String,
    /// Oldest first.
    attempts: Vec<VerificationView>,
}

/// List a check's attempts
///
/// Oldest first. A check that never ran in the session is a 404.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/verifications/{policy}/attempts", tag = "Results",
    operation_id = "list_verification_attempts",
    params(
        ("id" = String, Path, description = "The session."),
        ("policy" = String, Path, description = "The check's name.")
    ),
    responses(answers::NotFound)
)]
pub async fn list_verification_attempts(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
    path: Path<(String, String)>,
) -> Result<Found<AttemptsView>, ApiError> {
    let Path((_, policy)) = path;
    let app = &state.app;
    let attempts = app
        .verification_attempts(caller.tenant(), id, &policy)
        .await?;
    let attempts = attempts
        .into_iter()
        .map(VerificationView::of)
        .collect::<Result<_, _>>()?;
    Ok(Found::new(AttemptsView {
        session_id: id,
        policy,
        attempts,
    }))
}
