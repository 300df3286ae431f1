// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `other`.

use super::types::SessionDeclinedEventResultExtractedDataAddress;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// An identity changed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityUpdatedEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The identity.
    pub identity_id: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The identity's status.
    pub status: String,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
    /// The names of the fields that changed; their values are in the identity.
    pub changed_fields: Vec<String>,
}

/// The screening of a session is done.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ScreeningCompletedEvent {
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
    /// Whether anything was found.
    pub has_match: bool,
    /// How many entries were found.
    pub hit_count: i64,
}

/// The older name of `check.monitoring.new_hits`, with the same body: subscribe to one of the two.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ScreeningMonitoringNewHitsEvent {
    /// The event's name.
    pub event: String,
    /// The same over all tries and in the feed: remember it to act once.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: Timestamp,
    /// The check.
    pub check_id: String,
    /// Its type.
    pub check_type: String,
    /// Your own reference.
    pub external_ref: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The identity.
    pub identity_id: Option<String>,
    /// Whether it happened in the sandbox.
    pub is_sandbox: bool,
    /// How many hits are new.
    pub new_hit_count: i64,
    /// The new hits only.
    pub hits: Vec<ScreeningMonitoringNewHitsEventHitsItem>,
}

/// Of the API.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ScreeningMonitoringNewHitsEventHitsItem {
    /// The hit.
    pub id: String,
    /// The list that it is on.
    pub list: String,
    /// The entry's id on that list.
    pub entity_id: String,
    /// The name on the list. Personal: empty after a redaction.
    pub name: Option<String>,
    /// How near it is.
    pub score: f64,
}

/// The session was approved.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionApprovedEvent {
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
    /// The identity.
    pub identity_id: Option<String>,
    /// The result in short; the rest is in the results call.
    pub result: Option<SessionApprovedEventResult>,
    /// The review case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
}

/// The result in short; the rest is in the results call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionApprovedEventResult {
    /// Whether the selfie matches the document; null where it was not compared.
    pub face_match_passed: Option<bool>,
    /// Whether the person is old enough; null where it was not asked.
    pub age_check_passed: Option<bool>,
    /// What was read; a field that was not read is left out. Personal: empty after a redaction.
    pub extracted_data: SessionApprovedEventResultExtractedData,
}

/// What was read; a field that was not read is left out. Personal: empty after a redaction.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionApprovedEventResultExtractedData {
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
    pub address: Option<SessionApprovedEventResultExtractedDataAddress>,
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
pub struct SessionApprovedEventResultExtractedDataAddress {
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

/// The workflow stands before an external gate: answer it with the `external-decision` call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionAwaitingExternalEvent {
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
    /// The node of the workflow's graph.
    pub node: String,
}

/// A session was created.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionCreatedEvent {
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

/// The session was rejected.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDeclinedEvent {
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
    /// The identity.
    pub identity_id: Option<String>,
    /// The result in short; the rest is in the results call.
    pub result: Option<SessionDeclinedEventResult>,
    /// Why it was rejected, for programs.
    pub rejection_reason_code: Option<String>,
    /// Why, in a sentence that can be shown to the person.
    pub rejection_reason: Option<String>,
    /// The review case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
}

/// The result in short; the rest is in the results call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDeclinedEventResult {
    /// Whether the selfie matches the document; null where it was not compared.
    pub face_match_passed: Option<bool>,
    /// Whether the person is old enough; null where it was not asked.
    pub age_check_passed: Option<bool>,
    /// What was read; a field that was not read is left out. Personal: empty after a redaction.
    pub extracted_data: SessionDeclinedEventResultExtractedData,
}

/// What was read; a field that was not read is left out. Personal: empty after a redaction.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDeclinedEventResultExtractedData {
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
    pub address: Option<SessionDeclinedEventResultExtractedDataAddress>,
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
