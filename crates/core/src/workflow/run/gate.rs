//! External gates: the pause, the decision, the time limit.

use super::super::graph::{Graph, Node, WaitNode};
use super::state::{BY_TIMEOUT, ExternalDecision, GateDecision, NodeResult, RunState};
use super::{NotAwaited, Step};
use crate::session::{CheckStatus, Metadata};
use crate::time::Timestamp;

impl RunState {
    /// Looks at a gate: a decision of an earlier run that stands, or a pause.
    pub(super) fn visit_gate(&mut self, node: &WaitNode) -> Option<Step> {
        let mut earlier = self.carried_decisions.iter();
        if let Some(decision) = earlier
            .find(|decision| decision.node == self.current)
            .cloned()
        {
            self.take(node, decision);
            return None;
        }
        Some(Step::PauseAtGate {
            node: self.current.clone(),
            timeout: node.config.timeout(),
            on_timeout: node.config.on_timeout,
        })
    }

    /// Decides the gate that the run is paused at. `node`, when given, must be that gate.
    pub fn decide(
        self,
        graph: &Graph,
        node: Option<&str>,
        decision: ExternalDecision,
        metadata: Metadata,
        decided_at: Timestamp,
        by: &str,
    ) -> Result<Self, NotAwaited> {
        if node.is_some_and(|node| node != self.current) {
            return Err(NotAwaited);
        }
        let decision = GateDecision {
            node: self.current.clone(),
            decision: decision.as_str().to_owned(),
            metadata,
            decided_at,
            by: by.to_owned(),
        };
        self.pass_gate(graph, |_| decision)
    }

    /// Lets the time limit of the gate `node` decide it.
    pub fn time_out(self, graph: &Graph, node: &str, at: Timestamp) -> Result<Self, NotAwaited> {
        if node != self.current {
            return Err(NotAwaited);
        }
        let node = node.to_owned();
        self.pass_gate(graph, |gate| GateDecision {
            node,
            decision: gate.config.on_timeout.as_str().to_owned(),
            metadata: Metadata::new(),
            decided_at: at,
            by: BY_TIMEOUT.to_owned(),
        })
    }

    fn pass_gate(
        mut self,
        graph: &Graph,
        decision: impl FnOnce(&WaitNode) -> GateDecision,
    ) -> Result<Self, NotAwaited> {
        match graph.nodes.get(&self.current) {
            Some(Node::Wait(gate)) if !self.node_results.contains_key(&self.current) => {
                self.take(gate, decision(gate));
                Ok(self)
            }
            _ => Err(NotAwaited),
        }
    }

    /// Leaves a gate by its decision.
    fn take(&mut self, gate: &WaitNode, decision: GateDecision) {
        let label = decision.decision.clone();
        let target = match label.as_str() {
            "continue" => Some(&gate.next.go_on),
            "fail" => Some(&gate.next.fail),
            "reject" => gate.next.reject.as_ref(),
            _ => gate.next.review.as_ref(),
        };
        let status = if label == "continue" {
            CheckStatus::Passed
        } else {
            CheckStatus::Failed
        };
        let result = NodeResult {
            started_at: Some(decision.decided_at),
            ..NodeResult::plain(None, status, &label)
        };
        self.gate_decisions.push(decision);
        self.leave(result, &label, target);
    }
}
