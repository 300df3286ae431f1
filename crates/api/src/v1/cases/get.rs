//! `GET /api/v1/cases/{id}`

use axum::extract::State;
use verifa_core::id::CaseId;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Get a review case
#[utoipa::path(
    get, path = "/api/v1/cases/{id}", tag = "Cases", operation_id = "get_case",
    params(("id" = String, Path, description = "The case.")), responses(answers::NotFound)
)]
pub async fn get_case(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<CaseId>,
) -> Result<Found<CaseView>, ApiError> {
    let app = &*state.app;
    let case = app.case(caller.tenant(), id).await?;
    Ok(Found::new(CaseView::of(&case, app.clock.now())))
}
