//! `GET /api/v1/results/{session_id}`

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use verifa_core::id::SessionId;
use verifa_core::session::{ProcessingMode, RejectionReasonCode, ResultStatus};
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// A result with the data it rests on.
#[derive(Serialize, ToSchema)]
pub struct DetailedResult {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// `approved`, `rejected` or `needs_review`.
    #[schema(value_type = String, example = "approved")]
    status: ResultStatus,
    /// When the decision fell.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The operator's own id for the person.
    external_ref: Option<String>,
    /// What was found.
    result: Findings,
    /// Why not, in a sentence.
    #[schema(example = json!(null))]
    rejection_reason: Option<String>,
    /// Why not, as a stable code.
    #[schema(value_type = Option<String>, example = json!(null))]
    rejection_reason_code: Option<RejectionReasonCode>,
    /// `workflow`, `manual` or `simulated`.
    #[schema(value_type = String, example = "workflow")]
    processing_mode: ProcessingMode,
    /// Whether personal data is gone.
    #[schema(example = false)]
    sensitive_data_expired: bool,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct Findings {
    /// The face comparison's verdict.
    face_match_passed: Option<bool>,
    /// The face comparison's score, 0 to 1.
    face_match_score: Option<f64>,
    /// The age check's verdict.
    age_check_passed: Option<bool>,
    /// Age in full years.
    #[schema(example = 28)]
    extracted_age: Option<i64>,
    /// What was read from the documents.
    #[schema(value_type = Object)]
    extracted_data: Fields,
}

/// Get a result
#[utoipa::path(
    get, path = "/api/v1/results/{session_id}", tag = "Results", operation_id = "get_result",
    params(("session_id" = String, Path, description = "The session.")),
    responses(answers::NotFound)
)]
pub async fn get_result(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<DetailedResult>, ApiError> {
    let loaded = state.app.result(caller.tenant(), id).await?;
    let record = loaded.record;
    Ok(Found::new(DetailedResult {
        session_id: record.session_id,
        status: record.status,
        created_at: record.created_at,
        external_ref: loaded.session.record.external_ref.clone(),
        result: Findings {
            face_match_passed: record.face_match_passed,
            face_match_score: record.face_match_score,
            age_check_passed: record.age_check_passed,
            extracted_age: loaded.stored.extracted_age,
            extracted_data: Fields(Value::Object(loaded.stored.extracted_data)),
        },
        rejection_reason: record.rejection_reason,
        rejection_reason_code: record.rejection_reason_code,
        processing_mode: record.processing_mode,
        sensitive_data_expired: loaded.sensitive_data_expired,
    }))
}
