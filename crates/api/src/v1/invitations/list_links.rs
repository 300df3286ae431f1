//! `GET /api/v1/sessions/{id}/one-time-links`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::id::SessionId;

use super::link_view::LinkView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::Query;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// A session's links.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimeLinks)]
pub struct LinksView {
    /// The newest hundred, newest first.
    data: Vec<LinkView>,
}

/// List a session's one-time links
///
/// Newest first.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/one-time-links", tag = "Sessions",
    operation_id = "list_one_time_links",
    params(
        ("id" = String, Path, description = "The session."),
        ("include" = Option<String>, Query, description = "`qr` for the active link as a picture.")
    ),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn list_one_time_links(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
) -> Result<Found<LinksView>, ApiError> {
    let links = state.app.links(caller.tenant(), id).await?;
    let with_qr = query.text("include", 64).as_deref() == Some("qr");
    query.finish()?;
    let data = links.iter().map(|link| LinkView::of(link, with_qr));
    Ok(Found::new(LinksView {
        data: data.collect(),
    }))
}
