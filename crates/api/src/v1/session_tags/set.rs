//! `POST /api/v1/sessions/{id}/set-tags`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::sessions::TagChange;
use verifa_core::id::SessionId;

use super::view::{TagsView, change};
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// The tags from now on.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionTagsSet)]
pub struct Body {
    /// At most 50, each of 1 to 64 characters.
    #[schema(example = json!(["vip"]))]
    tags: Vec<String>,
}
impl RequestBody for Body {}

/// Replace all tags
///
/// Repeats are dropped; an empty list removes all.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/set-tags", tag = "Sessions",
    operation_id = "set_session_tags",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn set_session_tags(
    state: State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<TagsView>, ApiError> {
    let body: Result<Body, ApiError> = call.json().await;
    let how = body.map(|body| TagChange::Set(body.tags));
    change(state, id, &call, how).await
}
