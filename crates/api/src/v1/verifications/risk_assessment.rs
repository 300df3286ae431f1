//! `GET /api/v1/sessions/{id}/risk-assessment`

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use verifa_app::sessions::{RiskSignal, SessionRisk};
use verifa_core::id::SessionId;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// A session's risk (spec/risk.md).
#[derive(Serialize, ToSchema)]
#[schema(as = RiskAssessment)]
pub struct RiskView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// 0 to 100.
    #[schema(example = 15)]
    risk_score: i64,
    /// `low`, `medium`, `high` or `critical`.
    #[schema(example = "low")]
    risk_level: String,
    /// Whether a signal rejects the session whatever the score.
    #[schema(example = false)]
    hard_blocked: bool,
    /// What was noticed.
    signals: Vec<SignalView>,
    /// Name and version of what judged.
    engine_version: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// One thing that was noticed.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskSignal)]
pub struct SignalView {
    /// Its stable name.
    #[schema(example = "vpn_detected")]
    name: String,
    /// The group it belongs to.
    #[schema(example = "network")]
    category: String,
    /// What it adds to the score.
    #[schema(example = 15)]
    weight: i64,
    /// `ignore`, `score` or `block`.
    #[schema(example = "score")]
    action: String,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    detected_at: Timestamp,
    /// What it rests on.
    #[schema(value_type = Object)]
    evidence: Fields,
}

impl From<RiskSignal> for SignalView {
    fn from(signal: RiskSignal) -> Self {
        Self {
            name: signal.name,
            category: signal.category,
            weight: signal.weight,
            action: signal.action,
            detected_at: signal.detected_at,
            evidence: Fields(Value::Object(signal.evidence)),
        }
    }
}

impl From<SessionRisk> for RiskView {
    fn from(risk: SessionRisk) -> Self {
        let assessment = risk.assessment;
        Self {
            session_id: risk.session_id,
            risk_score: assessment.risk_score,
            risk_level: assessment.risk_level,
            hard_blocked: assessment.hard_blocked,
            signals: assessment.signals.into_iter().map(Into::into).collect(),
            engine_version: risk.engine_version,
            created_at: risk.created_at,
        }
    }
}

/// Get a session's risk assessment
///
/// 404 while none was made.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/risk-assessment", tag = "Results",
    operation_id = "get_risk_assessment",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn get_risk_assessment(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<RiskView>, ApiError> {
    let risk = state.app.risk_assessment(caller.tenant(), id).await?;
    Ok(Found::new(risk.into()))
}
