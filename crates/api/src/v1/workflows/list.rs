//! `GET /api/v1/workflows`

use axum::extract::State;

use super::view::WorkflowView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// List workflows
///
/// Newest first; both environments share them.
#[utoipa::path(
    get,
    path = "/api/v1/workflows",
    tag = "Workflows",
    operation_id = "list_workflows",
    params(PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_workflows(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<WorkflowView>>, ApiError> {
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state
        .app
        .list_workflows(caller.tenant().organization, paging)
        .await?;
    Ok(Found::new(Page::of(page, |workflow| {
        WorkflowView::of(&workflow)
    })))
}
