// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `other`.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Address as printed; each part only where it was read.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDeclinedEventResultExtractedDataAddress {
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Further line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
}

/// The capture link ran out, or the session was expired by a call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionExpiredEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// Where it stands.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
}

/// The workflow broke beyond its retries; nobody was judged.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionFailedEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// Where it stands.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
    /// The run of the workflow.
    pub run_id: String,
    /// What broke; empty where the engine itself did.
    pub reasons: Vec<SessionFailedEventReasonsItem>,
}

/// Of the API.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionFailedEventReasonsItem {
    /// The node of the workflow's graph.
    pub node: String,
    /// The check, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The reason's code.
    pub code: String,
}

/// A one-time link to the capture page was made; the link itself is not told.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionLinkGeneratedEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The session's status.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
    /// The link.
    pub link_id: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// The session's personal data was destroyed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRedactedEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The session's status.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
    /// Images that were deleted.
    pub documents_removed: i64,
}

/// The workflow ended in `needs_review`; a person has to decide.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRequiresReviewEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The decision.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
    /// The review case.
    pub case_id: String,
    /// The identity.
    pub identity_id: Option<String>,
    /// The result in short; the rest is in the results call.
    pub result: Option<SessionRequiresReviewEventResult>,
}

/// The result in short; the rest is in the results call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRequiresReviewEventResult {
    /// Whether the selfie matches the document; null where it was not compared.
    pub face_match_passed: Option<bool>,
    /// Whether the person is old enough; null where it was not asked.
    pub age_check_passed: Option<bool>,
    /// What was read; a field that was not read is left out. Personal: empty after a redaction.
    pub extracted_data: SessionRequiresReviewEventResultExtractedData,
}

/// What was read; a field that was not read is left out. Personal: empty after a redaction.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRequiresReviewEventResultExtractedData {
    /// Given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Further given names, where they are told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Surname.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// Address as printed; each part only where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SessionRequiresReviewEventResultExtractedDataAddress>,
    /// Document number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_number: Option<String>,
    /// Nationality as printed, the letters of ICAO 9303-3 §5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// `M`, `F` or `X`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Social security number, where a document bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssn: Option<String>,
    /// Kind of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_type: Option<String>,
    /// Last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_expiration_date: Option<String>,
    /// Issuing state as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_issuing_state: Option<String>,
    /// Issuing country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_issuing_country: Option<String>,
    /// Day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_issue_date: Option<String>,
}

/// Address as printed; each part only where it was read.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRequiresReviewEventResultExtractedDataAddress {
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Further line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
}

/// A reviewer or a retry asks the person for a step again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionResubmissionRequiredEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The session's status.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
}

/// The session's retention time is over.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRetentionExpiredEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The session's status.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
}

/// The person began, or the first document arrived.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionStartedEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The session.
    pub session_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// Where it stands.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
}
