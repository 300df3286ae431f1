// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `sandbox`.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// The clock of a sandbox.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxClock {
    /// Real time and the sum of all advances.
    pub now: Timestamp,
    /// The sum of all advances.
    pub advanced_seconds: i64,
}

/// How far to move the clock.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxClockAdvance {
    /// Whole seconds, or a duration such as `72h`, `3 days` or `P3D`: 1 second to 400 days.
    pub advance: Value,
}

/// The outcome to choose.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionSimulate {
    /// `approve`, `decline`, `require-review`, `expire` or `run-workflow`.
    pub action: String,
}

/// A simulated outcome.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionSimulated {
    /// The session.
    pub id: String,
    /// As sent.
    pub action: String,
    /// The session's status.
    pub status: String,
    /// Always true.
    pub simulated: bool,
}
