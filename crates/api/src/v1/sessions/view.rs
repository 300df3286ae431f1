//! The session object (spec/sessions.md, "Session object").

use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::App;
use verifa_app::sessions::{Private, Session};
use verifa_core::id::{CaseId, SessionId, WorkflowId};
use verifa_core::session::{Metadata, RetentionStatus, Status};
use verifa_core::time::Timestamp;

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Its id.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub id: SessionId,
    /// `pending`, `capturing`, `processing`, `awaiting_external`, `under_review`,
    /// `sandbox_pending`, `completed`, `expired` or `failed`.
    #[schema(value_type = String, example = "pending")]
    pub status: Status,
    /// Whether it belongs to the sandbox.
    #[schema(example = false)]
    pub is_sandbox: bool,
    /// `live` or `sandbox`.
    #[schema(example = "live")]
    pub environment: &'static str,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The operator's own id for the person.
    #[schema(example = "customer-4711")]
    pub external_ref: Option<String>,
    /// The operator's own data, as it was sent.
    #[schema(value_type = HashMap<String, Value>, example = json!({"plan": "pro"}))]
    pub metadata: Metadata,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    pub country: Option<String>,
    /// The subset of operator-placed checks that was asked for; null: all.
    pub checks: Option<Vec<String>>,
    /// The workflow that judges it.
    #[schema(value_type = Option<String>, example = "wfl_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub workflow_id: Option<WorkflowId>,
    /// The kind of identity document, once known.
    #[schema(example = "passport")]
    pub document_type: Option<String>,
    /// `active`, `sensitive_redacted` or `redacted`.
    #[schema(value_type = Option<String>, example = "active")]
    pub retention_status: Option<RetentionStatus>,
    /// How often processing began.
    #[schema(example = 0)]
    pub processing_attempts: Option<i64>,
    /// The address from which the person consented.
    #[schema(example = json!(null))]
    pub consent_ip: Option<String>,
    /// The capture page, while the session is pending or capturing.
    #[schema(example = "https://id.example.org/verify/tok_…")]
    pub capture_url: Option<String>,
    /// When the capture token dies.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub token_expires_at: Option<Timestamp>,
    /// The review case, if there is one.
    #[schema(value_type = Option<String>, example = json!(null))]
    pub case_id: Option<CaseId>,
    /// Where the review case stands.
    #[schema(example = json!(null))]
    pub case_status: Option<String>,
    /// The operator's labels.
    #[schema(example = json!(["vip"]))]
    pub tags: Vec<String>,
    /// The capture page as a PNG data URL; only with `include=qr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub qr_code_data_url: Option<String>,
}

impl SessionView {
    /// The session as callers see it.
    pub fn of(app: &App, session: &Session) -> Self {
        Self::showing(app, session, session.disclosed())
    }

    /// The session with all that is held of it, for its export.
    pub fn whole(app: &App, session: &Session) -> Self {
        Self::showing(app, session, Some(&session.private))
    }

    fn showing(app: &App, session: &Session, disclosed: Option<&Private>) -> Self {
        let record = &session.record;
        let open = session.status().accepts_capture();
        Self {
            id: record.id,
            status: record.status,
            is_sandbox: record.tenant.environment.is_sandbox(),
            environment: record.tenant.environment.as_str(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            external_ref: record.external_ref.clone(),
            metadata: disclosed.map_or_else(Metadata::new, |shown| shown.metadata.clone()),
            country: record.country.clone(),
            checks: record.checks.clone(),
            workflow_id: Some(record.workflow_id),
            document_type: record.document_type.clone(),
            retention_status: Some(record.retention_status),
            processing_attempts: Some(record.processing_attempts),
            consent_ip: disclosed.and_then(|shown| shown.consent_ip.clone()),
            capture_url: session.capture_url(app),
            token_expires_at: record.token_expires_at.filter(|_| open),
            case_id: record.case.as_ref().map(|(id, _)| *id),
            case_status: record.case.as_ref().map(|(_, status)| status.clone()),
            tags: record.tags.clone(),
            qr_code_data_url: None,
        }
    }
}
