//! `POST /api/v1/cases/{id}/release`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_core::id::CaseId;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Who gives the case back.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseRelease)]
pub struct Body {
    /// The reviewer who has to hold it; absent: whoever does.
    #[schema(example = "reviewer-7")]
    reviewer_id: Option<String>,
}
impl RequestBody for Body {}

/// Release a review case
///
/// The case goes back to the queue. One that nobody holds is a 409.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/release", tag = "Cases", operation_id = "release_case",
    params(("id" = String, Path, description = "The case.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn release_case(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    mut call: Mutation,
) -> Result<Found<CaseView>, ApiError> {
    let app = &*state.app;
    let body: Result<Body, ApiError> = call.json().await;
    app.case(call.tenant(), id).await?;
    let reviewer = body?.reviewer_id;
    call.run(
        app,
        || app.release_case(call.actor(), call.tenant(), id, reviewer.as_deref()),
        |case| CaseView::of(case, app.clock.now()),
    )
    .await
}
