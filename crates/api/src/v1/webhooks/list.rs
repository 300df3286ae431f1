//! `GET /api/v1/webhooks/endpoints`

use axum::extract::State;

use super::view::EndpointView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// List webhook endpoints
///
/// Those of the key's environment, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks/endpoints",
    tag = "Webhooks",
    operation_id = "list_webhook_endpoints",
    params(PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_webhook_endpoints(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<EndpointView>>, ApiError> {
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state
        .app
        .list_webhook_endpoints(caller.tenant(), paging)
        .await?;
    Ok(Found::new(Page::of(page, |endpoint| {
        EndpointView::of(&endpoint)
    })))
}
