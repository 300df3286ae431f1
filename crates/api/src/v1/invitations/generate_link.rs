//! `POST /api/v1/sessions/{id}/generate-one-time-link`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_core::id::SessionId;

use super::link_view::LinkView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::page::Query;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// How long the link is to live.
#[derive(Deserialize, ToSchema)]
#[schema(as = OneTimeLinkCreate)]
pub struct Body {
    /// 1 to 10080; default 1440.
    #[schema(example = 1440)]
    expires_in_minutes: Option<i64>,
}
impl RequestBody for Body {}

/// Make a one-time link
///
/// It opens the capture once: when the person presses Start, not when the page is fetched. A
/// session has one active link; the former is revoked. The session's own expiry moves to the
/// link's, if that is later, and an expired session is opened again.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/generate-one-time-link", tag = "Sessions",
    operation_id = "generate_one_time_link",
    params(
        ("id" = String, Path, description = "The session."),
        ("include" = Option<String>, Query, description = "`qr` for the link as a picture.")
    ),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn generate_one_time_link(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
    mut call: Mutation,
) -> Result<Found<LinkView>, ApiError> {
    let app = &*state.app;
    let with_qr = query.text("include", 64).as_deref() == Some("qr");
    if let Err(error) = query.finish() {
        // What is wrong with a query only counts when the session is there.
        return Err(call.unknown_first(app, id, error).await);
    }
    let body: Body = match call.json().await {
        Ok(body) => body,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    let minutes = body.expires_in_minutes;
    call.run(
        app,
        || app.generate_link(call.actor(), call.tenant(), id, minutes),
        |link| LinkView::of(link, with_qr),
    )
    .await
}
