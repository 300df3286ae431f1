//! `POST /api/v1/cases/{id}/approve` and `POST /api/v1/cases/{id}/reject`

use std::sync::OnceLock;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::cases::DecideCase;
use verifa_core::case::CaseDecision;
use verifa_core::id::CaseId;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::Mutation;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Who approves, and why.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseApprove)]
pub struct Approval {
    /// Your own name for the reviewer; absent: whoever holds the case. At most 255 characters.
    #[schema(example = "reviewer-7")]
    reviewer_id: Option<String>,
    /// Why, kept as a note on the case: at most 10,000 characters.
    #[schema(example = "Compared by hand.")]
    notes: Option<String>,
}
impl RequestBody for Approval {}

/// Who rejects, and why.
#[derive(Deserialize, ToSchema)]
#[schema(as = CaseReject)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct Rejection {
    /// Your own name for the reviewer; absent: whoever holds the case. At most 255 characters.
    #[schema(example = "reviewer-7")]
    reviewer_id: Option<String>,
    /// Why, kept as a note on the case: at most 10,000 characters.
    #[schema(example = "The picture was exchanged.")]
    notes: Option<String>,
    /// The reason as its stable code; absent: `manual_review`.
    #[schema(example = "document_tampered")]
    rejection_reason_code: Option<String>,
    /// Custom lists are not available in this release: `true` is refused.
    #[schema(example = false)]
    add_to_blocklist: Option<bool>,
}
impl RequestBody for Rejection {}

/// Approve a review case
///
/// Completes the session as approved. Of several decisions at once exactly one is accepted. Where
/// your settings want two reviewers (`dual_review`), each has to be named or to hold the case: the
/// first decision leaves it `pending_second_review`, and that of another reviewer counts.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/approve", tag = "Cases", operation_id = "approve_case",
    params(("id" = String, Path, description = "The case.")),
    request_body = Approval, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn approve_case(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    mut call: Mutation,
) -> Result<Found<CaseView>, ApiError> {
    let body: Result<Approval, ApiError> = call.json().await;
    state.app.case(call.tenant(), id).await?;
    let body = body?;
    let command = DecideCase {
        decision: CaseDecision::Approved,
        reviewer_id: body.reviewer_id,
        notes: body.notes,
        rejection_reason_code: None,
        seen: OnceLock::new(),
    };
    decide(&state, &call, id, &command).await
}

/// Reject a review case
///
/// Completes the session as rejected. Of several decisions at once exactly one is accepted. Where
/// your settings want two reviewers (`dual_review`), each has to be named or to hold the case: the
/// first decision leaves it `pending_second_review`, and that of another reviewer counts.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/reject", tag = "Cases", operation_id = "reject_case",
    params(("id" = String, Path, description = "The case.")),
    request_body = Rejection, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn reject_case(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    mut call: Mutation,
) -> Result<Found<CaseView>, ApiError> {
    let body: Result<Rejection, ApiError> = call.json().await;
    state.app.case(call.tenant(), id).await?;
    let body = body?;
    if body.add_to_blocklist == Some(true) {
        // Refused rather than ignored: somebody would rely on it.
        return Err(ApiError::invalid_field(
            "add_to_blocklist",
            "invalid",
            "Custom lists are not available in this release.",
        ));
    }
    let command = DecideCase {
        decision: CaseDecision::Rejected,
        reviewer_id: body.reviewer_id,
        notes: body.notes,
        rejection_reason_code: body.rejection_reason_code,
        seen: OnceLock::new(),
    };
    decide(&state, &call, id, &command).await
}

async fn decide(
    state: &ApiState,
    call: &Mutation,
    id: CaseId,
    command: &DecideCase,
) -> Result<Found<CaseView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.decide_case(call.actor(), call.tenant(), id, command),
        |case| CaseView::of(case, app.clock.now()),
    )
    .await
}
