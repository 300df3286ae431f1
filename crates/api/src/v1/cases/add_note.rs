//! `POST /api/v1/cases/{id}/notes`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::cases::AddNote;
use verifa_core::id::CaseId;

use super::notes::NoteView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Created, answers};

/// A note to write.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseNoteAdd)]
pub struct Body {
    /// 1–10,000 characters.
    #[schema(example = "Called the person.")]
    text: String,
    /// Your own name for the reviewer.
    #[schema(example = "reviewer-7")]
    reviewer_id: Option<String>,
}
impl RequestBody for Body {}

/// Add a note to a case
///
/// At any status. Notes are encrypted with the session's data and deleted with it.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/notes", tag = "Cases", operation_id = "add_case_note",
    params(("id" = String, Path, description = "The case.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Gone)
)]
pub async fn add_case_note(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    mut call: Mutation,
) -> Result<Created<NoteView>, ApiError> {
    let app = &*state.app;
    let body: Result<Body, ApiError> = call.json().await;
    app.case(call.tenant(), id).await?;
    let body = body?;
    let command = AddNote {
        text: body.text,
        reviewer_id: body.reviewer_id,
    };
    call.run(
        app,
        || app.add_case_note(call.actor(), call.tenant(), id, &command),
        NoteView::of,
    )
    .await
}
