//! `GET /api/v1/workflows/{id}/versions` and `/versions/{version}`

use axum::extract::{Path, State};
use verifa_core::id::WorkflowId;

use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::path::IdPath;
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// List a workflow's versions
///
/// Newest first. Versions never change.
#[utoipa::path(
    get, path = "/api/v1/workflows/{id}/versions", tag = "Workflows",
    operation_id = "list_workflow_versions",
    params(("id" = String, Path, description = "The workflow."), PageParameters),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn list_workflow_versions(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<WorkflowId>,
    mut query: Query,
) -> Result<Found<Page<WorkflowView>>, ApiError> {
    let organization = caller.tenant().organization;
    state.app.workflow(organization, id).await?;
    let request = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state
        .app
        .workflow_versions(organization, id, request)
        .await?;
    Ok(Found::new(Page::of(page, |workflow| {
        WorkflowView::of(&workflow)
    })))
}

/// Get a version of a workflow
#[utoipa::path(
    get, path = "/api/v1/workflows/{id}/versions/{version}", tag = "Workflows",
    operation_id = "get_workflow_version",
    params(
        ("id" = String, Path, description = "The workflow."),
        ("version" = i64, Path, description = "The number of the version, from 1.")
    ),
    responses(answers::NotFound)
)]
pub async fn get_workflow_version(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<WorkflowId>,
    path: Path<(String, String)>,
) -> Result<Found<WorkflowView>, ApiError> {
    let Path((_, version)) = path;
    let number = version
        .parse()
        .map_err(|_| ApiError::not_found("Workflow version"));
    let organization = caller.tenant().organization;
    let workflow = state.app.workflow_at(organization, id, number?).await?;
    Ok(Found::new(WorkflowView::of(&workflow)))
}
