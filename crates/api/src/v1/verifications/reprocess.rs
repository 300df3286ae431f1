//! `POST /api/v1/sessions/{id}/reprocess`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::id::SessionId;
use verifa_core::session::Status;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Accepted, answers};

/// A session that is judged anew.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionReprocessed)]
pub struct ReprocessedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// `processing`.
    #[schema(value_type = String, example = "processing")]
    status: Status,
}

/// Judge a session anew
///
/// Runs the current version of its workflow on its original documents. Only for completed and
/// failed sessions (409) whose documents are still there (422).
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/reprocess", tag = "Sessions",
    operation_id = "reprocess_session",
    params(("id" = String, Path, description = "The session.")),
    responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn reprocess_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    call: Mutation,
) -> Result<Accepted<ReprocessedView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.reprocess_session(call.actor(), call.tenant(), id),
        |rerun| ReprocessedView {
            session_id: rerun.session_id,
            status: rerun.status,
        },
    )
    .await
}
