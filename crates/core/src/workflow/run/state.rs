//! What is stored of a run between two steps.
//!
//! It holds no details of checks (those are in the verification attempts), but it holds the
//! metadata of gate decisions, which are the operator's data: store it encrypted.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::super::evaluate::Note;
use super::super::graph::{Graph, NodeId};
use crate::session::{CheckResult, CheckStatus, Metadata, ResultStatus};
use crate::time::Timestamp;
use crate::vocabulary::vocabulary;

/// The state of a run. A value: every step makes a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// The node the run stands at.
    pub current: NodeId,
    /// The edge, as `<node>.<edge>`, by which the run left the last node that was not inserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What came of each node, in the order of passing.
    #[serde(default)]
    pub node_results: IndexMap<NodeId, NodeResult>,
    /// Judged checks of the parallel node the run stands at, by check.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub group: IndexMap<String, NodeResult>,
    /// Retries so far of the checks of the current node, by check.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retries: BTreeMap<String, u32>,
    /// The decisions of external gates, in order.
    #[serde(default)]
    pub gate_decisions: Vec<GateDecision>,
    /// Remarks of the interpreter.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Results of an earlier run that stand, by check.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub carried: IndexMap<String, NodeResult>,
    /// Gate decisions of an earlier run that stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried_decisions: Vec<GateDecision>,
}

/// What came of one node: the run object's entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeResult {
    /// The check; absent for gates, branchings and groups.
    #[serde(default)]
    pub policy: Option<String>,
    /// The judgement; of a group the worst; of a gate `passed` for `continue`, else `failed`.
    pub status: CheckStatus,
    /// Whether the status is `passed`.
    pub passed: bool,
    /// The check's score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The codes of the reasons, the deciding one first.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// The wish of a deciding check, see [`CheckResult::route`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<ResultStatus>,
    /// Whether the server inserted the node.
    #[serde(default)]
    pub auto: bool,
    /// The node the run went to; absent: nowhere, the session fails.
    #[serde(default)]
    pub routed_to: Option<NodeId>,
    /// Which attempt of the check judged, from 1.
    #[serde(default)]
    pub attempt_number: u32,
    /// When the attempt began.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// The checks of a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<NodeResult>,
}

/// The reason code of a step whose `when` was false.
pub const SKIPPED_BY_CONDITION: &str = "condition";
/// The reason code of a check that the session's `checks` leaves out.
pub const SKIPPED_NOT_REQUESTED: &str = "not_requested";
/// The reason code of a check whose judgement a reviewer replaced.
pub const OVERRIDDEN: &str = "overridden";

impl NodeResult {
    /// Whether a reviewer's judgement stands for the check's.
    pub fn is_overridden(&self) -> bool {
        self.reasons.iter().any(|reason| reason == OVERRIDDEN)
    }

    /// A result without a check's attempt behind it.
    pub(super) fn plain(policy: Option<&str>, status: CheckStatus, reason: &str) -> Self {
        Self {
            policy: policy.map(str::to_owned),
            status,
            passed: status == CheckStatus::Passed,
            score: None,
            reasons: vec![reason.to_owned()],
            route: None,
            auto: false,
            routed_to: None,
            attempt_number: 0,
            started_at: None,
            duration_ms: 0,
            policies: Vec::new(),
        }
    }

    pub(super) fn of_attempt(policy: &str, attempt: &Attempt<'_>) -> Self {
        let result = attempt.result;
        let duration = attempt.completed_at.since(attempt.started_at).as_millis();
        Self {
            score: result.score,
            reasons: result
                .reasons
                .iter()
                .map(|reason| reason.code.clone())
                .collect(),
            route: result.route,
            attempt_number: attempt.number,
            started_at: Some(attempt.started_at),
            duration_ms: u64::try_from(duration).unwrap_or(u64::MAX),
            ..Self::plain(Some(policy), result.status, "")
        }
    }

    /// Whether the check was passed over on purpose: by its step's `when`, or because the session
    /// didn't ask for it. Such a check routes as passed.
    pub fn passed_over(&self) -> bool {
        self.status == CheckStatus::Skipped
            && matches!(
                self.reasons.first().map(String::as_str),
                Some(SKIPPED_BY_CONDITION | SKIPPED_NOT_REQUESTED)
            )
    }
}

/// One finished attempt of a check.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// What the check said.
    pub result: &'a CheckResult,
    /// Which attempt of the check in the session, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Timestamp,
}

vocabulary! {
    /// What an external system may say to a gate.
    ExternalDecision {
        /// Go on.
        Continue = "continue",
        /// Take the gate's fail edge.
        Fail = "fail",
        /// Reject the session.
        Reject = "reject",
    }
}

/// The decision of a gate, by a call or by its time limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateDecision {
    /// The gate's node.
    pub node: NodeId,
    /// `continue`, `fail`, `reject`; `review` only by time limit.
    pub decision: String,
    /// The operator's own data with the decision.
    #[serde(default)]
    pub metadata: Metadata,
    /// When.
    pub decided_at: Timestamp,
    /// Who: the id of an API key, or `timeout`.
    pub by: String,
}

/// The `by` of a decision that the time limit made.
pub const BY_TIMEOUT: &str = "timeout";

impl RunState {
    /// A run that has not begun.
    pub fn start(graph: &Graph) -> Self {
        Self {
            current: graph.entry.clone(),
            origin: None,
            node_results: IndexMap::new(),
            group: IndexMap::new(),
            retries: BTreeMap::new(),
            gate_decisions: Vec::new(),
            notes: Vec::new(),
            carried: IndexMap::new(),
            carried_decisions: Vec::new(),
        }
    }

    /// The results of all checks so far, those of groups one by one, with their nodes.
    pub fn check_results(&self) -> impl Iterator<Item = (&str, &NodeResult)> {
        let passed = self.node_results.iter().flat_map(|(node, result)| {
            let own = result.policy.is_some().then_some(result);
            own.into_iter()
                .chain(&result.policies)
                .map(move |result| (node.as_str(), result))
        });
        let open = self
            .group
            .values()
            .map(|result| (self.current.as_str(), result));
        passed.chain(open)
    }

    /// The result of a check in this run.
    pub fn result_of(&self, policy: &str) -> Option<&NodeResult> {
        let mut results = self.check_results();
        let found = results.find(|(_, result)| result.policy.as_deref() == Some(policy));
        found.map(|(_, result)| result)
    }

    /// The last decision of a gate in this run.
    pub fn decision_of(&self, node: &str) -> Option<&GateDecision> {
        self.gate_decisions
            .iter()
            .rev()
            .find(|decision| decision.node == node)
    }
}
