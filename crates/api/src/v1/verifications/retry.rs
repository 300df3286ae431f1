//! `POST /api/v1/sessions/{id}/verifications/{policy}/retry`

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::Rerun;
use verifa_core::id::SessionId;
use verifa_core::session::Status;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Accepted, answers};

/// A check that runs again.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationRetried)]
pub struct RetriedView {
    /// The session's: `processing`.
    #[schema(value_type = String, example = "processing")]
    status: Status,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// The check's name.
    #[schema(example = "document_ocr")]
    policy: String,
}

impl Outcome for Rerun {}

/// Try a check again
///
/// For a check whose newest attempt failed, broke or asks for it, in a session that is under
/// review, completed or failed. It and what came after it is judged anew, and the workflow routes
/// anew; when everything then passes, the session is approved.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/verifications/{policy}/retry", tag = "Results",
    operation_id = "retry_verification",
    params(
        ("id" = String, Path, description = "The session."),
        ("policy" = String, Path, description = "The check's name.")
    ),
    responses(answers::NotFound)
)]
pub async fn retry_verification(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    path: Path<(String, String)>,
    call: Mutation,
) -> Result<Accepted<RetriedView>, ApiError> {
    let app = &*state.app;
    let Path((_, policy)) = path;
    let policy = policy.as_str();
    call.run(
        app,
        || app.retry_verification(call.actor(), call.tenant(), id, policy),
        |rerun| RetriedView {
            status: rerun.status,
            session_id: rerun.session_id,
            policy: policy.to_owned(),
        },
    )
    .await
}
