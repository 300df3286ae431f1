//! The bodies of the calls that create and change a workflow, for the document. They are read by
//! `verifa_core::workflow::input`, which refuses unknown keys at every level.

use serde_json::Value;
use utoipa::ToSchema;

/// What a workflow is created with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct WorkflowCreate {
    /// Display name.
    #[schema(example = "KYC with a gate")]
    name: String,
    /// The list form; give either `steps` or `graph`.
    #[schema(value_type = Option<Vec<Object>>, example = json!([
        {"id": "scan", "policy": "document_ocr", "on_fail": "reject"},
        {"id": "gate", "type": "external_gate", "config": {"timeout_minutes": 1440},
            "on_fail": "review"},
        {"id": "done", "policy": "auto_approve"}
    ]))]
    steps: Option<Value>,
    /// The graph form: `entry` and `nodes` by id.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    graph: Option<Value>,
    /// What it is for.
    description: Option<String>,
    /// Whether it becomes the default at once.
    #[schema(example = false)]
    is_default: Option<bool>,
    /// What a session has to bring; null or absent: derived from the checks.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    data_requirements: Option<Value>,
    /// What findings of inserted checks do; null or absent: the defaults.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    screening_settings: Option<Value>,
    /// Positions for a builder; no meaning.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    graph_layout: Option<Value>,
    /// Why the data is processed.
    #[schema(example = json!(null))]
    purpose: Option<String>,
    /// `us_enhanced`, or null.
    #[schema(example = json!(null))]
    profile: Option<String>,
}

/// What can change; absent fields stay. Steps, graph, data requirements and screening settings
/// make a new version.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct WorkflowUpdate {
    /// Display name.
    #[schema(example = "KYC with a gate")]
    name: Option<String>,
    /// The list form.
    #[schema(value_type = Option<Vec<Object>>, example = json!([
        {"id": "scan", "policy": "document_ocr"}, {"id": "done", "policy": "auto_approve"}
    ]))]
    steps: Option<Value>,
    /// The graph form.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    graph: Option<Value>,
    /// What it is for; null clears it.
    #[schema(example = "For marketplace sellers")]
    description: Option<String>,
    /// Whether it becomes the default.
    #[schema(example = false)]
    is_default: Option<bool>,
    /// What a session has to bring; null: derived from the checks again.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    data_requirements: Option<Value>,
    /// What findings of inserted checks do; null: the defaults again.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    screening_settings: Option<Value>,
    /// Positions for a builder; null clears them.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    graph_layout: Option<Value>,
    /// Share of new sessions that take the newest version, 0 to 100.
    #[schema(example = 100)]
    rollout_percentage: Option<u8>,
}
