//! `POST /api/v1/cases`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::respond::{Created, answers};

/// The session that a person has to look at.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseCreate)]
pub struct Body {
    /// A session that has a case, or one that is completed or failed.
    #[schema(example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: String,
}
impl RequestBody for Body {}

/// Create a review case
///
/// A session has one case: where there is one, it is the answer. Sessions that come to
/// `under_review` get theirs by themselves.
#[utoipa::path(
    post, path = "/api/v1/cases", tag = "Cases", operation_id = "create_case",
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn create_case(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Created<CaseView>, ApiError> {
    let app = &*state.app;
    let body: Body = call.json().await?;
    let session = body
        .session_id
        .parse()
        .map_err(|_| ApiError::not_found("Session"))?;
    call.run(
        app,
        || app.create_case(call.actor(), call.tenant(), session),
        |case| CaseView::of(case, app.clock.now()),
    )
    .await
}
