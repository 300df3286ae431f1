//! `GET /api/v1/sessions/{id}/result`

use axum::extract::State;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use verifa_app::sessions::ResultView as Loaded;
use verifa_core::id::SessionId;
use verifa_core::session::{
    CheckStatus, ProcessingMode, Reason, RejectionReasonCode, ResultStatus,
};
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What a session came to.
#[derive(Serialize, ToSchema)]
#[schema(as = Result)]
pub struct ResultView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// `approved`, `rejected` or `needs_review`.
    #[schema(value_type = String, example = "approved")]
    status: ResultStatus,
    /// Whether it belongs to the sandbox.
    #[schema(example = false)]
    is_sandbox: bool,
    /// When the decision fell.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The face comparison's verdict.
    face_match_passed: Option<bool>,
    /// The face comparison's score, 0 to 1.
    face_match_score: Option<f64>,
    /// The age check's verdict.
    age_check_passed: Option<bool>,
    /// Age in full years.
    #[schema(example = 28)]
    extracted_age: Option<i64>,
    /// What was read from the documents; empty once personal data is gone.
    #[schema(value_type = HashMap<String, Value>, example = json!({"first_name": "Jane", "last_name": "Doe"}))]
    extracted_data: Fields,
    /// Why not, in a sentence.
    #[schema(example = json!(null))]
    rejection_reason: Option<String>,
    /// Why not, as a stable code.
    #[schema(value_type = Option<String>, example = json!(null))]
    rejection_reason_code: Option<RejectionReasonCode>,
    /// `workflow`, `manual` or `simulated`.
    #[schema(value_type = String, example = "workflow")]
    processing_mode: ProcessingMode,
    /// The country whose rules applied.
    #[schema(example = "DE")]
    country_used: Option<String>,
    /// Whether personal data is gone.
    #[schema(example = false)]
    sensitive_data_expired: bool,
    /// What each check said, by its name.
    #[schema(value_type = std::collections::HashMap<String, CheckResultView>)]
    check_results: IndexMap<String, CheckResultView>,
}

/// What one check said.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = CheckResult)]
pub struct CheckResultView {
    /// `passed`, `failed`, `error` or `skipped`.
    #[schema(value_type = String, example = "passed")]
    status: CheckStatus,
    /// Whether the status is `passed`.
    #[serde(default)]
    passed: bool,
    /// In the check's own range.
    #[serde(default)]
    #[schema(example = 0.98)]
    score: Option<f64>,
    /// The grounds, the deciding one first.
    #[serde(default)]
    #[schema(value_type = Vec<ReasonView>)]
    reasons: Vec<Reason>,
}

/// One ground of a judgement.
#[derive(Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// The stable code, for programs.
    #[schema(example = "document_expired")]
    code: String,
    /// The sentence, for persons.
    #[schema(example = "The document has expired.")]
    message: String,
}

impl ResultView {
    /// The result as callers see it.
    ///
    /// # Errors
    /// When the stored check results can't be read.
    pub fn of(loaded: &Loaded) -> Result<Self, ApiError> {
        let record = &loaded.record;
        let check_results = serde_json::from_str(&record.check_results)
            .map_err(|_| ApiError::internal("stored check results can't be read"))?;
        let extracted: &Map<String, Value> = &loaded.stored.extracted_data;
        Ok(Self {
            session_id: record.session_id,
            status: record.status,
            is_sandbox: record.tenant.environment.is_sandbox(),
            created_at: record.created_at,
            face_match_passed: record.face_match_passed,
            face_match_score: record.face_match_score,
            age_check_passed: record.age_check_passed,
            extracted_age: loaded.stored.extracted_age,
            extracted_data: Fields(Value::Object(extracted.clone())),
            rejection_reason: record.rejection_reason.clone(),
            rejection_reason_code: record.rejection_reason_code,
            processing_mode: record.processing_mode,
            country_used: record.country_used.clone(),
            sensitive_data_expired: loaded.sensitive_data_expired,
            check_results,
        })
    }
}

/// Get a session's result
///
/// There is one from `under_review` on; never for failed or expired sessions.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/result", tag = "Results", operation_id = "get_session_result",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn get_session_result(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<ResultView>, ApiError> {
    let loaded = state.app.result(caller.tenant(), id).await?;
    Ok(Found::new(ResultView::of(&loaded)?))
}
