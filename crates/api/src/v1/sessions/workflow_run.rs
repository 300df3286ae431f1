//! `GET /api/v1/sessions/{id}/workflow-run`

use axum::extract::State;
use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::RunView as Loaded;
use verifa_core::id::{RunId, SessionId, WorkflowId};
use verifa_core::session::{CheckStatus, Metadata};
use verifa_core::time::Timestamp;
use verifa_core::workflow::{Graph, NodeResult};

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::Query;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// One execution of a workflow for a session.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkflowRun)]
pub struct RunView {
    /// Its id.
    #[schema(value_type = String, example = "run_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: RunId,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// The workflow.
    #[schema(value_type = String, example = "wfl_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    workflow_id: WorkflowId,
    /// The version it runs on.
    #[schema(example = 1)]
    workflow_version: i64,
    /// `running`, `paused`, `completed`, `failed` or `cancelled`.
    #[schema(example = "completed")]
    status: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// `approved`, `rejected` or `needs_review`, once completed.
    #[schema(example = "approved")]
    final_status: Option<String>,
    /// The graph it runs on.
    #[schema(value_type = Option<Object>)]
    graph_snapshot: Option<Graph>,
    /// The gate it waits at.
    #[schema(example = json!(null))]
    paused_at_node: Option<String>,
    /// The node it stands at.
    #[schema(example = "_end.approved")]
    current_node: Option<String>,
    /// What came of each node, in the order of passing; null once personal data is gone or no
    /// longer shown.
    #[schema(value_type = Option<HashMap<String, NodeResultView>>)]
    node_results: Option<IndexMap<String, NodeResultView>>,
    /// When a worker first took it up.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// How long it took, waiting at gates included.
    #[schema(example = 1503)]
    duration_ms: Option<u64>,
    /// The decisions at its gates, oldest first.
    gate_decisions: Vec<GateDecisionView>,
}

/// What came of one node.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeResult)]
pub struct NodeResultView {
    /// The check; null for gates, branchings and groups.
    #[schema(example = "document_ocr")]
    policy: Option<String>,
    /// `passed`, `failed`, `error` or `skipped`.
    #[schema(value_type = String, example = "passed")]
    status: CheckStatus,
    /// Whether the status is `passed`.
    passed: bool,
    /// How long it took.
    #[schema(example = 412)]
    duration_ms: u64,
    /// The node the run went to.
    #[schema(example = "expiry")]
    routed_to: Option<String>,
    /// Which attempt of the check judged, from 1.
    #[schema(example = 1)]
    attempt_number: u32,
    /// When the attempt began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
}

/// One decision at a gate.
#[derive(Serialize, ToSchema)]
#[schema(as = GateDecision)]
pub struct GateDecisionView {
    /// The gate.
    #[schema(example = "gate")]
    node: String,
    /// `continue`, `fail`, `reject`; by time limit also `review`.
    #[schema(example = "continue")]
    decision: String,
    /// The data sent with it.
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Timestamp,
    /// The API key, or `timeout`.
    by: String,
}

impl NodeResultView {
    fn of(result: &NodeResult) -> Self {
        Self {
            policy: result.policy.clone(),
            status: result.status,
            passed: result.passed,
            duration_ms: result.duration_ms,
            routed_to: result.routed_to.clone(),
            attempt_number: result.attempt_number,
            started_at: result.started_at,
        }
    }
}

impl RunView {
    fn of(loaded: &Loaded) -> Self {
        let record = &loaded.record;
        let state = loaded.memory.as_ref().map(|memory| &memory.state);
        let took = |end: Timestamp| end.since(record.started_at.unwrap_or(record.created_at));
        Self {
            id: record.id,
            session_id: record.session_id,
            workflow_id: record.workflow_id,
            workflow_version: record.workflow_version,
            status: record.status.clone(),
            created_at: record.created_at,
            final_status: record.final_status.clone(),
            graph_snapshot: Some(loaded.version.compiled.graph.clone()),
            paused_at_node: record.paused_at_node.clone(),
            current_node: record.current_node.clone(),
            node_results: state.map(|state| {
                let entry =
                    |(id, result): (&String, &NodeResult)| (id.clone(), NodeResultView::of(result));
                state.node_results.iter().map(entry).collect()
            }),
            started_at: record.started_at,
            completed_at: record.completed_at,
            duration_ms: record
                .completed_at
                .map(|end| u64::try_from(took(end).as_millis()).unwrap_or(u64::MAX)),
            gate_decisions: decisions(loaded),
        }
    }
}

/// The decisions with their data; without it once personal data is gone.
fn decisions(loaded: &Loaded) -> Vec<GateDecisionView> {
    let remembered = loaded
        .memory
        .as_ref()
        .map(|memory| &memory.state.gate_decisions);
    let metadata = |node: &str| {
        let found = remembered?
            .iter()
            .rev()
            .find(|decision| decision.node == node)?;
        Some(found.metadata.clone())
    };
    let stored = loaded.decisions.iter().map(|decision| GateDecisionView {
        node: decision.node.clone(),
        decision: decision.decision.clone(),
        metadata: metadata(&decision.node).unwrap_or_default(),
        decided_at: decision.decided_at,
        by: decision.decided_by.clone(),
    });
    stored.collect()
}

/// Get a session's workflow run
///
/// The newest run, or the one that `run` names.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/workflow-run", tag = "Results",
    operation_id = "get_session_workflow_run",
    params(
        ("id" = String, Path, description = "The session."),
        ("run" = Option<String>, Query, description = "An older run.")
    ),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn get_session_workflow_run(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
) -> Result<Found<RunView>, ApiError> {
    let named = query.text("run", 64);
    if let Err(error) = query.finish() {
        // What is wrong with a query only counts when the session is there.
        state.app.session(caller.tenant(), id).await?;
        return Err(error);
    }
    let named = match named {
        Some(text) => match text.parse::<RunId>() {
            Ok(run) => Some(run),
            Err(_) => return Err(ApiError::not_found("Workflow run")),
        },
        None => None,
    };
    let loaded = state.app.workflow_run(caller.tenant(), id, named).await?;
    Ok(Found::new(RunView::of(&loaded)))
}
