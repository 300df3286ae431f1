// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `results`.

use super::types::Pagination;
use crate::pages::Page;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

/// What [`crate::Client::list_results`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListResultsQuery {
    /// `approved`, `rejected` or `needs_review`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Decided at or after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<String>,
    /// Decided before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<String>,
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

impl Page for ResultRowPage {
    type Item = ResultRow;

    fn parts(self) -> (Vec<ResultRow>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::list_session_list_matches`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListSessionListMatchesQuery {
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

impl Page for ListMatchPage {
    type Item = ListMatch;

    fn parts(self) -> (Vec<ListMatch>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::get_session_workflow_run`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct GetSessionWorkflowRunQuery {
    /// An older run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// What one check said.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// `passed`, `failed`, `error` or `skipped`.
    pub status: String,
    /// Whether the status is `passed`.
    pub passed: bool,
    /// In the check's own range.
    pub score: Option<f64>,
    /// The grounds, the deciding one first.
    pub reasons: Vec<Reason>,
}

/// A result with the data it rests on.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DetailedResult {
    /// The session.
    pub session_id: String,
    /// `approved`, `rejected` or `needs_review`.
    pub status: String,
    /// When the decision fell.
    pub created_at: Timestamp,
    /// The operator's own id for the person.
    pub external_ref: Option<String>,
    /// What was found.
    pub result: Findings,
    /// Why not, in a sentence.
    pub rejection_reason: Option<String>,
    /// Why not, as a stable code.
    pub rejection_reason_code: Option<String>,
    /// `workflow`, `manual` or `simulated`.
    pub processing_mode: String,
    /// Whether personal data is gone.
    pub sensitive_data_expired: bool,
}

/// What was found.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// The face comparison's verdict.
    pub face_match_passed: Option<bool>,
    /// The face comparison's score, 0 to 1.
    pub face_match_score: Option<f64>,
    /// The age check's verdict.
    pub age_check_passed: Option<bool>,
    /// Age in full years.
    pub extracted_age: Option<i64>,
    /// What was read from the documents.
    pub extracted_data: Map<String, Value>,
}

/// One decision at a gate.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct GateDecision {
    /// The gate.
    pub node: String,
    /// `continue`, `fail`, `reject`; by time limit also `review`.
    pub decision: String,
    /// The data sent with it.
    pub metadata: Map<String, Value>,
    /// When.
    pub decided_at: Timestamp,
    /// The API key, or `timeout`.
    pub by: String,
}

/// A match of a session's data with an entry of a custom list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ListMatch {
    /// The session.
    pub session_id: String,
    /// The list.
    pub list_id: String,
    /// Its entry.
    pub item_id: String,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ListMatchPage {
    /// Of the API.
    pub data: Vec<ListMatch>,
    /// Of the API.
    pub pagination: Pagination,
}

/// What came of one node.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeResult {
    /// The check; null for gates, branchings and groups.
    pub policy: Option<String>,
    /// `passed`, `failed`, `error` or `skipped`.
    pub status: String,
    /// Whether the status is `passed`.
    pub passed: bool,
    /// How long it took.
    pub duration_ms: i64,
    /// The node the run went to.
    pub routed_to: Option<String>,
    /// Which attempt of the check judged, from 1.
    pub attempt_number: i64,
    /// When the attempt began.
    pub started_at: Option<Timestamp>,
}

/// One ground of a judgement.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable code, for programs.
    pub code: String,
    /// The sentence, for persons.
    pub message: String,
}

/// What a session came to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Result {
    /// The session.
    pub session_id: String,
    /// `approved`, `rejected` or `needs_review`.
    pub status: String,
    /// Whether it belongs to the sandbox.
    pub is_sandbox: bool,
    /// When the decision fell.
    pub created_at: Timestamp,
    /// The face comparison's verdict.
    pub face_match_passed: Option<bool>,
    /// The face comparison's score, 0 to 1.
    pub face_match_score: Option<f64>,
    /// The age check's verdict.
    pub age_check_passed: Option<bool>,
    /// Age in full years.
    pub extracted_age: Option<i64>,
    /// What was read from the documents; empty once personal data is gone.
    pub extracted_data: Map<String, Value>,
    /// Why not, in a sentence.
    pub rejection_reason: Option<String>,
    /// Why not, as a stable code.
    pub rejection_reason_code: Option<String>,
    /// `workflow`, `manual` or `simulated`.
    pub processing_mode: String,
    /// The country whose rules applied.
    pub country_used: Option<String>,
    /// Whether personal data is gone.
    pub sensitive_data_expired: bool,
    /// What each check said, by its name.
    pub check_results: BTreeMap<String, CheckResult>,
}

/// A result without personal data.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    /// The session.
    pub session_id: String,
    /// `approved`, `rejected` or `needs_review`.
    pub status: String,
    /// When the decision fell.
    pub created_at: Timestamp,
    /// Whether it belongs to the sandbox.
    pub is_sandbox: bool,
    /// The face comparison's verdict.
    pub face_match_passed: Option<bool>,
    /// The age check's verdict.
    pub age_check_passed: Option<bool>,
    /// Why not, as a stable code.
    pub rejection_reason_code: Option<String>,
    /// `workflow`, `manual` or `simulated`.
    pub processing_mode: String,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRowPage {
    /// Of the API.
    pub data: Vec<ResultRow>,
    /// Of the API.
    pub pagination: Pagination,
}

/// A session's risk (spec/risk.md).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskAssessment {
    /// The session.
    pub session_id: String,
    /// 0 to 100.
    pub risk_score: i64,
    /// `low`, `medium`, `high` or `critical`.
    pub risk_level: String,
    /// Whether a signal rejects the session whatever the score.
    pub hard_blocked: bool,
    /// What was noticed.
    pub signals: Vec<RiskSignal>,
    /// Name and version of what judged.
    pub engine_version: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One thing that was noticed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
    pub evidence: Map<String, Value>,
}

/// One attempt of one check.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Its id.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The check's name.
    pub policy: String,
    /// `pending`, `passed`, `failed`, `error`, `skipped` or `requires_retry`.
    pub status: String,
    /// From 1.
    pub attempt_number: i64,
    /// Whether the check passed; null where it did not judge.
    pub passed: Option<bool>,
    /// In the check's own range.
    pub score: Option<f64>,
    /// The grounds, the deciding one first.
    pub reasons: Vec<Reason>,
    /// Typed per check; null once personal data is gone.
    pub details: Option<Map<String, Value>>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// Name and version of what judged.
    pub engine: String,
}
