// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `sessions`.

use super::types::{
    Case, CaseNote, ConsentExport, ConsentInput, ContestExport, DocumentExport, EventExport,
    Pagination, Result, ToldExport, Verification, WebhookDelivery,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// A run of a workflow.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RunExport {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub status: String,
    /// What was read from the document.
    pub extracted_data: Map<String, Value>,
    /// The decisions at its gates, with the data that came with them.
    pub gate_decisions: Vec<Map<String, Value>>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// `pending`, `capturing`, `processing`, `awaiting_external`, `under_review`,
    /// `sandbox_pending`, `completed`, `expired` or `failed`.
    pub status: String,
    /// Whether it belongs to the sandbox.
    pub is_sandbox: bool,
    /// `live` or `sandbox`.
    pub environment: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The operator's own id for the person.
    pub external_ref: Option<String>,
    /// The operator's own data, as it was sent.
    pub metadata: Map<String, Value>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The subset of operator-placed checks that was asked for; null: all.
    pub checks: Option<Vec<String>>,
    /// The workflow that judges it.
    pub workflow_id: Option<String>,
    /// The kind of identity document, once known.
    pub document_type: Option<String>,
    /// `active`, `sensitive_redacted` or `redacted`.
    pub retention_status: Option<String>,
    /// How often processing began.
    pub processing_attempts: Option<i64>,
    /// The address from which the person consented.
    pub consent_ip: Option<String>,
    /// The capture page, while the session is pending or capturing.
    pub capture_url: Option<String>,
    /// When the capture token dies.
    pub token_expires_at: Option<Timestamp>,
    /// The review case, if there is one.
    pub case_id: Option<String>,
    /// Where the review case stands.
    pub case_status: Option<String>,
    /// The operator's labels.
    pub tags: Vec<String>,
    /// The capture page as a PNG data URL; only with `include=qr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_code_data_url: Option<String>,
}

/// What became of one session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionBulkRedacted {
    /// As it was given.
    pub session_id: String,
    /// `deleted`, `already_redacted`, `not_found` or `conflict`.
    pub status: String,
    /// Images deleted by this call.
    pub documents_removed: i64,
}

/// What a session is created with; every field is optional.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SessionCreate {
    /// Your own id for the person, at most 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
    /// With a publishable key: hex HMAC-SHA-256 of `external_ref` under the organization's
    /// reference secret, which `verifa keys reference-secret` shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref_signature: Option<String>,
    /// Your own data: at most 50 keys, 16,384 bytes a value, 64 KB in all. Kept as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A subset of the workflow's checks; the others are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<String>>,
    /// The workflow; default: the organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// Where the person goes afterwards; https, or http on localhost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// What you know of the applicant: `first_name`, `middle_name`, `last_name`,
    /// `date_of_birth`, `email`, `phone`, `ssn`, `nationality`, `gender`, `document_number`,
    /// `address {line1, line2, city, state, zip, country}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
    /// Whether to mail the capture link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_email: Option<bool>,
    /// The applicant's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant_email: Option<String>,
    /// The applicant's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant_name: Option<String>,
    /// The brand that mail and pages show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand_name: Option<String>,
    /// Where the applicant finds help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
    /// The language of pages and mails, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Life of the capture token: 1 to 43200 minutes; default 20, with `send_email` 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_minutes: Option<i64>,
    /// Your labels, at most 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// A session just created.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionCreated {
    /// Its id.
    pub id: String,
    /// `pending`.
    pub status: String,
    /// Where the person is sent to.
    pub capture_url: Option<String>,
    /// Whether it belongs to the sandbox.
    pub is_sandbox: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the capture token dies.
    pub expires_at: Option<Timestamp>,
    /// As sent.
    pub external_ref: Option<String>,
    /// The capture page as a PNG data URL; only with `include=qr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_code_data_url: Option<String>,
    /// As sent, without repeats.
    pub tags: Vec<String>,
}

/// An expired session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionExpired {
    /// The session.
    pub id: String,
    /// `expired`.
    pub status: String,
    /// When it expired.
    pub expired_at: Timestamp,
}

/// Everything that is held about the person of a session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionExport {
    /// As of when.
    pub exported_at: Timestamp,
    /// `operator` or `subject`.
    pub audience: String,
    /// The session, with its metadata.
    pub session: Session,
    /// Of the API.
    pub result: Option<Result>,
    /// The images, each with a link that lives 24 hours.
    pub documents: Vec<DocumentExport>,
    /// The screening and its hits; not for the subject.
    pub screening: Option<Map<String, Value>>,
    /// Of the API.
    pub review_case: Option<Case>,
    /// The reviewers' notes, oldest first; not for the subject.
    pub case_notes: Vec<CaseNote>,
    /// Signals of fraud.
    pub fraud_signals: Vec<Map<String, Value>>,
    /// What was sent to receivers, and what they answered; newest first.
    pub webhook_deliveries: Vec<WebhookDelivery>,
    /// Every event that was told, whoever received it.
    pub webhook_events: Vec<ToldExport>,
    /// What the operator and the person said of the person.
    pub applicant: Map<String, Value>,
    /// The person's consents, oldest first.
    pub consents: Vec<ConsentExport>,
    /// Of the API.
    pub contest: Option<ContestExport>,
    /// Every attempt of every check.
    pub verifications: Vec<Verification>,
    /// Every run of a workflow.
    pub workflow_runs: Vec<RunExport>,
    /// The audit trail, newest first, with the addresses that calls came from.
    pub audit_events: Vec<EventExport>,
}

/// An invitation on its way again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionInvited {
    /// The session.
    pub id: String,
    /// Invitations so far, this one included.
    pub invites_sent: i64,
    /// When this one was asked for.
    pub last_invited_at: Timestamp,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionPage {
    /// Of the API.
    pub data: Vec<Session>,
    /// Of the API.
    pub pagination: Pagination,
}

/// A redacted session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRedacted {
    /// `deleted`.
    pub status: String,
    /// The session.
    pub session_id: String,
    /// Images deleted by this call.
    pub documents_removed: i64,
    /// What happened.
    pub message: String,
}

/// A session that is judged anew.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionReprocessed {
    /// The session.
    pub session_id: String,
    /// `processing`.
    pub status: String,
}

/// A resumed session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionResumed {
    /// The session.
    pub id: String,
    /// `pending`.
    pub status: String,
    /// The new capture page.
    pub capture_url: String,
    /// When its token dies.
    pub expires_at: Timestamp,
    /// The capture page as a PNG data URL; only with `include=qr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_code_data_url: Option<String>,
}

/// What may be said with a submission.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SessionSubmit {
    /// The kind of identity document: `passport`, `drivers_license`, `national_id` or
    /// `residence_permit`. Two-sided kinds need `id_back`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_type: Option<String>,
    /// Of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentInput>,
}

/// A submitted session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionSubmitted {
    /// The session.
    pub id: String,
    /// `processing`; with a sandbox key `sandbox_pending`.
    pub status: String,
    /// Whether it belongs to the sandbox.
    pub is_sandbox: bool,
    /// What happens next.
    pub message: String,
}

/// The tag to add.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionTagAdd {
    /// 1 to 64 characters.
    pub tag: String,
}

/// The tag to remove.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionTagRemove {
    /// 1 to 64 characters.
    pub tag: String,
}

/// A session's tags.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionTags {
    /// The session.
    pub id: String,
    /// All of its tags, in the order they came.
    pub tags: Vec<String>,
}

/// The tags from now on.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionTagsSet {
    /// At most 50, each of 1 to 64 characters.
    pub tags: Vec<String>,
}

/// What can change; absent fields stay, other fields are ignored.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SessionUpdate {
    /// A new reference; null clears it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub external_ref: Option<Option<String>>,
    /// Merged key by key: null removes a key, absent keys stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}
