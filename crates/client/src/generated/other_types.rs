// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `other`.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A reviewer approved a case. `session.approved` follows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseApprovedEvent {
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
    /// Who decided, as the call named them.
    pub reviewer_id: Option<String>,
    /// Why it was rejected, for programs.
    pub rejection_reason_code: Option<String>,
}

/// A review case was opened: by the workflow, or by a call for a session that had ended.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseCreatedEvent {
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
    /// The review case.
    pub case_id: String,
}

/// A reviewer handed a case on to somebody else.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseEscalatedEvent {
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
}

/// A reviewer rejected a case. `session.declined` follows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseRejectedEvent {
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
    /// Who decided, as the call named them.
    pub reviewer_id: Option<String>,
    /// Why it was rejected, for programs.
    pub rejection_reason_code: Option<String>,
}

/// A standalone check is done.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckCompletedEvent {
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
    /// Where it stands.
    pub status: String,
    /// Whether anything was found.
    pub has_match: bool,
    /// How many entries were found.
    pub hit_count: i64,
    /// The batch it belongs to.
    pub batch_id: Option<String>,
}

/// A monitored subject is on a list since its newest snapshot.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckMonitoringNewHitsEvent {
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
    pub hits: Vec<CheckMonitoringNewHitsEventHitsItem>,
}

/// Of the API.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckMonitoringNewHitsEventHitsItem {
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

/// The fields of a document were read; once a session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentExtractedEvent {
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

/// A document was read and no check found fault with it; once a session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentVerifiedEvent {
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

/// An identity was archived.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityArchivedEvent {
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
}

/// An identity was made.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityCreatedEvent {
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
    /// The session.
    pub session_id: Option<String>,
}

/// An identity was flagged.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityFlaggedEvent {
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
    /// Why, in the operator's words. Personal: empty after a redaction.
    pub flag_reason: Option<String>,
}

/// An identity came back from the archive.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityRestoredEvent {
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
}

/// An identity got a tag.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityTagAddedEvent {
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
    /// The tag.
    pub tag: String,
}

/// An identity lost a tag.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityTagRemovedEvent {
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
    /// The tag.
    pub tag: String,
}
