//! `GET /api/v1/sessions/{id}/verifications`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::Attempt;
use verifa_core::id::{SessionId, VerificationId};
use verifa_core::session::{CheckStatus, Reason};
use verifa_core::time::Timestamp;

use super::result::ReasonView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// The newest attempt of each check.
#[derive(Serialize, ToSchema)]
#[schema(as = Verifications)]
pub struct VerificationsView {
    /// In the order in which the checks first ran.
    data: Vec<VerificationView>,
}

/// One attempt of one check.
#[derive(Serialize, ToSchema)]
#[schema(as = Verification)]
pub struct VerificationView {
    /// Its id.
    #[schema(value_type = String, example = "vrf_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: VerificationId,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// The check's name.
    #[schema(example = "document_ocr")]
    policy: String,
    /// `pending`, `passed`, `failed`, `error`, `skipped` or `requires_retry`.
    #[schema(value_type = String, example = "passed")]
    status: CheckStatus,
    /// From 1.
    #[schema(example = 1)]
    attempt_number: i64,
    /// Whether the check passed; null where it did not judge.
    passed: Option<bool>,
    /// In the check's own range.
    #[schema(example = 0.98)]
    score: Option<f64>,
    /// The grounds, the deciding one first.
    #[schema(value_type = Vec<ReasonView>)]
    reasons: Vec<Reason>,
    /// Typed per check; null once personal data is gone.
    #[schema(value_type = Option<Object>)]
    details: Option<Fields>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// How long it took.
    #[schema(example = 412)]
    duration_ms: Option<i64>,
    /// Name and version of what judged.
    engine: String,
}

impl VerificationView {
    /// The attempt as callers see it.
    ///
    /// # Errors
    /// When its stored reasons can't be read.
    pub fn of(attempt: Attempt) -> Result<Self, ApiError> {
        let record = attempt.record;
        let reasons = serde_json::from_str(&record.reasons)
            .map_err(|_| ApiError::internal("stored reasons can't be read"))?;
        let passed = match record.status {
            CheckStatus::Passed => Some(true),
            CheckStatus::Failed => Some(false),
            _ => None,
        };
        Ok(Self {
            id: record.id,
            session_id: record.session_id,
            policy: record.policy,
            status: record.status,
            attempt_number: record.attempt_number,
            passed,
            score: record.score,
            reasons,
            details: (!attempt.details.is_null()).then_some(Fields(attempt.details)),
            started_at: record.started_at,
            completed_at: record.completed_at,
            duration_ms: record.duration_ms,
            engine: record.engine,
        })
    }
}

/// List a session's checks
///
/// The newest attempt of each check.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/verifications", tag = "Results",
    operation_id = "list_session_verifications",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn list_session_verifications(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<VerificationsView>, ApiError> {
    let attempts = state.app.verifications(caller.tenant(), id).await?;
    let data = attempts
        .into_iter()
        .map(VerificationView::of)
        .collect::<Result<_, _>>()?;
    Ok(Found::new(VerificationsView { data }))
}
