//! `POST /api/v1/sessions/{id}/remove-tag`

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

/// The tag to remove.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionTagRemove)]
pub struct Body {
    /// 1 to 64 characters.
    #[schema(example = "vip")]
    tag: String,
}
impl RequestBody for Body {}

/// Remove a tag
///
/// One that is not there changes nothing.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/remove-tag", tag = "Sessions",
    operation_id = "remove_session_tag",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn remove_session_tag(
    state: State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<TagsView>, ApiError> {
    let body: Result<Body, ApiError> = call.json().await;
    let how = body.map(|body| TagChange::Remove(body.tag));
    change(state, id, &call, how).await
}
