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
/// One that the operator placed is inserted, like the last, before the terminals that can be
/// reached without the operator's node; on a path that came through it, it is passed.
pub(crate) fn insert(graph: &mut Graph, settings: &ScreeningSettings) {
    let threshold = settings.watchlist.threshold;
    let mut insertions = vec![
        Insertion::plan(
            graph,
            WATCHLIST_SCREENING,
            json!({ "threshold": threshold }),
        ),
        Insertion::plan(graph, IDENTITY_CROSSREF, json!({})),
        Insertion::plan(graph, RISK_ASSESSMENT, json!({})),
    ];
    // What stands before the ends comes last on a shared edge; the graph stays acyclic so.
    insertions.sort_by_key(|insertion| insertion.before_ends);
    // The one spliced in last stands first.
    for insertion in insertions.into_iter().rev() {
        insertion.splice(graph);
    }
}

/// One inserted check and the operator's edges it is spliced into.
struct Insertion {
    policy: &'static str,
    config: Value,
    edges: Vec<EdgeKey>,
    before_ends: bool,
}

impl Insertion {
    fn plan(graph: &Graph, policy: &'static str, config: Value) -> Self {
        let own = graph.node_of(policy);
        let before_ends = own.is_some() || policy == RISK_ASSESSMENT;
        let edges = if before_ends {
            edges_into_ends(graph, own)
        } else {
            edges_behind_document(graph)
        };
        Self {
            policy,
            config,
            edges,
            before_ends,
        }
    }

    /// Puts the node onto its edges; without any it is not needed.
    fn splice(self, graph: &mut Graph) {
        let auto_id = format!("_auto.{}", self.policy);
        let mut onward = IndexMap::new();
        for (id, label) in self.edges {
            let edge = graph
                .nodes
                .get_mut(&id)
                .and_then(|node| node.edge_mut(&label));
            if let Some(target) = edge {
                let target = std::mem::replace(target, auto_id.clone());
                onward.insert(format!("{id}.{label}"), target);
            }
        }
        if onward.is_empty() {
            return;
        }
        let node = PolicyNode {
            policy: self.policy.to_owned(),
            config: self.config,
            when: None,
            auto: true,
            next: PolicyNext::ByOrigin(onward),
        };
        graph.nodes.insert(auto_id, Node::Policy(node));
    }
}

/// The edges behind which no `document_ocr` comes any more.
fn edges_behind_document(graph: &Graph) -> Vec<EdgeKey> {
    let Some(document) = graph.node_of(DOCUMENT_OCR) else {
        return vec![(graph.entry.clone(), "next".to_owned())];
    };
    let before = leading_to(graph, document);
    edges_where(graph, |id, label, target| {
        let leaves = before.contains(id) && !before.contains(target);
        leaves && (id == document || !turns_away(graph, label, target))
    })
}

/// The edges into terminals but for immediate rejects, on paths that miss the node `own`.
fn edges_into_ends(graph: &Graph, own: Option<&NodeId>) -> Vec<EdgeKey> {
    let without = reachable(graph, &graph.entry, own.map(String::as_str));
    edges_where(graph, |id, label, target| {
        let ends = matches!(graph.nodes.get(target), Some(Node::Terminal(_)));
        ends && without.contains(id) && !turns_away(graph, label, target)
    })
}

fn edges_where(graph: &Graph, wanted: impl Fn(&str, &str, &str) -> bool) -> Vec<EdgeKey> {
    let mut edges = Vec::new();
    for (id, node) in &graph.nodes {
        node.visit_edges(&mut |label, target| {
            if wanted(id, label, target) {
                edges.push((id.clone(), label.to_owned()));
            }
        });
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
