//! `GET /api/v1/sessions/{id}`

use axum::extract::State;
use verifa_core::id::SessionId;

use super::view::SessionView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::Query;
use crate::path::IdPath;
use crate::qr::data_url;
use crate::respond::{Found, answers};

/// Get a session
///
/// With `include=qr` the answer has `qr_code_data_url`, a PNG of the capture link.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}", tag = "Sessions", operation_id = "get_session",
    params(
        ("id" = String, Path, description = "The session."),
        ("include" = Option<String>, Query, description = "`qr` for the capture link as a picture.")
    ),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn get_session(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
) -> Result<Found<SessionView>, ApiError> {
    let session = state.app.session(caller.tenant(), id).await?;
    let include = query.text("include", 64);
    query.finish()?;
    let mut view = SessionView::of(&state.app, &session);
    if include.as_deref() == Some("qr") {
        view.qr_code_data_url = view.capture_url.as_deref().and_then(data_url);
    }
    Ok(Found::new(view))
}
