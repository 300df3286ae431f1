//! What the three calls answer, and what they share.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::{TagChange, Tagged};
use verifa_core::id::SessionId;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::respond::Found;

/// A session's tags.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionTags)]
pub struct TagsView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// All of its tags, in the order they came.
    #[schema(example = json!(["vip"]))]
    tags: Vec<String>,
}

impl Outcome for Tagged {}

/// Changes the tags as the call's body says.
pub(super) async fn change(
    State(state): State<ApiState>,
    id: SessionId,
    call: &Mutation,
    how: Result<TagChange, ApiError>,
) -> Result<Found<TagsView>, ApiError> {
    let app = &*state.app;
    let how = match how {
        Ok(how) => how,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    call.run(
        app,
        || app.change_tags(call.actor(), call.tenant(), id, &how),
        |tagged| TagsView {
            id: tagged.id,
            tags: tagged.tags.clone(),
        },
    )
    .await
}
