//! The graph that the engine runs: the one form every workflow is compiled to.
//!
//! Its JSON is the graph format of spec/workflows.md. A compiled graph has a few things that no
//! operator writes: `auto` nodes, the `when` of a step, and the edges `blocked`, `reject` and
//! `review`, so that every way a run can take is an edge that can be seen.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use super::condition::Condition;
use crate::session::{RejectionReasonCode, ResultStatus};
use crate::vocabulary::vocabulary;

/// The id of a node: the operator's own, or one that begins with `_`.
pub type NodeId = String;

/// A directed acyclic graph of nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The id of the start node.
    pub entry: NodeId,
    /// Every node by its id.
    pub nodes: IndexMap<NodeId, Node>,
}

/// One node of a graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Node {
    /// Where a run begins.
    Start(StartNode),
    /// One check.
    Policy(PolicyNode),
    /// Checks side by side, joined by the worst outcome.
    Parallel(ParallelNode),
    /// A branching by conditions.
    Conditional(ConditionalNode),
    /// An external gate.
    Wait(WaitNode),
    /// An end.
    Terminal(TerminalNode),
}

/// Where a run begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartNode {
    /// The first node.
    pub next: NodeId,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyNode {
    /// The check's name.
    pub policy: String,
    /// The check's configuration.
    #[serde(default = "empty_object")]
    pub config: Value,
    /// When false the node is passed over (a step's `when`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Whether the server inserted it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto: bool,
    /// Where the run goes on.
    pub next: PolicyNext,
}

/// The ways out of a policy node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PolicyNext {
    /// By the check's own outcome.
    ByOutcome(Routes),
    /// By the edge on which the run left the last node that was not auto-inserted, as
    /// `<node>.<edge>`: an inserted check looks on and never reroutes.
    ByOrigin(IndexMap<String, NodeId>),
}

/// The edges by outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    /// The check passed.
    pub passed: NodeId,
    /// The check failed.
    pub failed: NodeId,
    /// The check could not judge; absent: the session fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<NodeId>,
    /// A prerequisite was missing; absent: as `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<NodeId>,
    /// A deciding check says rejected (compiled in for `auto_approve`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<NodeId>,
}

/// A check of a parallel group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyCall {
    /// The check's name.
    pub policy: String,
    /// The check's configuration.
    #[serde(default = "empty_object")]
    pub config: Value,
}

/// Checks side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParallelNode {
    /// The checks.
    pub policies: Vec<PolicyCall>,
    /// When false the node is passed over (a step's `when`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// By the worst outcome: error, failed, skipped, passed.
    pub next: Routes,
}

/// A branching.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionalNode {
    /// In order; the first whose condition holds is taken.
    pub branches: Vec<Branch>,
    /// Taken when none holds.
    pub default: NodeId,
}

/// One branch of a branching.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// The condition.
    pub when: Condition,
    /// Where the run goes when it holds.
    pub next: NodeId,
}

/// An external gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitNode {
    /// Its time limit.
    #[serde(default)]
    pub config: GateConfig,
    /// When false the node is passed over (a step's `when`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// By the decision.
    pub next: GateRoutes,
}

/// The edges of a gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRoutes {
    /// The decision was `continue`.
    #[serde(rename = "continue")]
    pub go_on: NodeId,
    /// The decision was `fail`.
    pub fail: NodeId,
    /// The decision was `reject` (compiled in: an end).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<NodeId>,
    /// The time was over and `on_timeout` is `review` (compiled in: an end).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<NodeId>,
}

vocabulary! {
    /// What becomes of a gate that nobody decides in time.
    OnTimeout {
        /// As if decided `continue`.
        Continue = "continue",
        /// As if decided `fail`.
        Fail = "fail",
        /// The session is rejected with `external_timeout`.
        Reject = "reject",
        /// The session goes to review.
        Review = "review",
    }
}

/// The time limit of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GateConfig {
    /// Minutes to decide: 1 to [`MAXIMUM_GATE_MINUTES`].
    pub timeout_minutes: u32,
    /// What happens afterwards.
    pub on_timeout: OnTimeout,
}

/// The longest time limit of a gate, and the default: 30 days.
pub const MAXIMUM_GATE_MINUTES: u32 = 30 * 24 * 60;

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            timeout_minutes: MAXIMUM_GATE_MINUTES,
            on_timeout: OnTimeout::Review,
        }
    }
}

impl GateConfig {
    /// The time limit.
    pub fn timeout(self) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(self.timeout_minutes) * 60)
    }
}

/// An end of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TerminalNode {
    /// What the session comes to.
    pub outcome: ResultStatus,
    /// The reason to report; absent: the reason of what led here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<RejectionReasonCode>,
}

fn empty_object() -> Value {
    Value::Object(Map::new())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl<'de> Deserialize<'de> for Node {
    // Written out: serde's own tagged enums lose numbers under `arbitrary_precision`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(deserializer)?;
        let kind = map.shift_remove("type");
        let value = Value::Object(map);
        let node = match kind.as_ref().and_then(Value::as_str) {
            Some("start") => serde_json::from_value(value).map(Self::Start),
            Some("policy") => serde_json::from_value(value).map(Self::Policy),
            Some("parallel") => serde_json::from_value(value).map(Self::Parallel),
            Some("conditional") => serde_json::from_value(value).map(Self::Conditional),
            Some("wait") => serde_json::from_value(value).map(Self::Wait),
            Some("terminal") => serde_json::from_value(value).map(Self::Terminal),
            _ => return Err(de::Error::custom("unknown node type")),
        };
        node.map_err(de::Error::custom)
    }
}

impl Routes {
    /// Both ways, and nothing for errors.
    pub(crate) const fn new(passed: NodeId, failed: NodeId) -> Self {
        Self {
            passed,
            failed,
            error: None,
            skipped: None,
            blocked: None,
        }
    }

    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a NodeId)) {
        visit("passed", &self.passed);
        visit("failed", &self.failed);
        for (label, target) in [
            ("error", &self.error),
            ("skipped", &self.skipped),
            ("blocked", &self.blocked),
        ] {
            if let Some(target) = target {
                visit(label, target);
            }
        }
    }

    fn edge_mut(&mut self, label: &str) -> Option<&mut NodeId> {
        match label {
            "passed" => Some(&mut self.passed),
            "failed" => Some(&mut self.failed),
            "error" => self.error.as_mut(),
            "skipped" => self.skipped.as_mut(),
            "blocked" => self.blocked.as_mut(),
            _ => None,
        }
    }
}

impl Node {
    /// Calls `visit` with the label and the target of every edge. The labels of an inserted node
    /// are the edges it was entered by.
    pub fn visit_edges<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a NodeId)) {
        match self {
            Self::Start(node) => visit("next", &node.next),
            Self::Policy(node) => match &node.next {
                PolicyNext::ByOutcome(routes) => routes.visit(visit),
                PolicyNext::ByOrigin(targets) => {
                    targets
                        .iter()
                        .for_each(|(origin, target)| visit(origin, target));
                }
            },
            Self::Parallel(node) => node.next.visit(visit),
            Self::Conditional(node) => {
                for (position, branch) in node.branches.iter().enumerate() {
                    visit(&branch_label(position), &branch.next);
                }
                visit("default", &node.default);
            }
            Self::Wait(node) => {
                visit("continue", &node.next.go_on);
                visit("fail", &node.next.fail);
                for (label, target) in
                    [("reject", &node.next.reject), ("review", &node.next.review)]
                {
                    if let Some(target) = target {
                        visit(label, target);
                    }
                }
            }
            Self::Terminal(_) => {}
        }
    }

    /// The edges as a list of label and target.
    pub fn edges(&self) -> Vec<(String, &NodeId)> {
        let mut edges = Vec::new();
        self.visit_edges(&mut |label, target| edges.push((label.to_owned(), target)));
        edges
    }

    /// The target of one edge.
    pub fn edge(&self, label: &str) -> Option<&NodeId> {
        let mut found = None;
        self.visit_edges(&mut |name, target| {
            if name == label {
                found = Some(target);
            }
        });
        found
    }

    /// The target of one edge, to change it.
    pub(crate) fn edge_mut(&mut self, label: &str) -> Option<&mut NodeId> {
        match self {
            Self::Start(node) => (label == "next").then_some(&mut node.next),
            Self::Policy(node) => match &mut node.next {
                PolicyNext::ByOutcome(routes) => routes.edge_mut(label),
                PolicyNext::ByOrigin(targets) => targets.get_mut(label),
            },
            Self::Parallel(node) => node.next.edge_mut(label),
            Self::Conditional(node) => {
                if label == "default" {
                    return Some(&mut node.default);
                }
                let mut branches = node.branches.iter_mut().enumerate();
                let branch = branches.find(|(position, _)| branch_label(*position) == label);
                branch.map(|(_, branch)| &mut branch.next)
            }
            Self::Wait(node) => match label {
                "continue" => Some(&mut node.next.go_on),
                "fail" => Some(&mut node.next.fail),
                "reject" => node.next.reject.as_mut(),
                "review" => node.next.review.as_mut(),
                _ => None,
            },
            Self::Terminal(_) => None,
        }
    }

    /// The checks that this node runs.
    pub fn policies(&self) -> Vec<(&str, &Value)> {
        match self {
            Self::Policy(node) => vec![(&node.policy, &node.config)],
            Self::Parallel(node) => {
                let calls = node.policies.iter();
                calls
                    .map(|call| (call.policy.as_str(), &call.config))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the server inserted this node.
    pub const fn is_auto(&self) -> bool {
        matches!(self, Self::Policy(node) if node.auto)
    }

    /// The condition under which the node is done at all.
    pub const fn when(&self) -> Option<&Condition> {
        match self {
            Self::Policy(node) => node.when.as_ref(),
            Self::Parallel(node) => node.when.as_ref(),
            Self::Wait(node) => node.when.as_ref(),
            _ => None,
        }
    }
}

/// The label of a branch by its position.
pub(crate) fn branch_label(position: usize) -> String {
    format!("branches[{position}]")
}

impl Graph {
    /// The id of the node that runs a check.
    pub fn node_of(&self, policy: &str) -> Option<&NodeId> {
        let mut nodes = self.nodes.iter();
        let found = nodes.find(|(_, node)| {
            !node.is_auto() && node.policies().iter().any(|(name, _)| *name == policy)
        });
        found.map(|(id, _)| id)
    }

    /// The checks that the operator placed, with their configurations, in the order of the graph.
    pub fn operator_checks(&self) -> Vec<(&str, &Value)> {
        let placed = self.nodes.values().filter(|node| !node.is_auto());
        placed.flat_map(Node::policies).collect()
    }

    /// Whether a run has to look at anything but outcomes to find its way.
    pub fn has_conditions(&self) -> bool {
        let conditional =
            |node: &Node| matches!(node, Node::Conditional(_)) || node.when().is_some();
        self.nodes.values().any(conditional)
    }
}
