//! What a session's risk assessment found.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::App;
use crate::error::{AppError, Thing};

/// The check whose details are the assessment.
const RISK: &str = "risk_assessment";

/// A risk assessment (spec/risk.md). Deliberately without `Debug`: evidence is personal.
#[derive(Clone, Serialize, Deserialize)]
pub struct RiskAssessment {
    /// 0 to 100.
    pub risk_score: i64,
    /// `low`, `medium`, `high` or `critical`.
    pub risk_level: String,
    /// Whether a signal rejects the session whatever the score.
    #[serde(default)]
    pub hard_blocked: bool,
    /// What was noticed.
    #[serde(default)]
    pub signals: Vec<RiskSignal>,
}

/// One thing that was noticed.
#[derive(Clone, Serialize, Deserialize)]
pub struct RiskSignal {
    /// Its stable name.
    pub name: String,
    /// The group it belongs to.
    pub category: String,
    /// What it adds to the score.
    pub weight: i64,
    /// `ignore`, `score` or `block`.
    pub action: String,
    /// When it was noticed.
    pub detected_at: Timestamp,
    /// What it rests on.
    #[serde(default)]
    pub evidence: Map<String, Value>,
}

/// An assessment with its circumstances.
#[derive(Clone)]
pub struct SessionRisk {
    /// The session.
    pub session_id: SessionId,
    /// The assessment.
    pub assessment: RiskAssessment,
    /// Name and version of what judged.
    pub engine_version: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl App {
    /// The newest risk assessment of a session: the details of the check of that name.
    ///
    /// # Errors
    /// Not found: the session, or its assessment while none was made or once its data is gone.
    pub async fn risk_assessment(
        &self,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<SessionRisk, AppError> {
        const NONE: AppError = AppError::NotFound(Thing::RiskAssessment);
        let attempts = self.verifications(tenant, id).await?;
        let judged = attempts
            .into_iter()
            .find(|attempt| attempt.record.policy == RISK);
        let judged = judged.ok_or(NONE)?;
        // A check that was skipped or broke assessed nothing, and its details say something else.
        let assessment = serde_json::from_value(judged.details).map_err(|_| NONE)?;
        Ok(SessionRisk {
            session_id: id,
            assessment,
            engine_version: judged.record.engine,
            created_at: judged.record.completed_at.unwrap_or_default(),
        })
    }
}
