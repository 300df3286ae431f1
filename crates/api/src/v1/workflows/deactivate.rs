//! `POST /api/v1/workflows/{id}/deactivate`

use axum::extract::State;
use verifa_core::id::WorkflowId;

use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Deactivate a workflow
///
/// New sessions can no longer take it; those that have it go on. The default can't be deactivated.
/// A sandbox key deactivates only what it may change (403).
#[utoipa::path(
    post, path = "/api/v1/workflows/{id}/deactivate", tag = "Workflows",
    operation_id = "deactivate_workflow",
    params(("id" = String, Path, description = "The workflow.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn deactivate_workflow(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WorkflowId>,
    call: Mutation,
) -> Result<Found<WorkflowView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.deactivate_workflow(call.actor(), id),
        WorkflowView::of,
    )
    .await
}
