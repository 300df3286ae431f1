// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `results`.

use super::types::{GateDecision, NodeResult, Verification};
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

/// Every attempt of one check.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationAttempts {
    /// The session.
    pub session_id: String,
    /// The check's name.
    pub policy: String,
    /// Oldest first.
    pub attempts: Vec<Verification>,
}

/// A check that runs again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationRetried {
    /// The session's: `processing`.
    pub status: String,
    /// The session.
    pub session_id: String,
    /// The check's name.
    pub policy: String,
}

/// The newest attempt of each check.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Verifications {
    /// In the order in which the checks first ran.
    pub data: Vec<Verification>,
}

/// One execution of a workflow for a session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// Its id.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The workflow.
    pub workflow_id: String,
    /// The version it runs on.
    pub workflow_version: i64,
    /// `running`, `paused`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// `approved`, `rejected` or `needs_review`, once completed.
    pub final_status: Option<String>,
    /// The graph it runs on.
    pub graph_snapshot: Option<Map<String, Value>>,
    /// The gate it waits at.
    pub paused_at_node: Option<String>,
    /// The node it stands at.
    pub current_node: Option<String>,
    /// What came of each node, in the order of passing; null once personal data is gone or no
    /// longer shown.
    pub node_results: Option<BTreeMap<String, NodeResult>>,
    /// When a worker first took it up.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// How long it took, waiting at gates included.
    pub duration_ms: Option<i64>,
    /// The decisions at its gates, oldest first.
    pub gate_decisions: Vec<GateDecision>,
}
