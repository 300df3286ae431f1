//! `PATCH /api/v1/cases/{id}`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::cases::UpdateCase;
use verifa_core::id::CaseId;
use verifa_core::session::Metadata;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::body::{RequestBody, present};
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What can change; absent fields stay, other fields are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseUpdate)]
pub struct Body {
    /// `low`, `normal`, `high` or `urgent`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, example = "high")]
    priority: Option<String>,
    /// All labels: at most 50, each 1–64 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<String>, example = json!(["vip"]))]
    tags: Option<Vec<String>>,
    /// Merged key by key: null removes a key, absent keys stay.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = HashMap<String, Value>, example = json!({"ticket": "A-17"}))]
    metadata: Option<Metadata>,
    /// Merged key by key: null removes a key, absent keys stay.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = HashMap<String, Value>, example = json!({"region": "north"}))]
    custom_fields: Option<Metadata>,
}
impl RequestBody for Body {
    fn keep_as_sent(&mut self, metadata: Metadata) {
        self.metadata = Some(metadata);
    }
}

/// Update a review case
///
/// Changes priority, labels and your own data, at any status.
#[utoipa::path(
    patch, path = "/api/v1/cases/{id}", tag = "Cases", operation_id = "update_case",
    params(("id" = String, Path, description = "The case.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn update_case(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    mut call: Mutation,
) -> Result<Found<CaseView>, ApiError> {
    let app = &*state.app;
    let body: Result<Body, ApiError> = call.json().await;
    // What is wrong with a body only counts when the case is there.
    app.case(call.tenant(), id).await?;
    let body = body?;
    let command = UpdateCase {
        priority: body.priority,
        tags: body.tags,
        metadata: body.metadata,
        custom_fields: body.custom_fields,
    };
    call.run(
        app,
        || app.update_case(call.actor(), call.tenant(), id, &command),
        |case| CaseView::of(case, app.clock.now()),
    )
    .await
}
