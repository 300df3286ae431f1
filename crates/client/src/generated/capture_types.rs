// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `capture`.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A capture that has begun.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaptureStarted {
    /// The session.
    pub session_id: String,
    /// `capturing`.
    pub status: String,
    /// Where the capture goes on, under the session's own token.
    pub capture_url: String,
    /// When that token dies.
    pub expires_at: Option<Timestamp>,
    /// Whether the session belongs to the sandbox.
    pub is_sandbox: bool,
}

/// A person's objection.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Contest {
    /// Why the decision is wrong, 1 to 4,000 characters; kept encrypted.
    pub message: String,
}

/// What a person is told of a decision.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationOutcome {
    /// Where the session stands.
    pub status: String,
    /// `approved`, `rejected` or `needs_review`; null while nothing is decided.
    pub decision: Option<String>,
    /// The reason in plain words.
    pub reason: String,
    /// The same as a stable code, where it may be told.
    pub reason_code: Option<String>,
    /// Whether a program alone decided.
    pub automated: Option<bool>,
    /// When the decision fell.
    pub decided_at: Option<Timestamp>,
    /// Until when it may be contested; null where there is nothing to contest.
    pub contest_until: Option<Timestamp>,
    /// When it was contested.
    pub contested_at: Option<Timestamp>,
}
