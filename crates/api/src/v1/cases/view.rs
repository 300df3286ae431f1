//! The case object (spec/resources.md, "Cases").

use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::cases::Case;
use verifa_core::case::{CaseDecision, CasePriority, CaseStatus, SlaStatus};
use verifa_core::id::{CaseId, SessionId};
use verifa_core::session::Metadata;
use verifa_core::time::Timestamp;
use verifa_core::workflow::Because;

use crate::mutation::Outcome;

/// A review case: a session that a person has to look at.
#[derive(Serialize, ToSchema)]
#[schema(as = Case)]
pub struct CaseView {
    /// Its id.
    #[schema(value_type = String, example = "case_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub id: CaseId,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub session_id: SessionId,
    /// `open`, `in_review`, `approved`, `rejected`, `escalated`, `pending_second_review`, or
    /// `closed` where the session ended without a reviewer's decision.
    #[schema(value_type = String, example = "open")]
    pub status: CaseStatus,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// `approved` or `rejected`, once decided; the first of two decisions while the status is
    /// `pending_second_review`.
    #[schema(value_type = Option<String>, example = json!(null))]
    pub decision: Option<CaseDecision>,
    /// The reviewer who holds it, or decided it.
    #[schema(example = json!(null))]
    pub assigned_to: Option<String>,
    /// When the reviewer claimed it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_at: Option<Timestamp>,
    /// When it entered the queue, for the last time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub entered_review_at: Option<Timestamp>,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// `low`, `normal`, `high` or `urgent`.
    #[schema(value_type = String, example = "normal")]
    pub priority: CasePriority,
    /// The age in the queue: `green` below 4 hours, `yellow` below 24, then `red`.
    #[schema(value_type = Option<String>, example = "green")]
    pub sla_status: Option<SlaStatus>,
    /// The operator's labels.
    #[schema(example = json!(["vip"]))]
    pub tags: Vec<String>,
    /// The operator's own data.
    #[schema(value_type = HashMap<String, Value>, example = json!({}))]
    pub metadata: Metadata,
    /// The operator's own fields.
    #[schema(value_type = HashMap<String, Value>, example = json!({}))]
    pub custom_fields: Metadata,
    /// Who it was handed to.
    #[schema(example = json!(null))]
    pub escalated_to: Option<String>,
    /// What sent the session here.
    pub reasons: Vec<CaseReasonView>,
}

/// One ground on which a session came to review.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseReason)]
pub struct CaseReasonView {
    /// The node of the workflow; empty where no workflow sent it.
    #[schema(example = "scan")]
    pub node: String,
    /// The check, if it was one.
    #[schema(example = "document_ocr")]
    pub policy: Option<String>,
    /// The code of the reason.
    #[schema(example = "document_unreadable")]
    pub code: String,
}

impl From<Because> for CaseReasonView {
    fn from(because: Because) -> Self {
        Self {
            node: because.node,
            policy: because.policy,
            code: because.code,
        }
    }
}

impl Outcome for Case {}

impl CaseView {
    /// The case as callers see it at `now`: without the operator's data once the session's
    /// sensitive window is over.
    pub fn of(case: &Case, now: Timestamp) -> Self {
        let mut view = Self::whole(case, now);
        if !case.is_disclosed() {
            view.metadata = Metadata::new();
            view.custom_fields = Metadata::new();
        }
        view
    }

    /// The case with all that is held, for its session's export.
    pub fn whole(case: &Case, now: Timestamp) -> Self {
        let record = &case.record;
        let until = record.left_review_at.unwrap_or(now);
        Self {
            id: record.id,
            session_id: record.session_id,
            status: record.status,
            created_at: record.created_at,
            decision: record.decision,
            assigned_to: record.assigned_to.clone(),
            claimed_at: record.claimed_at,
            entered_review_at: record.entered_review_at,
            decided_at: record.decided_at,
            priority: record.priority,
            sla_status: record
                .entered_review_at
                .map(|entered| SlaStatus::of(entered, until)),
            tags: record.tags.clone(),
            metadata: case.private.metadata.clone(),
            custom_fields: case.private.custom_fields.clone(),
            escalated_to: record.escalated_to.clone(),
            reasons: case.reasons().into_iter().map(Into::into).collect(),
        }
    }
}
