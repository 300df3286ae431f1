//! What must hold of a workflow before it is stored (spec/workflows.md, "Validation").
//!
//! Every offence is reported with its path; the shape of the JSON was checked while reading it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::auto_insert::AUTO_POLICIES;
use super::condition::{Condition, FieldPath};
use super::graph::{Graph, Node};
use super::graph_format::{ParsedGraph, edge_path};
use crate::fault::{Fault, FaultCode};

/// What this module has to know about checks; the registry of the checks crate answers.
pub trait PolicyCatalog {
    /// Whether a check of this name exists.
    fn known(&self, name: &str) -> bool;
    /// The offences of a configuration; paths are relative to it (`""` for the whole).
    fn validate_config(&self, name: &str, config: &Value) -> Vec<Fault>;
}

/// Checks that end a run by their own judgement (category "decision" of spec/checks.md). They are
/// no checks of the person: a session's `checks` never leaves them out, and they look at what the
/// others found.
pub const DECISION_POLICIES: &[&str] = &["auto_approve"];

/// A check as it stands in the operator's JSON.
pub(crate) struct Placed<'a> {
    pub(crate) path: String,
    pub(crate) policy: &'a str,
    pub(crate) config: &'a Value,
    pub(crate) in_group: bool,
    /// Whether its step has a `when`.
    pub(crate) conditional: bool,
}

/// Every policy is known, has a valid configuration, and stands once.
pub(crate) fn check_policies(
    placed: &[Placed<'_>],
    catalog: &dyn PolicyCatalog,
    faults: &mut Vec<Fault>,
) {
    let mut seen = BTreeSet::new();
    for Placed {
        path,
        policy,
        config,
        in_group,
        conditional,
    } in placed
    {
        let at = format!("{path}.policy");
        if !catalog.known(policy) {
            let message = "No check of this name; GET /api/v1/verification-policies lists them.";
            faults.push(Fault::new(at, FaultCode::UnknownReference, message));
            continue;
        }
        if !seen.insert(*policy) {
            let message = "A check may stand once in a workflow.";
            faults.push(Fault::new(&at, FaultCode::Duplicate, message));
        }
        if *in_group && DECISION_POLICIES.contains(policy) {
            let message = "A deciding check can't stand in a parallel group.";
            faults.push(Fault::new(&at, FaultCode::Invalid, message));
        }
        if *conditional && AUTO_POLICIES.contains(policy) {
            let message = "This check runs on every session; it can't depend on a condition.";
            faults.push(Fault::new(&at, FaultCode::Invalid, message));
        }
        let config_path = format!("{path}.config");
        let found = catalog.validate_config(policy, config);
        faults.extend(found.into_iter().map(|fault| fault.under(&config_path)));
    }
}

/// Conditions name checks that can have run and gates that exist.
pub(crate) fn check_conditions(
    conditions: &[(String, &Condition)],
    policies: &[&str],
    gates: &[&str],
    faults: &mut Vec<Fault>,
) {
    for (path, condition) in conditions {
        condition.visit(path, &mut |path, comparison| {
            let message = match FieldPath::parse(&comparison.field) {
                Some(FieldPath::Check { policy, .. })
                    if !policies.contains(&policy) && !AUTO_POLICIES.contains(&policy) =>
                {
                    "This workflow has no such check."
                }
                Some(FieldPath::GateDecision(node) | FieldPath::GateMetadata(node, _))
                    if !gates.contains(&node) =>
                {
                    "This workflow has no such gate."
                }
                _ => return,
            };
            let field = format!("{path}.field");
            faults.push(Fault::new(field, FaultCode::UnknownReference, message));
        });
    }
}

/// One start, references that resolve, no cycle, every node reachable. With no cycle and every
/// edge resolved, every path ends in a terminal: terminals alone have no edges.
pub(crate) fn check_graph(path: &str, parsed: &ParsedGraph<'_>, faults: &mut Vec<Fault>) {
    let graph = &parsed.graph;
    let whole = graph.nodes.len() == parsed.declared.len();
    check_start(path, parsed, whole, faults);
    let mut resolved = true;
    for (id, node) in &graph.nodes {
        for (label, target) in node.edges() {
            if !parsed.declared.contains(&target.as_str()) {
                resolved = false;
                let at = edge_path(path, id, node, &label);
                faults.push(Fault::new(
                    at,
                    FaultCode::UnknownReference,
                    "No node has this id.",
                ));
            }
        }
    }
    check_cycles(path, graph, faults);
    // What only an unreadable node or a misspelt edge leads to is not unreachable as well.
    if whole && resolved && graph.nodes.contains_key(&graph.entry) {
        let reached = reachable(graph, &graph.entry, None);
        for id in graph
            .nodes
            .keys()
            .filter(|id| !reached.contains(id.as_str()))
        {
            let at = format!("{path}.nodes.{id}");
            faults.push(Fault::new(
                at,
                FaultCode::Unreachable,
                "No path leads to this node.",
            ));
        }
    }
}

fn check_start(path: &str, parsed: &ParsedGraph<'_>, whole: bool, faults: &mut Vec<Fault>) {
    let graph = &parsed.graph;
    let starts = graph
        .nodes
        .iter()
        .filter(|(_, node)| matches!(node, Node::Start(_)));
    let starts: Vec<&str> = starts.map(|(id, _)| id.as_str()).collect();
    if starts.is_empty() && whole {
        let message = "A graph needs a start node.";
        faults.push(Fault::new(
            format_args!("{path}.nodes"),
            FaultCode::Required,
            message,
        ));
    }
    for id in starts.iter().skip(1) {
        let at = format!("{path}.nodes.{id}.type");
        faults.push(Fault::new(
            at,
            FaultCode::Duplicate,
            "A graph has exactly one start node.",
        ));
    }
    // An absent entry was reported while reading.
    let entry = graph.entry.as_str();
    let at = format!("{path}.entry");
    if entry.is_empty() {
    } else if !parsed.declared.contains(&entry) {
        faults.push(Fault::new(
            at,
            FaultCode::UnknownReference,
            "No node has this id.",
        ));
    } else if graph.nodes.contains_key(entry) && !starts.contains(&entry) {
        faults.push(Fault::new(
            at,
            FaultCode::Invalid,
            "Must name the start node.",
        ));
    }
}

/// The nodes that `from` leads to, itself included, on paths that don't enter `without`.
pub(crate) fn reachable<'a>(
    graph: &'a Graph,
    from: &'a str,
    without: Option<&str>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if Some(id) == without || !reached.insert(id) {
            continue;
        }
        if let Some(node) = graph.nodes.get(id) {
            node.visit_edges(&mut |_, target| open.push(target));
        }
    }
    reached
}

/// Reports every edge that closes a cycle, found by a depth-first walk with its own stack.
fn check_cycles(path: &str, graph: &Graph, faults: &mut Vec<Fault>) {
    #[derive(PartialEq)]
    enum Mark {
        Open,
        Done,
    }
    let mut marks: HashMap<&str, Mark> = HashMap::new();
    for root in graph.nodes.keys() {
        if marks.contains_key(root.as_str()) {
            continue;
        }
        let mut stack = vec![(root.as_str(), 0)];
        marks.insert(root, Mark::Open);
        while let Some((id, position)) = stack.pop() {
            let Some(node) = graph.nodes.get(id) else {
                continue;
            };
            let edges = node.edges();
            let Some((label, target)) = edges.get(position) else {
                marks.insert(id, Mark::Done);
                continue;
            };
            stack.push((id, position + 1));
            match marks.get(target.as_str()) {
                Some(Mark::Open) => {
                    let at = edge_path(path, id, node, label);
                    faults.push(Fault::new(
                        at,
                        FaultCode::Cycle,
                        "This edge closes a cycle.",
                    ));
                }
                None if graph.nodes.contains_key(target.as_str()) => {
                    marks.insert(target, Mark::Open);
                    stack.push((target, 0));
                }
                Some(Mark::Done) | None => {}
            }
        }
    }
}
