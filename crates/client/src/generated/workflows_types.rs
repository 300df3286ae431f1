// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `workflows`.

use super::types::Pagination;
use crate::pages::Page;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// What [`crate::Client::list_workflows`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListWorkflowsQuery {
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

impl Page for WorkflowPage {
    type Item = Workflow;

    fn parts(self) -> (Vec<Workflow>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::list_workflow_versions`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListWorkflowVersionsQuery {
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

/// The checks that this server knows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationPolicies {
    /// Each with name, category, description, config schema, inputs and outputs; `auto` ones are
    /// inserted by the server.
    pub data: Vec<Map<String, Value>>,
}

/// A workflow with one of its versions.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// Its id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The version shown.
    pub version: i64,
    /// The list form, as it was written; empty in the graph form.
    pub steps: Vec<Map<String, Value>>,
    /// Whether sessions that name no workflow take it.
    pub is_default: bool,
    /// Whether new sessions may take it.
    pub is_active: bool,
    /// Whether a sandbox key made it. Both environments use every workflow; a sandbox key changes
    /// only such ones.
    pub is_sandbox: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it, or for an older version that version, last changed.
    pub updated_at: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// Steps, or nodes of the graph form but its start and its ends.
    pub step_count: i64,
    /// What a session has to bring, given or derived.
    pub data_requirements: Option<Map<String, Value>>,
    /// `steps` or `graph`.
    pub format: String,
    /// The graph form, as it was written.
    pub graph: Option<Map<String, Value>>,
    /// Positions for a builder; no meaning.
    pub graph_layout: Option<Map<String, Value>>,
    /// What findings of inserted checks do.
    pub screening_settings: Option<Map<String, Value>>,
    /// Share of new sessions that take the newest version, in per cent.
    pub rollout_percentage: Option<i64>,
    /// Why the data is processed.
    pub purpose: Option<String>,
    /// The checklist that it fulfils.
    pub profile: Option<String>,
}

/// What a workflow is created with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowCreate {
    /// Display name.
    pub name: String,
    /// The list form; give either `steps` or `graph`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Map<String, Value>>>,
    /// The graph form: `entry` and `nodes` by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Map<String, Value>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it becomes the default at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// What a session has to bring; null or absent: derived from the checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_requirements: Option<Map<String, Value>>,
    /// What findings of inserted checks do; null or absent: the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screening_settings: Option<Map<String, Value>>,
    /// Positions for a builder; no meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_layout: Option<Map<String, Value>>,
    /// Why the data is processed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// `us_enhanced`, or null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowPage {
    /// Of the API.
    pub data: Vec<Workflow>,
    /// Of the API.
    pub pagination: Pagination,
}

/// The session to judge again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowTrigger {
    /// A completed or failed session.
    pub session_id: String,
}

/// A triggered run.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowTriggered {
    /// The session.
    pub session_id: String,
    /// `processing`.
    pub status: String,
}

/// What can change; absent fields stay. Steps, graph, data requirements and screening settings
/// make a new version.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct WorkflowUpdate {
    /// Display name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub name: Option<Option<String>>,
    /// The list form.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub steps: Option<Option<Vec<Map<String, Value>>>>,
    /// The graph form.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub graph: Option<Option<Map<String, Value>>>,
    /// What it is for; null clears it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub description: Option<Option<String>>,
    /// Whether it becomes the default.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub is_default: Option<Option<bool>>,
    /// What a session has to bring; null: derived from the checks again.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub data_requirements: Option<Option<Map<String, Value>>>,
    /// What findings of inserted checks do; null: the defaults again.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub screening_settings: Option<Option<Map<String, Value>>>,
    /// Positions for a builder; null clears them.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub graph_layout: Option<Option<Map<String, Value>>>,
    /// Share of new sessions that take the newest version, 0 to 100.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub rollout_percentage: Option<Option<i64>>,
}
