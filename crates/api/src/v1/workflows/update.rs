//! `PATCH /api/v1/workflows/{id}`

use axum::extract::State;
use verifa_core::id::WorkflowId;

use super::body::WorkflowUpdate;
use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Update a workflow
///
/// A change of steps, graph, data requirements or screening settings makes a new version; runs
/// under way keep theirs.
///
/// A sandbox key changes only what a sandbox key made, and not while it is the default or once a live
/// session has it (403); it can't make a workflow the default.
#[utoipa::path(
    patch, path = "/api/v1/workflows/{id}", tag = "Workflows", operation_id = "update_workflow",
    params(("id" = String, Path, description = "The workflow.")),
    request_body = WorkflowUpdate,
    responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn update_workflow(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WorkflowId>,
    mut call: Mutation,
) -> Result<Found<WorkflowView>, ApiError> {
    let app = &*state.app;
    let body = match call.value().await {
        Ok(body) => body,
        Err(error) => {
            // What is wrong with a body only counts when the workflow is there.
            app.workflow(call.tenant().organization, id).await?;
            return Err(error);
        }
    };
    call.run(
        app,
        || app.update_workflow(call.actor(), id, &body),
        WorkflowView::of,
    )
    .await
}
