//! `GET /api/v1/sessions/{id}/list-matches`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::ListMatch;
use verifa_core::id::SessionId;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::path::IdPath;
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// A match of a session's data with an entry of a custom list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListMatch)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct ListMatchView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// The list.
    #[schema(example = "list_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    list_id: String,
    /// Its entry.
    #[schema(example = "item_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    item_id: String,
}

impl From<ListMatch> for ListMatchView {
    fn from(found: ListMatch) -> Self {
        Self {
            session_id: found.session_id,
            list_id: found.list_id,
            item_id: found.item_id,
        }
    }
}

/// List a session's matches with custom lists
///
/// Newest first. Without lists nothing matches.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/list-matches", tag = "Results",
    operation_id = "list_session_list_matches",
    params(("id" = String, Path, description = "The session."), PageParameters),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn list_session_list_matches(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
) -> Result<Found<Page<ListMatchView>>, ApiError> {
    let paging = query.paging(DEFAULT_LIMIT);
    let page = state.app.list_matches(caller.tenant(), id, paging).await?;
    query.finish()?;
    Ok(Found::new(Page::of(page, ListMatchView::from)))
}
