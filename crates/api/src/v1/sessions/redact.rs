//! `DELETE /api/v1/sessions/{id}/data`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::Redacted;
use verifa_core::id::SessionId;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// A redacted session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionRedacted)]
pub struct RedactedView {
    /// `deleted`.
    #[schema(example = "deleted")]
    status: &'static str,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// Images deleted by this call.
    #[schema(example = 2)]
    documents_removed: usize,
    /// What happened.
    message: &'static str,
}

impl Outcome for Redacted {}

/// Redact a session
///
/// Destroys the session's data key and images. What remains is the record without personal data.
/// An active session expires first; one that is being processed refuses with 409. Repeated: the
/// same answer, nothing removed.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}/data", tag = "Sessions", operation_id = "redact_session",
    params(("id" = String, Path, description = "The session.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn redact_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    call: Mutation,
) -> Result<Found<RedactedView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.redact_session(call.actor(), call.tenant(), id),
        |redacted| RedactedView {
            status: "deleted",
            session_id: redacted.id,
            documents_removed: redacted.documents_removed,
            message: "The session's personal data has been deleted.",
        },
    )
    .await
}
