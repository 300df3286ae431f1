//! `POST /api/v1/cases/{id}/claim`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::cases::ClaimCase;
use verifa_core::id::CaseId;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Who claims.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseClaim)]
pub struct Body {
    /// Your own name for the reviewer, 1–255 characters.
    #[schema(example = "reviewer-7")]
    reviewer_id: String,
}
impl RequestBody for Body {}

/// Claim a review case
///
/// The case is the reviewer's until 30 minutes without activity are over; claiming again prolongs.
/// A case that another reviewer holds is a 409.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/claim", tag = "Cases", operation_id = "claim_case",
    params(("id" = String, Path, description = "The case.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn claim_case(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    mut call: Mutation,
) -> Result<Found<CaseView>, ApiError> {
    let app = &*state.app;
    let body: Result<Body, ApiError> = call.json().await;
    app.case(call.tenant(), id).await?;
    let command = ClaimCase {
        reviewer_id: body?.reviewer_id,
    };
    call.run(
        app,
        || app.claim_case(call.actor(), call.tenant(), id, &command),
        |case| CaseView::of(case, app.clock.now()),
    )
    .await
}
