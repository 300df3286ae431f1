// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `cases`.

use super::types::Pagination;
use crate::pages::Page;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// What [`crate::Client::list_cases`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListCasesQuery {
    /// Only this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Held, or decided, by this reviewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Only cases with this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// `green`, `yellow` or `red`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla_status: Option<String>,
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

impl Page for CasePage {
    type Item = Case;

    fn parts(self) -> (Vec<Case>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::list_case_notes`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListCaseNotesQuery {
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

impl Page for CaseNotePage {
    type Item = CaseNote;

    fn parts(self) -> (Vec<CaseNote>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// A review case: a session that a person has to look at.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// `open`, `in_review`, `approved`, `rejected`, `escalated`, `pending_second_review`, or
    /// `closed` where the session ended without a reviewer's decision.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// `approved` or `rejected`, once decided; the first of two decisions while the status is
    /// `pending_second_review`.
    pub decision: Option<String>,
    /// The reviewer who holds it, or decided it.
    pub assigned_to: Option<String>,
    /// When the reviewer claimed it.
    pub claimed_at: Option<Timestamp>,
    /// When it entered the queue, for the last time.
    pub entered_review_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    /// The age in the queue: `green` below 4 hours, `yellow` below 24, then `red`.
    pub sla_status: Option<String>,
    /// The operator's labels.
    pub tags: Vec<String>,
    /// The operator's own data.
    pub metadata: Map<String, Value>,
    /// The operator's own fields.
    pub custom_fields: Map<String, Value>,
    /// Who it was handed to.
    pub escalated_to: Option<String>,
    /// What sent the session here.
    pub reasons: Vec<CaseReason>,
}

/// Who approves, and why.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CaseApprove {
    /// Your own name for the reviewer; absent: whoever holds the case. At most 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_id: Option<String>,
    /// Why, kept as a note on the case: at most 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// Who claims.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseClaim {
    /// Your own name for the reviewer, 1–255 characters.
    pub reviewer_id: String,
}

/// The session that a person has to look at.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseCreate {
    /// A session that has a case, or one that is completed or failed.
    pub session_id: String,
}

/// A note on a review case.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseNote {
    /// Its id.
    pub id: String,
    /// The case.
    pub case_id: String,
    /// What was written.
    pub text: String,
    /// Who wrote it, where that was said.
    pub reviewer_id: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// A note to write.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseNoteAdd {
    /// 1–10,000 characters.
    pub text: String,
    /// Your own name for the reviewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_id: Option<String>,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseNotePage {
    /// Of the API.
    pub data: Vec<CaseNote>,
    /// Of the API.
    pub pagination: Pagination,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CasePage {
    /// Of the API.
    pub data: Vec<Case>,
    /// Of the API.
    pub pagination: Pagination,
}

/// One ground on which a session came to review.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseReason {
    /// The node of the workflow; empty where no workflow sent it.
    pub node: String,
    /// The check, if it was one.
    pub policy: Option<String>,
    /// The code of the reason.
    pub code: String,
}

/// Who rejects, and why.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CaseReject {
    /// Your own name for the reviewer; absent: whoever holds the case. At most 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_id: Option<String>,
    /// Why, kept as a note on the case: at most 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The reason as its stable code; absent: `manual_review`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection_reason_code: Option<String>,
    /// Custom lists are not available in this release: `true` is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_to_blocklist: Option<bool>,
}

/// Who gives the case back.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CaseRelease {
    /// The reviewer who has to hold it; absent: whoever does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_id: Option<String>,
}

/// What can change; absent fields stay, other fields are ignored.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CaseUpdate {
    /// `low`, `normal`, `high` or `urgent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// All labels: at most 50, each 1–64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Merged key by key: null removes a key, absent keys stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Merged key by key: null removes a key, absent keys stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<Map<String, Value>>,
}

/// An accepted override.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckOverridden {
    /// The case.
    pub case_id: String,
    /// Its session.
    pub session_id: String,
    /// The check.
    pub policy: String,
    /// What it counts as now.
    pub passed: bool,
    /// `processing`.
    pub status: String,
}

/// A reviewer's judgement of a check.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckOverride {
    /// Whether the check counts as passed.
    pub passed: bool,
    /// Why, kept as a note on the case: 1–10,000 characters.
    pub reason: String,
    /// Your own name for the reviewer; absent: whoever holds the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_id: Option<String>,
}
