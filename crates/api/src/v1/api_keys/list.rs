//! `GET /api/v1/api-keys`

use axum::extract::State;

use super::view::ApiKeyView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// List API keys
///
/// Those of the environment of the calling key, newest first, dead ones included.
#[utoipa::path(
    get,
    path = "/api/v1/api-keys",
    tag = "Account",
    operation_id = "list_api_keys",
    params(PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_api_keys(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<ApiKeyView>>, ApiError> {
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state.app.page_of_api_keys(caller.tenant(), paging).await?;
    let now = state.app.clock.now();
    Ok(Found::new(Page::of(page, |key| ApiKeyView::of(&key, now))))
}
