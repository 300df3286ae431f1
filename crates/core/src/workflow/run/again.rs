//! Runs that build on an earlier one: a retried check and a reviewer's override.
//!
//! Reprocess and trigger carry nothing: they are [`RunState::start`] on the current version.

use super::super::graph::Graph;
use super::super::validate::DECISION_POLICIES;
use super::NotAwaited;
use super::state::{NodeResult, OVERRIDDEN, RunState};
use crate::session::CheckStatus;

impl RunState {
    /// A new run that tries `policy` again. What was judged before it stands; it and what came
    /// after it, which may have looked at it, is judged anew. Gate decisions stand.
    pub fn repeat(graph: &Graph, previous: &Self, policy: &str) -> Result<Self, NotAwaited> {
        let mut run = Self::start(graph);
        let place = |wanted: &str| previous.node_results.get_index_of(wanted);
        let retried = previous
            .judged(policy)
            .and_then(|(node, _)| place(node))
            .ok_or(NotAwaited)?;
        for (node, result) in previous.check_results() {
            let before = place(node).is_some_and(|position| position <= retried);
            if before && result.policy.as_deref() != Some(policy) {
                run.carry(result);
            }
        }
        run.carried_decisions.clone_from(&previous.gate_decisions);
        Ok(run)
    }

    /// A new run in which a reviewer's judgement replaces that of `policy`. Every other judgement
    /// stands but those of deciding checks.
    pub fn overridden(
        graph: &Graph,
        previous: &Self,
        policy: &str,
        passed: bool,
    ) -> Result<Self, NotAwaited> {
        let mut run = Self::start(graph);
        let (_, judged) = previous.judged(policy).ok_or(NotAwaited)?;
        for (_, result) in previous.check_results() {
            run.carry(result);
        }
        let status = if passed {
            CheckStatus::Passed
        } else {
            CheckStatus::Failed
        };
        let replaced = NodeResult {
            status,
            passed,
            reasons: vec![OVERRIDDEN.to_owned()],
            route: None,
            ..judged.clone()
        };
        run.carried.insert(policy.to_owned(), replaced);
        run.carried_decisions.clone_from(&previous.gate_decisions);
        Ok(run)
    }

    fn judged(&self, policy: &str) -> Option<(&str, &NodeResult)> {
        let mut results = self.check_results();
        results.find(|(_, result)| result.policy.as_deref() == Some(policy))
    }

    fn carry(&mut self, result: &NodeResult) {
        let Some(policy) = result.policy.as_deref() else {
            return;
        };
        let decides = DECISION_POLICIES.contains(&policy);
        if !decides && !result.passed_over() && result.status.is_final() {
            let carried = NodeResult {
                routed_to: None,
                ..result.clone()
            };
            self.carried.insert(policy.to_owned(), carried);
        }
    }
}
