//! From what an operator wrote to the graph that the engine runs.
//!
//! Both formats go the same way: read, validate, complete with the ends and edges that a run can
//! take, insert the checks of every session.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::auto_insert;
use super::condition::Condition;
use super::graph::{
    GateRoutes, Graph, Node, NodeId, OnTimeout, ParallelNode, PolicyNext, PolicyNode, Routes,
    StartNode, TerminalNode, WaitNode,
};
use super::graph_format::parse_graph;
use super::requirements::DataRequirements;
use super::screening::ScreeningSettings;
use super::steps::{Action, Step, StepKind, parse_steps};
use super::validate::{
    DECISION_POLICIES, Placed, PolicyCatalog, check_conditions, check_graph, check_policies,
};
use crate::fault::Fault;
use crate::object::required;
use crate::session::ResultStatus;
use crate::vocabulary::vocabulary;

/// Most offences of one answer.
const MAXIMUM_FAULTS: usize = 100;

vocabulary! {
    /// How an operator wrote a workflow.
    Format {
        /// An ordered list.
        Steps = "steps",
        /// Nodes and edges.
        Graph = "graph",
    }
}

vocabulary! {
    /// A named checklist that a workflow promises to fulfil; no conformity with any standard.
    Profile {
        /// Document, face, proof of address, contact code and name.
        UsEnhanced = "us_enhanced",
    }
}

/// What a version of a workflow freezes: everything that decides a session's way. A PATCH that
/// changes any of it makes a new version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Which of `steps` and `graph` is there.
    pub format: Format,
    /// The list as the operator wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Value>,
    /// The graph as the operator wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Value>,
    /// Given requirements; absent: derived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_requirements: Option<DataRequirements>,
    /// Given settings; absent: the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screening_settings: Option<ScreeningSettings>,
}

/// A workflow ready to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compiled {
    /// The graph that the engine runs; a run keeps it as its `graph_snapshot`.
    pub graph: Graph,
    /// What a session has to bring.
    pub requirements: DataRequirements,
    /// What findings of the inserted checks do.
    pub screening: ScreeningSettings,
    /// How many steps the operator wrote; in a graph, nodes but the start and the ends.
    pub step_count: usize,
}

impl Content {
    /// A list of steps with everything else left to the defaults.
    pub const fn from_steps(steps: Value) -> Self {
        Self {
            format: Format::Steps,
            steps: Some(steps),
            graph: None,
            data_requirements: None,
            screening_settings: None,
        }
    }

    /// A graph with everything else left to the defaults.
    pub const fn from_graph(graph: Value) -> Self {
        Self {
            format: Format::Graph,
            steps: None,
            graph: Some(graph),
            data_requirements: None,
            screening_settings: None,
        }
    }

    /// Validates and compiles; every offence is in the answer, up to 100.
    pub fn compile(&self, catalog: &dyn PolicyCatalog) -> Result<Compiled, Vec<Fault>> {
        let mut faults = Vec::new();
        let screening = self.screening_settings.clone().unwrap_or_default();
        let graph = match (self.format, &self.steps, &self.graph) {
            (Format::Steps, Some(steps), _) => from_steps(steps, catalog, &mut faults),
            (Format::Graph, _, Some(graph)) => from_graph(graph, catalog, &mut faults),
            (format, _, _) => {
                faults.push(required(format));
                None
            }
        };
        let (Some((mut graph, step_count)), true) = (graph, faults.is_empty()) else {
            faults.truncate(MAXIMUM_FAULTS);
            return Err(faults);
        };
        complete(&mut graph);
        let requirements = self.data_requirements.clone();
        let requirements = requirements.unwrap_or_else(|| DataRequirements::derive(&graph));
        auto_insert::insert(&mut graph, &screening);
        Ok(Compiled {
            graph,
            requirements,
            screening,
            step_count,
        })
    }
}

fn from_steps(
    value: &Value,
    catalog: &dyn PolicyCatalog,
    faults: &mut Vec<Fault>,
) -> Option<(Graph, usize)> {
    let steps = parse_steps("steps", value, faults);
    let placed: Vec<Placed<'_>> = steps
        .iter()
        .flat_map(|step| {
            let (calls, in_group) = match &step.kind {
                StepKind::Policy(call) => (std::slice::from_ref(call), false),
                StepKind::Parallel(calls) => (calls.as_slice(), true),
                StepKind::Gate(_) => (&[][..], false),
            };
            calls.iter().map(move |placed| Placed {
                path: placed.path.clone(),
                policy: &placed.call.policy,
                config: &placed.call.config,
                in_group,
                conditional: step.when.is_some(),
            })
        })
        .collect();
    check_policies(&placed, catalog, faults);
    let conditions: Vec<(String, &Condition)> = steps
        .iter()
        .filter_map(|step| Some((format!("{}.when", step.path), step.when.as_ref()?)))
        .collect();
    let policies: Vec<&str> = placed.iter().map(|placed| placed.policy).collect();
    let gates = steps
        .iter()
        .filter(|step| matches!(step.kind, StepKind::Gate(_)));
    let gates: Vec<&str> = gates.map(|step| step.id.as_str()).collect();
    check_conditions(&conditions, &policies, &gates, faults);
    faults
        .is_empty()
        .then(|| (steps_to_graph(&steps), steps.len()))
}

fn from_graph(
    value: &Value,
    catalog: &dyn PolicyCatalog,
    faults: &mut Vec<Fault>,
) -> Option<(Graph, usize)> {
    let parsed = parse_graph("graph", value, faults)?;
    check_graph("graph", &parsed, faults);
    let nodes = &parsed.graph.nodes;
    let mut placed = Vec::new();
    let mut conditions = Vec::new();
    for (id, node) in nodes {
        let path = format!("graph.nodes.{id}");
        let in_group = matches!(node, Node::Parallel(_));
        for (position, (policy, config)) in node.policies().into_iter().enumerate() {
            let path = if in_group {
                format!("{path}.policies[{position}]")
            } else {
                path.clone()
            };
            placed.push(Placed {
                path,
                policy,
                config,
                in_group,
                conditional: false,
            });
        }
        if let Node::Conditional(node) = node {
            let branches = node.branches.iter().enumerate();
            let paths =
                branches.map(|(n, branch)| (format!("{path}.branches[{n}].when"), &branch.when));
            conditions.extend(paths);
        }
    }
    check_policies(&placed, catalog, faults);
    let policies: Vec<&str> = placed.iter().map(|placed| placed.policy).collect();
    let gates = nodes
        .iter()
        .filter(|(_, node)| matches!(node, Node::Wait(_)));
    let gates: Vec<&str> = gates.map(|(id, _)| id.as_str()).collect();
    check_conditions(&conditions, &policies, &gates, faults);
    let counts = |node: &&Node| !matches!(node, Node::Start(_) | Node::Terminal(_));
    let step_count = nodes.values().filter(counts).count();
    faults.is_empty().then_some((parsed.graph, step_count))
}

fn end_id(outcome: ResultStatus) -> NodeId {
    format!("_end.{outcome}")
}

/// The graph of a list: each step leads to the next, the last to the approval.
fn steps_to_graph(steps: &[Step]) -> Graph {
    let approved = end_id(ResultStatus::Approved);
    let first = steps
        .first()
        .map_or_else(|| approved.clone(), |step| step.id.clone());
    let entry = "_start".to_owned();
    let mut nodes = IndexMap::new();
    nodes.insert(entry.clone(), Node::Start(StartNode { next: first }));
    for (position, step) in steps.iter().enumerate() {
        let next = steps.get(position + 1);
        let next = next.map_or_else(|| approved.clone(), |step| step.id.clone());
        nodes.insert(step.id.clone(), step_to_node(step, next));
    }
    Graph { entry, nodes }
}

fn step_to_node(step: &Step, next: NodeId) -> Node {
    let target = |action: &Action| match action {
        Action::Reject => Some(end_id(ResultStatus::Rejected)),
        Action::Review => Some(end_id(ResultStatus::NeedsReview)),
        Action::Continue => Some(next.clone()),
        Action::Goto(id) => Some(id.clone()),
        Action::FailSession => None,
    };
    let failed = target(&step.on_fail).unwrap_or_else(|| end_id(ResultStatus::NeedsReview));
    let routes = Routes {
        error: target(&step.on_error),
        skipped: step.on_skipped.as_ref().and_then(target),
        ..Routes::new(next.clone(), failed.clone())
    };
    let when = step.when.clone();
    match &step.kind {
        StepKind::Policy(placed) => Node::Policy(PolicyNode {
            policy: placed.call.policy.clone(),
            config: placed.call.config.clone(),
            when,
            auto: false,
            next: PolicyNext::ByOutcome(routes),
        }),
        StepKind::Parallel(calls) => Node::Parallel(ParallelNode {
            policies: calls.iter().map(|placed| placed.call.clone()).collect(),
            when,
            next: routes,
        }),
        StepKind::Gate(config) => Node::Wait(WaitNode {
            config: *config,
            when,
            next: GateRoutes {
                go_on: next,
                fail: failed,
                reject: None,
                review: None,
            },
        }),
    }
}

/// Adds the edges that a run can take without an operator's word for them, and the ends.
fn complete(graph: &mut Graph) {
    for node in graph.nodes.values_mut() {
        match node {
            Node::Policy(node) if DECISION_POLICIES.contains(&node.policy.as_str()) => {
                if let PolicyNext::ByOutcome(routes) = &mut node.next {
                    routes.blocked = Some(end_id(ResultStatus::Rejected));
                }
            }
            Node::Wait(node) => {
                node.next.reject = Some(end_id(ResultStatus::Rejected));
                if node.config.on_timeout == OnTimeout::Review {
                    node.next.review = Some(end_id(ResultStatus::NeedsReview));
                }
            }
            _ => {}
        }
    }
    for outcome in ResultStatus::ALL.iter().copied() {
        let id = end_id(outcome);
        let leads = |node: &Node| node.edges().iter().any(|(_, target)| **target == id);
        if graph.nodes.values().any(leads) {
            let end = TerminalNode {
                outcome,
                reason_code: None,
            };
            graph.nodes.insert(id, Node::Terminal(end));
        }
    }
}
