//! The graph format as operators write it: strict, every offence with its path.

use indexmap::IndexMap;
use serde_json::Value;

use super::condition::Condition;
use super::graph::{
    Branch, ConditionalNode, GateRoutes, Graph, Node, ParallelNode, PolicyCall, PolicyNext,
    PolicyNode, Routes, StartNode, TerminalNode, WaitNode,
};
use super::steps::{
    MAXIMUM_NODES, check_group_size, check_id, parse_gate_config, parse_policy, too_many_nodes,
};
use crate::fault::{Fault, FaultCode};
use crate::object::{Object, required, unknown_value};
use crate::session::{RejectionReasonCode, ResultStatus};

const NODE_TYPES: &[&str] = &[
    "start",
    "policy",
    "parallel",
    "conditional",
    "wait",
    "terminal",
];
/// Most branches of one conditional node.
const MAXIMUM_BRANCHES: usize = 50;

/// A graph as far as it could be read.
pub(crate) struct ParsedGraph<'a> {
    /// The nodes without those that have an offence.
    pub(crate) graph: Graph,
    /// The ids of all nodes, readable or not: what a reference may name.
    pub(crate) declared: Vec<&'a str>,
}

/// Reads a graph. `None` when there are no nodes to look at.
pub(crate) fn parse_graph<'a>(
    path: &str,
    value: &'a Value,
    faults: &mut Vec<Fault>,
) -> Option<ParsedGraph<'a>> {
    let mut object = Object::open(path, value, faults)?;
    let entry = object.required_text("entry", faults);
    if !object.has("nodes") {
        faults.push(required(object.at("nodes")));
    }
    let nodes_path = object.at("nodes");
    let raw = object.map("nodes", faults);
    object.refuse_unknown(faults);
    let raw = raw?;
    if raw.len() > MAXIMUM_NODES {
        faults.push(too_many_nodes(&nodes_path));
        return None;
    }
    let mut nodes = IndexMap::new();
    for (id, value) in raw {
        let path = format!("{nodes_path}.{id}");
        check_id(&path, id, faults);
        if let Some(node) = parse_node(&path, value, faults) {
            nodes.insert(id.clone(), node);
        }
    }
    Some(ParsedGraph {
        graph: Graph {
            entry: entry.unwrap_or_default().to_owned(),
            nodes,
        },
        declared: raw.keys().map(String::as_str).collect(),
    })
}

fn parse_node(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Option<Node> {
    let mut object = Object::open(path, value, faults)?;
    let kind = object.required_text("type", faults)?;
    let node = match kind {
        "start" => text(&mut object, "next", faults).map(|next| Node::Start(StartNode { next })),
        "policy" => parse_policy_node(&mut object, faults).map(Node::Policy),
        "parallel" => parse_parallel(&mut object, faults).map(Node::Parallel),
        "conditional" => parse_conditional(&mut object, faults).map(Node::Conditional),
        "wait" => parse_wait(&mut object, faults).map(Node::Wait),
        "terminal" => parse_terminal(&mut object, faults).map(Node::Terminal),
        _ => {
            faults.push(unknown_value(object.at("type"), NODE_TYPES));
            return None;
        }
    };
    object.refuse_unknown(faults);
    node
}

fn text(object: &mut Object<'_>, name: &'static str, faults: &mut Vec<Fault>) -> Option<String> {
    object.required_text(name, faults).map(str::to_owned)
}

fn open_next<'a>(object: &mut Object<'a>, faults: &mut Vec<Fault>) -> Option<Object<'a>> {
    let Some(value) = object.get("next") else {
        faults.push(required(object.at("next")));
        return None;
    };
    Object::open(&object.at("next"), value, faults)
}

fn parse_routes(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<Routes> {
    let mut next = open_next(object, faults)?;
    let passed = text(&mut next, "passed", faults);
    let failed = text(&mut next, "failed", faults);
    let error = next.text("error", faults).map(str::to_owned);
    let skipped = next.text("skipped", faults).map(str::to_owned);
    next.refuse_unknown(faults);
    Some(Routes {
        error,
        skipped,
        ..Routes::new(passed?, failed?)
    })
}

fn parse_policy_node(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<PolicyNode> {
    let call = parse_policy(object, faults);
    let routes = parse_routes(object, faults);
    let PolicyCall { policy, config } = call?;
    Some(PolicyNode {
        policy,
        config,
        when: None,
        auto: false,
        next: PolicyNext::ByOutcome(routes?),
    })
}

fn parse_parallel(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<ParallelNode> {
    let path = object.at("policies");
    if !object.has("policies") {
        faults.push(required(&path));
    }
    let items = object.list("policies", faults);
    let next = parse_routes(object, faults);
    let items = items?;
    check_group_size(&path, items.len(), faults)?;
    let mut policies = Vec::new();
    for (position, item) in items.iter().enumerate() {
        if let Some(mut inner) = Object::open(&format!("{path}[{position}]"), item, faults) {
            policies.extend(parse_policy(&mut inner, faults));
            inner.refuse_unknown(faults);
        }
    }
    // An item lost to an offence must not renumber the rest: the node is left out instead.
    (policies.len() == items.len()).then_some(())?;
    Some(ParallelNode {
        policies,
        when: None,
        next: next?,
    })
}

fn parse_conditional(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<ConditionalNode> {
    let default = text(object, "default", faults);
    let path = object.at("branches");
    if !object.has("branches") {
        faults.push(required(&path));
    }
    let items = object.list("branches", faults)?;
    if items.is_empty() || items.len() > MAXIMUM_BRANCHES {
        let message = format!("A node has 1 to {MAXIMUM_BRANCHES} branches.");
        faults.push(Fault::new(path, FaultCode::OutOfRange, message));
        return None;
    }
    let mut branches = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let Some(mut branch) = Object::open(&format!("{path}[{position}]"), item, faults) else {
            continue;
        };
        let when = if let Some(value) = branch.get("when") {
            Condition::parse(&branch.at("when"), value, faults)
        } else {
            faults.push(required(branch.at("when")));
            None
        };
        let next = text(&mut branch, "next", faults);
        branch.refuse_unknown(faults);
        if let (Some(when), Some(next)) = (when, next) {
            branches.push(Branch { when, next });
        }
    }
    // As in a parallel node.
    (branches.len() == items.len()).then_some(())?;
    Some(ConditionalNode {
        branches,
        default: default?,
    })
}

fn parse_wait(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<WaitNode> {
    let config = parse_gate_config(object, faults);
    let mut next = open_next(object, faults)?;
    let go_on = text(&mut next, "continue", faults);
    let fail = text(&mut next, "fail", faults);
    next.refuse_unknown(faults);
    Some(WaitNode {
        config,
        when: None,
        next: GateRoutes {
            go_on: go_on?,
            fail: fail?,
            reject: None,
            review: None,
        },
    })
}

fn parse_terminal(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<TerminalNode> {
    let outcomes: Vec<&str> = ResultStatus::ALL.iter().map(|word| word.as_str()).collect();
    if !object.has("outcome") {
        faults.push(required(object.at("outcome")));
    }
    let outcome = object.word("outcome", &outcomes, faults);
    let codes: Vec<&str> = RejectionReasonCode::ALL
        .iter()
        .map(|word| word.as_str())
        .collect();
    let reason_code = object.word("reason_code", &codes, faults);
    Some(TerminalNode {
        outcome: outcome?,
        reason_code,
    })
}

/// Where an edge of a graph stands in its JSON.
pub(crate) fn edge_path(path: &str, id: &str, node: &Node, label: &str) -> String {
    match node {
        Node::Start(_) => format!("{path}.nodes.{id}.next"),
        Node::Conditional(_) if label == "default" => format!("{path}.nodes.{id}.default"),
        Node::Conditional(_) => format!("{path}.nodes.{id}.{label}.next"),
        _ => format!("{path}.nodes.{id}.next.{label}"),
    }
}
