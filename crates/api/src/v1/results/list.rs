//! `GET /api/v1/results`

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use verifa_core::id::SessionId;
use verifa_core::session::{ProcessingMode, RejectionReasonCode, ResultStatus};
use verifa_core::time::Timestamp;
use verifa_store::results::{ResultFilter, ResultRecord};

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 50;

/// The filters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Filters {
    /// `approved`, `rejected` or `needs_review`.
    status: Option<String>,
    /// Decided at or after this time.
    created_after: Option<String>,
    /// Decided before this time.
    created_before: Option<String>,
}

/// A result without personal data.
#[derive(Serialize, ToSchema)]
pub struct ResultRow {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// `approved`, `rejected` or `needs_review`.
    #[schema(value_type = String, example = "approved")]
    status: ResultStatus,
    /// When the decision fell.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Whether it belongs to the sandbox.
    #[schema(example = false)]
    is_sandbox: bool,
    /// The face comparison's verdict.
    face_match_passed: Option<bool>,
    /// The age check's verdict.
    age_check_passed: Option<bool>,
    /// Why not, as a stable code.
    #[schema(value_type = Option<String>, example = json!(null))]
    rejection_reason_code: Option<RejectionReasonCode>,
    /// `workflow`, `manual` or `simulated`.
    #[schema(value_type = String, example = "workflow")]
    processing_mode: ProcessingMode,
}

impl ResultRow {
    fn of(record: &ResultRecord) -> Self {
        Self {
            session_id: record.session_id,
            status: record.status,
            created_at: record.created_at,
            is_sandbox: record.tenant.environment.is_sandbox(),
            face_match_passed: record.face_match_passed,
            age_check_passed: record.age_check_passed,
            rejection_reason_code: record.rejection_reason_code,
            processing_mode: record.processing_mode,
        }
    }
}

/// List results
///
/// Newest session first, without personal data.
#[utoipa::path(
    get,
    path = "/api/v1/results",
    tag = "Results",
    operation_id = "list_results",
    params(Filters, PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_results(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<ResultRow>>, ApiError> {
    let words: Vec<_> = ResultStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .collect();
    let filter = ResultFilter {
        status: query.word("status", &words),
        created_after: query.time("created_after"),
        created_before: query.time("created_before"),
    };
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state
        .app
        .list_results(caller.tenant(), &filter, paging)
        .await?;
    Ok(Found::new(Page::of(page, |record| ResultRow::of(&record))))
}
