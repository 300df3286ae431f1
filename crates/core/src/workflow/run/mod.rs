//! The interpreter: a pure machine from (graph, state, facts) to the next step.
//!
//! It is driven in turns: [`RunState::advance`] says what has to happen, the engine does it, and
//! [`RunState::record`], [`RunState::decide`] or [`RunState::time_out`] takes the answer in. Every
//! turn ends in one stored state, so a crash resumes at the last stored one.

mod again;
mod facts;
mod finish;
mod gate;
mod state;

use std::time::Duration;

pub use facts::{Facts, risk_level};
pub use finish::{Because, EarlierCheck, Finish};
use serde_json::Value;
pub use state::{
    Attempt, BY_TIMEOUT, ExternalDecision, GateDecision, NodeResult, OVERRIDDEN, RunState,
    SKIPPED_BY_CONDITION, SKIPPED_NOT_REQUESTED,
};

use self::facts::View;
use super::auto_insert::AUTO_POLICIES;
use super::evaluate::evaluate;
use super::graph::{
    Graph, Node, NodeId, OnTimeout, ParallelNode, PolicyNext, PolicyNode, Routes, branch_label,
};
use super::validate::DECISION_POLICIES;
use crate::random::{Random, random_bytes};
use crate::session::{CheckStatus, ResultStatus};

/// Retries after the first attempt of a check that reports a passing trouble.
pub const MAXIMUM_RETRIES: u32 = 4;
/// How long a check may take unless its configuration says otherwise.
pub const CHECK_TIME_LIMIT: Duration = Duration::from_mins(1);

/// One check to run.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckCall {
    /// The node it belongs to.
    pub node: NodeId,
    /// The check's name.
    pub policy: String,
    /// Its configuration.
    pub config: Value,
    /// Whether the server inserted it.
    pub auto: bool,
    /// How often it was retried in this run: 0 for the first attempt.
    pub retry: u32,
}

/// What has to happen next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Run one check, then [`RunState::record`].
    RunCheck(CheckCall),
    /// Run these side by side, then record each.
    RunParallel {
        /// The group's node.
        node: NodeId,
        /// Those of its checks that have no result yet.
        checks: Vec<CheckCall>,
    },
    /// Wait for [`RunState::decide`], or for the time to be over and [`RunState::time_out`].
    PauseAtGate {
        /// The gate's node.
        node: NodeId,
        /// How long.
        timeout: Duration,
        /// What happens afterwards.
        on_timeout: OnTimeout,
    },
    /// The run is over.
    Finish(Finish),
    /// A check in error routes nowhere: the session fails.
    Broken {
        /// The node.
        node: NodeId,
        /// What was wrong.
        because: Vec<Because>,
    },
}

/// What recording an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The attempt counts; advance.
    Done,
    /// A passing trouble: run the check again after this long (without jitter).
    RetryAfter(Duration),
}

/// A result, a decision or a time-out that the run isn't waiting for: it came before, or the run
/// has gone on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run is not waiting for this")]
pub struct NotAwaited;

/// The pause before retry `retry` (from 1): 1 s, 4 s, 16 s, 64 s; `None` after the last.
pub fn retry_delay(retry: u32) -> Option<Duration> {
    if !(1..=MAXIMUM_RETRIES).contains(&retry) {
        return None;
    }
    Some(Duration::from_secs(4_u64.pow(retry - 1)))
}

/// A pause spread by up to a fifth to either side, so that many retries don't come together.
pub fn jittered(pause: Duration, random: &dyn Random) -> Duration {
    let share = f64::from(u16::from_le_bytes(random_bytes::<2>(random))) / f64::from(u16::MAX);
    pause.mul_f64(0.4f64.mul_add(share, 0.8))
}

impl RunState {
    /// Moves the run on to the next thing that needs the outside world. Advancing an advanced
    /// state changes nothing and gives the same step.
    #[must_use]
    pub fn advance(mut self, graph: &Graph, facts: &Facts) -> (Self, Step) {
        // A valid graph is left sooner: each node is passed at most once.
        for _ in 0..=graph.nodes.len() {
            let Some(node) = graph.nodes.get(&self.current) else {
                break;
            };
            if let Some(step) = self.visit(graph, node, facts) {
                return (self, step);
            }
        }
        let because = vec![Because::of_node(&self.current, "graph_invalid")];
        let node = self.current.clone();
        (self, Step::Broken { node, because })
    }

    /// Looks at the current node: a step for the outside, or `None` when the run went on.
    fn visit(&mut self, graph: &Graph, node: &Node, facts: &Facts) -> Option<Step> {
        if let Some(condition) = node.when()
            && !self.node_results.contains_key(&self.current)
            && self.group.is_empty()
            && !self.holds(condition, facts)
        {
            self.pass_over(node);
            return None;
        }
        match node {
            Node::Start(start) => self.go("next", &start.next),
            Node::Conditional(branching) => {
                let mut branches = branching.branches.iter().enumerate();
                let taken = branches.find(|(_, branch)| self.holds(&branch.when, facts));
                let (label, target) = taken.map_or_else(
                    || ("default".to_owned(), &branching.default),
                    |(position, branch)| (branch_label(position), &branch.next),
                );
                let result = NodeResult::plain(None, CheckStatus::Passed, &label);
                self.leave(result, &label, Some(target));
            }
            Node::Policy(node) => return self.visit_policy(node, facts),
            Node::Parallel(node) => return self.visit_parallel(node, facts),
            Node::Wait(node) => return self.visit_gate(node),
            Node::Terminal(_) => return Some(Step::Finish(self.finish(graph, &facts.screening))),
        }
        None
    }

    fn holds(&mut self, condition: &super::condition::Condition, facts: &Facts) -> bool {
        let mut notes = std::mem::take(&mut self.notes);
        let view = View { state: self, facts };
        let holds = evaluate(condition, &self.current, &view, &mut notes);
        self.notes = notes;
        holds
    }

    /// Goes on as if the node had passed, and says so.
    fn pass_over(&mut self, node: &Node) {
        let policy = match node {
            Node::Policy(node) => Some(node.policy.as_str()),
            _ => None,
        };
        let mut result = NodeResult::plain(policy, CheckStatus::Skipped, SKIPPED_BY_CONDITION);
        if let Node::Parallel(node) = node {
            let skipped = |call: &super::graph::PolicyCall| {
                NodeResult::plain(
                    Some(&call.policy),
                    CheckStatus::Skipped,
                    SKIPPED_BY_CONDITION,
                )
            };
            result.policies = node.policies.iter().map(skipped).collect();
        }
        let label = if matches!(node, Node::Wait(_)) {
            "continue"
        } else {
            "passed"
        };
        let target = node.edge(label).cloned();
        self.leave(result, label, target.as_ref());
    }

    fn visit_policy(&mut self, node: &PolicyNode, facts: &Facts) -> Option<Step> {
        if let Some(result) = self.node_results.get(&self.current) {
            // Left by no edge: an error that routes nowhere.
            return Some(self.broken(result));
        }
        if node.auto && self.result_of(&node.policy).is_some() {
            // The operator's own node ran it on this path.
            let target = self.onward(node);
            self.jump(target.as_ref());
            return None;
        }
        match self.given(&node.policy, facts) {
            Some(result) => {
                self.route(node, result);
                None
            }
            None => Some(Step::RunCheck(self.call(
                &node.policy,
                &node.config,
                node.auto,
            ))),
        }
    }

    fn visit_parallel(&mut self, node: &ParallelNode, facts: &Facts) -> Option<Step> {
        if let Some(result) = self.node_results.get(&self.current) {
            return Some(self.broken(result));
        }
        let mut checks = Vec::new();
        for call in &node.policies {
            if self.group.contains_key(&call.policy) {
                continue;
            }
            match self.given(&call.policy, facts) {
                Some(result) => {
                    self.group.insert(call.policy.clone(), result);
                }
                None => checks.push(self.call(&call.policy, &call.config, false)),
            }
        }
        if checks.is_empty() {
            self.join(node);
            return None;
        }
        let node = self.current.clone();
        Some(Step::RunParallel { node, checks })
    }

    /// A result that needs no run of the check: left out by the session, or carried over.
    fn given(&self, policy: &str, facts: &Facts) -> Option<NodeResult> {
        let always = DECISION_POLICIES.contains(&policy) || AUTO_POLICIES.contains(&policy);
        let requested = facts.requested.as_ref();
        if !always && requested.is_some_and(|names| !names.contains(policy)) {
            let status = CheckStatus::Skipped;
            return Some(NodeResult::plain(
                Some(policy),
                status,
                SKIPPED_NOT_REQUESTED,
            ));
        }
        self.carried.get(policy).cloned()
    }

    fn call(&self, policy: &str, config: &Value, auto: bool) -> CheckCall {
        CheckCall {
            node: self.current.clone(),
            policy: policy.to_owned(),
            config: config.clone(),
            auto,
            retry: self.retries.get(policy).copied().unwrap_or(0),
        }
    }

    /// Takes in a finished attempt of a check of the current node, and routes by it.
    pub fn record(
        mut self,
        graph: &Graph,
        policy: &str,
        attempt: &Attempt<'_>,
    ) -> Result<(Self, Recorded), NotAwaited> {
        let node = graph.nodes.get(&self.current).ok_or(NotAwaited)?;
        let judged =
            self.node_results.contains_key(&self.current) || self.group.contains_key(policy);
        if judged || !node.policies().iter().any(|(name, _)| *name == policy) {
            return Err(NotAwaited);
        }
        let mut result = NodeResult::of_attempt(policy, attempt);
        if !result.status.is_final() {
            let retry = self.retries.get(policy).copied().unwrap_or(0) + 1;
            if let Some(pause) = retry_delay(retry) {
                self.retries.insert(policy.to_owned(), retry);
                return Ok((self, Recorded::RetryAfter(pause)));
            }
            result.status = CheckStatus::Error;
        }
        match node {
            Node::Policy(node) => self.route(node, result),
            Node::Parallel(node) => {
                self.group.insert(policy.to_owned(), result);
                if self.group.len() == node.policies.len() {
                    self.join(node);
                }
            }
            _ => return Err(NotAwaited),
        }
        Ok((self, Recorded::Done))
    }

    /// Leaves a policy node by its result.
    fn route(&mut self, node: &PolicyNode, mut result: NodeResult) {
        result.auto = node.auto;
        match &node.next {
            PolicyNext::ByOrigin(_) => {
                let target = self.onward(node);
                result.routed_to.clone_from(&target);
                self.node_results.insert(self.current.clone(), result);
                self.jump(target.as_ref());
            }
            PolicyNext::ByOutcome(routes) => {
                let (label, target) = edge_of(routes, &result);
                self.leave(result, label, target);
            }
        }
    }

    /// Leaves a parallel node by the worst of its results.
    fn join(&mut self, node: &ParallelNode) {
        let mut policies = std::mem::take(&mut self.group);
        // In the order of the graph, whichever check was done first.
        let place = |name: &String| node.policies.iter().position(|call| call.policy == *name);
        policies.sort_by_cached_key(|name, _| place(name));
        let policies: Vec<NodeResult> = policies.into_values().collect();
        let worst = policies.iter().max_by_key(|result| badness(result));
        let (status, reasons) = match worst {
            Some(worst) if badness(worst) > 0 => (worst.status, worst.reasons.clone()),
            _ => (CheckStatus::Passed, Vec::new()),
        };
        let started_at = policies.iter().filter_map(|result| result.started_at).min();
        let ended = policies.iter().filter_map(|result| {
            Some(
                result
                    .started_at?
                    .plus(Duration::from_millis(result.duration_ms)),
            )
        });
        let lasted = started_at
            .zip(ended.max())
            .map_or(Duration::ZERO, |(from, to)| to.since(from));
        let result = NodeResult {
            reasons,
            started_at,
            duration_ms: u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX),
            policies,
            ..NodeResult::plain(None, status, "")
        };
        let (label, target) = edge_of(&node.next, &result);
        self.leave(result, label, target);
    }

    /// Where an inserted node goes on to: the way the run was on before it.
    fn onward(&self, node: &PolicyNode) -> Option<NodeId> {
        let PolicyNext::ByOrigin(targets) = &node.next else {
            return None;
        };
        targets.get(self.origin.as_ref()?).cloned()
    }

    /// Records what came of the current node and takes the edge, if there is one.
    fn leave(&mut self, mut result: NodeResult, label: &str, target: Option<&NodeId>) {
        result.routed_to = target.cloned();
        self.node_results.insert(self.current.clone(), result);
        if let Some(target) = target {
            self.go(label, target);
        }
    }

    fn go(&mut self, label: &str, target: &NodeId) {
        self.origin = Some(format!("{}.{label}", self.current));
        self.jump(Some(target));
    }

    fn jump(&mut self, target: Option<&NodeId>) {
        self.retries.clear();
        self.group.clear();
        if let Some(target) = target {
            self.current.clone_from(target);
        }
    }
}

/// The edge of a result; no target: the session fails.
fn edge_of<'a>(routes: &'a Routes, result: &NodeResult) -> (&'static str, Option<&'a NodeId>) {
    let failed = ("failed", Some(&routes.failed));
    match result.status {
        CheckStatus::Passed => ("passed", Some(&routes.passed)),
        _ if result.passed_over() => ("passed", Some(&routes.passed)),
        CheckStatus::Failed => match &routes.blocked {
            Some(blocked) if result.route == Some(ResultStatus::Rejected) => {
                ("blocked", Some(blocked))
            }
            _ => failed,
        },
        CheckStatus::Skipped => match &routes.skipped {
            Some(skipped) => ("skipped", Some(skipped)),
            None => failed,
        },
        CheckStatus::Error | CheckStatus::Pending | CheckStatus::RequiresRetry => {
            ("error", routes.error.as_ref())
        }
    }
}

/// Order of outcomes in a group: error over failed over skipped over passed.
fn badness(result: &NodeResult) -> u8 {
    match result.status {
        CheckStatus::Passed => 0,
        _ if result.passed_over() => 0,
        CheckStatus::Skipped => 1,
        CheckStatus::Failed => 2,
        CheckStatus::Error | CheckStatus::Pending | CheckStatus::RequiresRetry => 3,
    }
}
