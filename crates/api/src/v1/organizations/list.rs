//! `GET /api/v1/organizations`

use axum::extract::State;

use super::view::OrganizationView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Operator;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// List organizations
///
/// Newest first. Needs an admin token.
#[utoipa::path(
    get,
    path = "/api/v1/organizations",
    tag = "Organizations",
    operation_id = "list_organizations",
    params(PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_organizations(
    State(state): State<ApiState>,
    _: Operator,
    mut query: Query,
) -> Result<Found<Page<OrganizationView>>, ApiError> {
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state.app.list_organizations(paging).await?;
    Ok(Found::new(Page::of(page, |record| {
        OrganizationView::of(&record)
    })))
}
