//! `PATCH /api/v1/sessions/{id}`

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use verifa_app::sessions::UpdateSession;
use verifa_core::change::Change;
use verifa_core::id::SessionId;
use verifa_core::session::Metadata;

use super::view::SessionView;
use crate::api_state::ApiState;
use crate::body::{RequestBody, present};
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What can change; absent fields stay, other fields are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionUpdate)]
pub struct Body {
    /// A new reference; null clears it.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, example = "customer-4711")]
    external_ref: Change<String>,
    /// Merged key by key: null removes a key, absent keys stay.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = HashMap<String, Value>, example = json!({"plan": "pro", "trial": null}))]
    metadata: Option<Metadata>,
}
impl RequestBody for Body {
    fn keep_as_sent(&mut self, metadata: Metadata) {
        self.metadata = Some(metadata);
    }
}

/// Tells a field that is null from one that is absent.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Change<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map_or(Change::Clear, Change::Set))
}

/// Update a session
///
/// Changes reference and metadata, at any status. A session whose data was deleted refuses.
#[utoipa::path(
    patch, path = "/api/v1/sessions/{id}", tag = "Sessions", operation_id = "update_session",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn update_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<SessionView>, ApiError> {
    let app = &*state.app;
    let body: Body = match call.json().await {
        Ok(body) => body,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    let command = UpdateSession {
        external_ref: body.external_ref,
        metadata: body.metadata,
    };
    call.run(
        app,
        || app.update_session(call.actor(), call.tenant(), id, &command),
        |session| SessionView::of(app, session),
    )
    .await
}
