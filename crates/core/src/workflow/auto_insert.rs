//! The checks that run on every session and can't be removed (spec/workflows.md, "Auto-inserted
//! checks").
//!
//! Each becomes one node `_auto.<policy>` that is spliced into edges: it goes on by the edge it was
//! entered by, whatever it finds, so it can serve many edges and never reroutes. Its finding is
//! applied at the terminal.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::graph::{Graph, Node, NodeId, PolicyNext, PolicyNode};
use super::screening::ScreeningSettings;
use super::validate::reachable;
use crate::session::ResultStatus;

/// Screens the person's name against the installed lists.
pub const WATCHLIST_SCREENING: &str = "watchlist_screening";
/// Compares what was typed with what the document says.
pub const IDENTITY_CROSSREF: &str = "identity_crossref";
/// Adds up the session's risk signals.
pub const RISK_ASSESSMENT: &str = "risk_assessment";
/// The checks that are inserted.
pub const AUTO_POLICIES: &[&str] = &[WATCHLIST_SCREENING, IDENTITY_CROSSREF, RISK_ASSESSMENT];

/// The check whose reading the first two wait for.
const DOCUMENT_OCR: &str = "document_ocr";
/// Outcomes by which a node turns a person away there and then.
const TURNS_AWAY: &[&str] = &["failed", "error", "skipped", "blocked", "fail", "reject"];

/// An edge, by its node and label.
type EdgeKey = (NodeId, String);

/// Splices the inserted checks into a graph that is valid and otherwise complete.
///
/// - `watchlist_screening`, then `identity_crossref`: on every edge of the node that runs
///   `document_ocr`, and on each edge from which `document_ocr` can't be reached any more (paths
///   around it are sessions too), except straight into a rejection; without a `document_ocr`,
///   on the start's edge.
/// - `risk_assessment`: on every edge into a terminal except an immediate reject, which is a
///   failed, skipped, erring or blocked check, or a gate's fail or reject, straight into a
///   rejected terminal.
///
/// A check that the operator placed is inserted only on the paths that miss the operator's node.
pub(crate) fn insert(graph: &mut Graph, settings: &ScreeningSettings) {
    let screening = entry_edges(graph, WATCHLIST_SCREENING);
    let crossref = entry_edges(graph, IDENTITY_CROSSREF);
    // The one spliced in last stands first on a shared edge: screening, then cross-reference.
    splice(graph, IDENTITY_CROSSREF, json!({}), &crossref);
    let threshold = settings.watchlist.threshold;
    splice(
        graph,
        WATCHLIST_SCREENING,
        json!({ "threshold": threshold }),
        &screening,
    );
    let ends = edges_into_ends(graph);
    splice(graph, RISK_ASSESSMENT, json!({}), &ends);
}

/// The edges behind which a check of the person has its place.
fn entry_edges(graph: &Graph, policy: &str) -> Vec<EdgeKey> {
    let own = graph.node_of(policy);
    let Some(anchor) = own.or_else(|| graph.node_of(DOCUMENT_OCR)) else {
        return vec![(graph.entry.clone(), "next".to_owned())];
    };
    let before = leading_to(graph, anchor);
    let mut edges = Vec::new();
    for (id, node) in graph
        .nodes
        .iter()
        .filter(|(id, _)| before.contains(id.as_str()))
    {
        for (label, target) in node.edges() {
            let of_anchor = id == anchor;
            let wanted = if of_anchor {
                // The edges of the operator's own node have passed it already.
                own.is_none()
            } else {
                !before.contains(target.as_str()) && !turns_away(graph, &label, target)
            };
            if wanted {
                edges.push((id.clone(), label));
            }
        }
    }
    edges
}

/// The edges into terminals on which a risk assessment is still due.
fn edges_into_ends(graph: &Graph) -> Vec<EdgeKey> {
    let own = graph.node_of(RISK_ASSESSMENT);
    let without = reachable(graph, &graph.entry, own.map(String::as_str));
    let mut edges = Vec::new();
    for (id, node) in graph
        .nodes
        .iter()
        .filter(|(id, _)| without.contains(id.as_str()))
    {
        for (label, target) in node.edges() {
            let ends = matches!(graph.nodes.get(target), Some(Node::Terminal(_)));
            // The label of an inserted node is the whole edge it was entered by.
            let outcome = label
                .rsplit_once('.')
                .map_or(label.as_str(), |(_, outcome)| outcome);
            if ends && !turns_away(graph, outcome, target) {
                edges.push((id.clone(), label));
            }
        }
    }
    edges
}

fn turns_away(graph: &Graph, outcome: &str, target: &str) -> bool {
    let rejects = matches!(
        graph.nodes.get(target),
        Some(Node::Terminal(end)) if end.outcome == ResultStatus::Rejected
    );
    rejects && TURNS_AWAY.contains(&outcome)
}

/// The nodes from which `target` can be reached, itself included.
fn leading_to<'a>(graph: &'a Graph, target: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([target]);
    loop {
        let mut grown = false;
        for (id, node) in &graph.nodes {
            let leads = !found.contains(id.as_str())
                && node
                    .edges()
                    .iter()
                    .any(|(_, next)| found.contains(next.as_str()));
            if leads {
                found.insert(id);
                grown = true;
            }
        }
        if !grown {
            return found;
        }
    }
}

/// Puts one inserted node onto `edges`; without any it is not needed.
fn splice(graph: &mut Graph, policy: &str, config: Value, edges: &[EdgeKey]) {
    let auto_id = format!("_auto.{policy}");
    let mut onward = IndexMap::new();
    for (id, label) in edges {
        let Some(node) = graph.nodes.get_mut(id) else {
            continue;
        };
        let origin = if node.is_auto() {
            label.clone()
        } else {
            format!("{id}.{label}")
        };
        if let Some(target) = node.edge_mut(label) {
            onward.insert(origin, std::mem::replace(target, auto_id.clone()));
        }
    }
    if onward.is_empty() {
        return;
    }
    let node = PolicyNode {
        policy: policy.to_owned(),
        config,
        when: None,
        auto: true,
        next: PolicyNext::ByOrigin(onward),
    };
    graph.nodes.insert(auto_id, Node::Policy(node));
}
