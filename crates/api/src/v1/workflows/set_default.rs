//! `POST /api/v1/workflows/{id}/set-default`

use axum::extract::State;
use verifa_core::id::WorkflowId;

use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Make a workflow the default
///
/// Sessions that name no workflow take it from now on, in both environments: needs a live key (403).
#[utoipa::path(
    post, path = "/api/v1/workflows/{id}/set-default", tag = "Workflows",
    operation_id = "set_default_workflow",
    params(("id" = String, Path, description = "The workflow.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn set_default_workflow(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WorkflowId>,
    call: Mutation,
) -> Result<Found<WorkflowView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.set_default_workflow(call.actor(), id),
        WorkflowView::of,
    )
    .await
}
