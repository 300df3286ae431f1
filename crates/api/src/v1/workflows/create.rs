//! `POST /api/v1/workflows`

use axum::extract::State;

use super::body::WorkflowCreate;
use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::respond::{Created, answers};

/// Create a workflow
///
/// Validated and compiled before anything is stored; a 422 names the path of each offence, and
/// unknown keys are refused at every level. A sandbox key can't make it the default (403).
#[utoipa::path(
    post, path = "/api/v1/workflows", tag = "Workflows", operation_id = "create_workflow",
    request_body = WorkflowCreate, responses(answers::Invalid, answers::Conflict)
)]
pub async fn create_workflow(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Created<WorkflowView>, ApiError> {
    let app = &*state.app;
    let body = call.value().await?;
    call.run(
        app,
        || app.create_workflow(call.actor(), &body),
        WorkflowView::of,
    )
    .await
}
