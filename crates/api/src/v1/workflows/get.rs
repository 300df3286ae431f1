//! `GET /api/v1/workflows/{id}`

use axum::extract::State;
use verifa_core::id::WorkflowId;

use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Get a workflow
///
/// With its current version.
#[utoipa::path(
    get, path = "/api/v1/workflows/{id}", tag = "Workflows", operation_id = "get_workflow",
    params(("id" = String, Path, description = "The workflow.")), responses(answers::NotFound)
)]
pub async fn get_workflow(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<WorkflowId>,
) -> Result<Found<WorkflowView>, ApiError> {
    let workflow = state.app.workflow(caller.tenant().organization, id).await?;
    Ok(Found::new(WorkflowView::of(&workflow)))
}
