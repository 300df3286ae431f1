//! `POST /api/v1/cases/{id}/checks/{policy}/override`

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::cases::{Overridden, OverrideCheck};
use verifa_core::id::{CaseId, SessionId};
use verifa_core::session::Status;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Accepted, answers};

/// A reviewer's judgement of a check.
#[derive(Deserialize, ToSchema)]
#[schema(as = CheckOverride)]
pub struct Body {
    /// Whether the check counts as passed.
    #[schema(example = true)]
    passed: bool,
    /// Why, kept as a note on the case: 1–10,000 characters.
    #[schema(example = "The zone is scratched; read by eye.")]
    reason: String,
    /// Your own name for the reviewer; absent: whoever holds the case.
    #[schema(example = "reviewer-7")]
    reviewer_id: Option<String>,
}
impl RequestBody for Body {}

/// An accepted override.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckOverridden)]
pub struct OverriddenView {
    /// The case.
    #[schema(value_type = String, example = "case_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    case_id: CaseId,
    /// Its session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// The check.
    #[schema(example = "document_ocr")]
    policy: String,
    /// What it counts as now.
    #[schema(example = true)]
    passed: bool,
    /// `processing`.
    #[schema(value_type = String, example = "processing")]
    status: Status,
}

impl Outcome for Overridden {}

/// Override a check
///
/// Puts a reviewer's judgement in place of the check's. Every other judgement stands; the workflow
/// is routed through once more, and may end in review again. 404 for a check that the session's
/// newest run did not judge.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/checks/{policy}/override", tag = "Cases",
    operation_id = "override_case_check",
    params(
        ("id" = String, Path, description = "The case."),
        ("policy" = String, Path, description = "The check's name.")
    ),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn override_case_check(
    State(state): State<ApiState>,
    IdPath(id): IdPath<CaseId>,
    path: Path<(String, String)>,
    mut call: Mutation,
) -> Result<Accepted<OverriddenView>, ApiError> {
    let app = &*state.app;
    let body: Result<Body, ApiError> = call.json().await;
    app.case(call.tenant(), id).await?;
    let body = body?;
    let Path((_, policy)) = path;
    let command = OverrideCheck {
        policy,
        passed: body.passed,
        reason: body.reason,
        reviewer_id: body.reviewer_id,
    };
    call.run(
        app,
        || app.override_check(call.actor(), call.tenant(), id, &command),
        |overridden| OverriddenView {
            case_id: overridden.case_id,
            session_id: overridden.session_id,
            policy: overridden.policy.clone(),
            passed: overridden.passed,
            status: overridden.status,
        },
    )
    .await
}
