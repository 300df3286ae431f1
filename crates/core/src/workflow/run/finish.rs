//! The end of a run: what it comes to, and because of what.
//!
//! Findings of the inserted checks are applied here and nowhere else (spec/workflows.md,
//! "Auto-inserted checks").

use serde::{Deserialize, Serialize};

use super::super::auto_insert::{IDENTITY_CROSSREF, RISK_ASSESSMENT, WATCHLIST_SCREENING};
use super::super::graph::{Graph, Node};
use super::super::reason::reason_of;
use super::super::screening::{OnFinding, ScreeningSettings};
use super::super::validate::DECISION_POLICIES;
use super::state::{BY_TIMEOUT, NodeResult, RunState};
use crate::session::{CheckStatus, RejectionReasonCode, ResultStatus};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// The terminal it reached.
    pub node: String,
    /// What the session comes to, findings of the inserted checks applied.
    pub outcome: ResultStatus,
    /// Why, for a rejection; else the terminal's own code, if it has one.
    pub reason_code: Option<RejectionReasonCode>,
    /// What led here; empty for an approval.
    pub because: Vec<Because>,
}

/// One ground of an outcome, without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The node.
    pub node: String,
    /// The check, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The reason's code, or the status where there is none.
    pub code: String,
}

impl Because {
    pub(super) fn of_node(node: &str, code: &str) -> Self {
        Self {
            node: node.to_owned(),
            policy: None,
            code: code.to_owned(),
        }
    }

    fn of_check(node: &str, result: &NodeResult) -> Self {
        let code = result.reasons.iter().find(|code| !code.is_empty());
        Self {
            node: node.to_owned(),
            policy: result.policy.clone(),
            code: code.map_or_else(|| result.status.to_string(), Clone::clone),
        }
    }
}

/// A check that was judged before the one at hand, as a deciding check sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EarlierCheck<'a> {
    /// The node.
    pub node: &'a str,
    /// The check.
    pub policy: &'a str,
    /// Whether the server inserted it.
    pub auto: bool,
    /// Its judgement.
    pub status: CheckStatus,
    /// The codes of its reasons.
    pub reasons: &'a [String],
    /// Whether a `when` or the session's `checks` passed it over; no doubt then.
    pub passed_over: bool,
    /// For an inserted check: what its finding will do at an approved terminal; `None` is nothing.
    pub finding: Option<ResultStatus>,
}

impl RunState {
    /// The checks of the run so far, for `auto_approve`: it passes when every one has passed, was
    /// passed over, or is an inserted one without a finding.
    pub fn earlier_checks(&self, screening: &ScreeningSettings) -> Vec<EarlierCheck<'_>> {
        let checks = self.check_results().filter_map(|(node, result)| {
            Some(EarlierCheck {
                node,
                policy: result.policy.as_deref()?,
                auto: result.auto,
                status: result.status,
                reasons: &result.reasons,
                passed_over: result.passed_over(),
                finding: result.auto.then(|| finding_of(result, screening)).flatten(),
            })
        });
        checks.collect()
    }

    /// The end at the terminal the run stands at.
    pub(super) fn finish(&self, graph: &Graph, screening: &ScreeningSettings) -> Finish {
        let (base, own_code) = match graph.nodes.get(&self.current) {
            Some(Node::Terminal(end)) => (end.outcome, end.reason_code),
            // Only called at a terminal; anything else has to be looked at by a person.
            _ => (ResultStatus::NeedsReview, None),
        };
        let findings = self.findings(screening);
        let hard = |result: &NodeResult| {
            let risk = result.policy.as_deref() == Some(RISK_ASSESSMENT);
            risk && result.route == Some(ResultStatus::Rejected)
        };
        let worst = findings
            .iter()
            .map(|(_, _, finding)| *finding)
            .max_by_key(|finding| severity(*finding));
        let outcome = match base {
            ResultStatus::Approved => worst.unwrap_or(base),
            ResultStatus::NeedsReview if findings.iter().any(|(_, result, _)| hard(result)) => {
                ResultStatus::Rejected
            }
            other => other,
        };
        let by_finding = outcome != base;
        let grounds: Vec<(Because, RejectionReasonCode)> = if by_finding {
            let deciding = findings
                .iter()
                .filter(|(_, _, finding)| *finding == outcome);
            deciding
                .map(|(node, result, _)| ground(node, result))
                .collect()
        } else {
            self.grounds(outcome)
        };
        let first_code = grounds.first().map(|(_, code)| *code);
        let reason_code = match outcome {
            ResultStatus::Rejected if by_finding => first_code,
            ResultStatus::Rejected => own_code.or(first_code).or(Some(RejectionReasonCode::Other)),
            _ => own_code,
        };
        Finish {
            node: self.current.clone(),
            outcome,
            reason_code,
            because: grounds.into_iter().map(|(because, _)| because).collect(),
        }
    }

    /// Inserted checks that found something the settings care about.
    fn findings(&self, screening: &ScreeningSettings) -> Vec<(&str, &NodeResult, ResultStatus)> {
        let results = self.check_results().filter(|(_, result)| result.auto);
        let found = results.filter_map(|(node, result)| {
            finding_of(result, screening).map(|finding| (node, result, finding))
        });
        found.collect()
    }

    /// What led to the terminal by the graph's own edges.
    fn grounds(&self, outcome: ResultStatus) -> Vec<(Because, RejectionReasonCode)> {
        if outcome == ResultStatus::Approved {
            return Vec::new();
        }
        let origin = self
            .origin
            .as_deref()
            .and_then(|edge| edge.rsplit_once('.'));
        let Some((node, _)) = origin else {
            return Vec::new();
        };
        if let Some(decision) = self.decision_of(node)
            && decision.decision != "continue"
        {
            let code = if decision.by == BY_TIMEOUT {
                RejectionReasonCode::ExternalTimeout
            } else {
                RejectionReasonCode::ExternalRejected
            };
            return vec![(Because::of_node(node, code.as_str()), code)];
        }
        let result = self.node_results.get(node);
        let blamed: Vec<_> = match result {
            Some(result) if !result.passed && !decides(result) => {
                self.check_results().filter(|(of, _)| *of == node).collect()
            }
            // A branching or a deciding check looked at what the others had found.
            _ => self
                .check_results()
                .filter(|(_, result)| !decides(result))
                .collect(),
        };
        let at_fault = blamed.into_iter().filter(|(_, result)| is_at_fault(result));
        let grounds: Vec<_> = at_fault
            .map(|(node, result)| ground(node, result))
            .collect();
        match result {
            Some(result) if grounds.is_empty() => vec![ground(node, result)],
            _ => grounds,
        }
    }

    /// A check in error that routes nowhere.
    pub(super) fn broken(&self, result: &NodeResult) -> super::Step {
        let own = result.policy.is_some().then_some(result);
        let results = own.into_iter().chain(&result.policies);
        let in_error = results.filter(|result| result.status == CheckStatus::Error);
        super::Step::Broken {
            node: self.current.clone(),
            because: in_error
                .map(|result| Because::of_check(&self.current, result))
                .collect(),
        }
    }
}

fn ground(node: &str, result: &NodeResult) -> (Because, RejectionReasonCode) {
    let code = reason_of(result.policy.as_deref(), &result.reasons);
    (Because::of_check(node, result), code)
}

fn decides(result: &NodeResult) -> bool {
    result
        .policy
        .as_deref()
        .is_some_and(|policy| DECISION_POLICIES.contains(&policy))
}

fn is_at_fault(result: &NodeResult) -> bool {
    let harmless = result.auto && result.status == CheckStatus::Skipped;
    !result.passed && !result.passed_over() && !harmless
}

/// What the result of an inserted check does to an approval.
fn finding_of(result: &NodeResult, screening: &ScreeningSettings) -> Option<ResultStatus> {
    let by_word = |word: OnFinding| match word {
        OnFinding::Review => Some(ResultStatus::NeedsReview),
        OnFinding::Reject => Some(ResultStatus::Rejected),
        OnFinding::Continue => None,
    };
    if result.status == CheckStatus::Skipped {
        return None;
    }
    let failed = result.status == CheckStatus::Failed;
    let erred = result.status == CheckStatus::Error;
    match result.policy.as_deref()? {
        WATCHLIST_SCREENING if failed => by_word(screening.watchlist.on_hit),
        WATCHLIST_SCREENING if erred => by_word(screening.watchlist.on_error),
        IDENTITY_CROSSREF if failed => by_word(screening.crossref.on_mismatch),
        RISK_ASSESSMENT if result.route == Some(ResultStatus::Rejected) => {
            Some(ResultStatus::Rejected)
        }
        RISK_ASSESSMENT if !erred => {
            let score = result.score.unwrap_or(0.0);
            if score >= f64::from(screening.risk.auto_reject_at) {
                Some(ResultStatus::Rejected)
            } else if failed || score >= f64::from(screening.risk.review_at) {
                Some(ResultStatus::NeedsReview)
            } else {
                None
            }
        }
        // What could not be judged is a doubt, never a pass.
        _ => erred.then_some(ResultStatus::NeedsReview),
    }
}

const fn severity(outcome: ResultStatus) -> u8 {
    match outcome {
        ResultStatus::Approved => 0,
        ResultStatus::NeedsReview => 1,
        ResultStatus::Rejected => 2,
    }
}
