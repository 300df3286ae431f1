//! The workflow object (spec/workflows.md, "Object").

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use verifa_app::workflows::WorkflowView as Loaded;
use verifa_core::id::WorkflowId;
use verifa_core::time::Timestamp;
use verifa_core::workflow::{DataRequirements, Format, ScreeningSettings};

use crate::mutation::Outcome;

/// A workflow with one of its versions.
#[derive(Serialize, ToSchema)]
#[schema(as = Workflow)]
pub struct WorkflowView {
    /// Its id.
    #[schema(value_type = String, example = "wfl_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: WorkflowId,
    /// Display name.
    #[schema(example = "KYC with a gate")]
    name: String,
    /// The version shown.
    #[schema(example = 1)]
    version: i64,
    /// The list form, as it was written; empty in the graph form.
    #[schema(value_type = Vec<Object>, example = json!([{"id": "scan", "policy": "document_ocr"}]))]
    steps: Value,
    /// Whether sessions that name no workflow take it.
    is_default: bool,
    /// Whether new sessions may take it.
    is_active: bool,
    /// Whether a sandbox key made it. Both environments use every workflow; a sandbox key changes
    /// only such ones.
    is_sandbox: bool,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it, or for an older version that version, last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// What it is for.
    description: Option<String>,
    /// Steps, or nodes of the graph form but its start and its ends.
    #[schema(example = 1)]
    step_count: usize,
    /// What a session has to bring, given or derived.
    #[schema(value_type = Option<Object>)]
    data_requirements: Option<DataRequirements>,
    /// `steps` or `graph`.
    #[schema(value_type = String, example = "steps")]
    format: Format,
    /// The graph form, as it was written.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    graph: Option<Value>,
    /// Positions for a builder; no meaning.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!(null))]
    graph_layout: Option<Value>,
    /// What findings of inserted checks do.
    #[schema(value_type = Option<Object>)]
    screening_settings: Option<ScreeningSettings>,
    /// Share of new sessions that take the newest version, in per cent.
    #[schema(example = 100)]
    rollout_percentage: Option<i64>,
    /// Why the data is processed.
    purpose: Option<String>,
    /// The checklist that it fulfils.
    #[schema(example = json!(null))]
    profile: Option<String>,
}

impl Outcome for Loaded {}

impl WorkflowView {
    /// The workflow as callers see it.
    pub fn of(loaded: &Loaded) -> Self {
        let record = &loaded.record;
        let version = &loaded.version;
        let content = &version.content;
        let current = record.current_version == version.version;
        let layout = record.graph_layout.as_deref();
        Self {
            id: record.id,
            name: record.name.clone(),
            version: version.version,
            steps: content
                .steps
                .clone()
                .unwrap_or_else(|| Value::Array(Vec::new())),
            is_default: record.is_default,
            is_active: record.is_active,
            is_sandbox: record.environment.is_sandbox(),
            created_at: record.created_at,
            updated_at: if current {
                record.updated_at
            } else {
                version.created_at
            },
            description: record.description.clone(),
            step_count: version.compiled.step_count,
            data_requirements: Some(version.compiled.requirements.clone()),
            format: content.format,
            graph: content.graph.clone(),
            graph_layout: layout.and_then(|text| serde_json::from_str(text).ok()),
            screening_settings: Some(version.compiled.screening.clone()),
            rollout_percentage: record.rollout_percentage,
            purpose: record.purpose.clone(),
            profile: record.profile.clone(),
        }
    }
}
