//! `GET /api/v1/cases/{id}/notes`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::cases::Note;
use verifa_core::id::{CaseId, NoteId};
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::mutation::Outcome;
use crate::page::{Page, PageParameters, Query};
use crate::path::IdPath;
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// A note on a review case.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseNote)]
pub struct NoteView {
    /// Its id.
    #[schema(value_type = String, example = "note_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: NoteId,
    /// The case.
    #[schema(value_type = String, example = "case_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    case_id: CaseId,
    /// What was written.
    #[schema(example = "Called the person.")]
    text: String,
    /// Who wrote it, where that was said.
    #[schema(example = "reviewer-7")]
    reviewer_id: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl Outcome for Note {}

impl NoteView {
    /// The note as callers see it.
    pub fn of(note: &Note) -> Self {
        Self {
            id: note.id,
            case_id: note.case_id,
            text: note.text.clone(),
            reviewer_id: note.reviewer_id.clone(),
            created_at: note.created_at,
        }
    }
}

/// List a case's notes
///
/// Newest first; none once the session's data was deleted, and 410 once its sensitive window is over.
#[utoipa::path(
    get, path = "/api/v1/cases/{id}/notes", tag = "Cases", operation_id = "list_case_notes",
    params(("id" = String, Path, description = "The case."), PageParameters),
    responses(answers::NotFound, answers::Invalid, answers::Gone)
)]
pub async fn list_case_notes(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<CaseId>,
    mut query: Query,
) -> Result<Found<Page<NoteView>>, ApiError> {
    let tenant = caller.tenant();
    state.app.case(tenant, id).await?;
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state.app.case_notes(tenant, id, paging).await?;
    Ok(Found::new(Page::of(page, |note| NoteView::of(&note))))
}
