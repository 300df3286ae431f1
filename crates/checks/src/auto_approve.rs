//! `auto_approve`: the decision, by what the other checks of the run have found.
//!
//! Something that blocks sends the run to a rejection, a doubt to a reviewer. What is not judged
//! is a doubt; only inserted checks that were skipped and steps that were passed over are none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::{CheckStatus, Reason, ResultStatus};

use crate::check::{CheckInput, CheckOutcome, Descriptor, Earlier};
use crate::typed::{TypedCheck, judged};

const MOST_WORDS: usize = 100;
const LONGEST_WORD: usize = 64;

/// Configuration of `auto_approve`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Checks (by name) or reasons (by code) that a reviewer has to look at, even where the check
    /// passed with that reason.
    #[schemars(length(max = MOST_WORDS))]
    review_on: Vec<String>,
    /// Checks (by name) that reject when they did not pass, or reasons (by code) that reject.
    /// Without it a check that did not pass is a doubt. Stronger than `review_on`.
    #[schemars(length(max = MOST_WORDS))]
    reject_on: Vec<String>,
}

#[derive(Serialize)]
struct Details {
    /// The checks that decided, worst first.
    decided_by: Vec<Ground>,
    /// How many checks were looked at.
    considered: usize,
}

#[derive(Serialize)]
struct Ground {
    policy: String,
    status: CheckStatus,
    effect: Effect,
    reasons: Vec<String>,
}

/// What an earlier check does to the decision.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Effect {
    None,
    Doubt,
    Block,
}

pub(crate) struct AutoApprove;

impl TypedCheck for AutoApprove {
    type Config = Config;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "auto_approve",
        category: "decision",
        description: "Passes when every earlier check has passed; else rejects what blocks and leaves doubts to a reviewer.",
        inputs: &["checks"],
        outputs: &["details.decided_by"],
        prerequisites: &[],
        placeable: true,
    };

    fn check_config(config: &Config, faults: &mut Vec<Fault>) {
        for (field, words) in [
            ("review_on", &config.review_on),
            ("reject_on", &config.reject_on),
        ] {
            if words.len() > MOST_WORDS {
                let message = "Must hold at most 100 names.";
                faults.push(Fault::new(field, FaultCode::TooMany, message));
            }
            for (index, word) in words.iter().enumerate().take(MOST_WORDS) {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                if word.is_empty() || word.len() > LONGEST_WORD || !word.chars().all(plain) {
                    let path = format!("{field}[{index}]");
                    let message = "Must be the name of a check or the code of a reason.";
                    faults.push(Fault::new(path, FaultCode::Invalid, message));
                }
            }
        }
    }

    fn judge(input: &CheckInput, config: &Config) -> CheckOutcome {
        let mut grounds: Vec<Ground> = input
            .earlier
            .iter()
            .map(|earlier| Ground {
                policy: earlier.policy.clone(),
                status: earlier.status,
                effect: effect_of(earlier, config),
                reasons: earlier.reasons.clone(),
            })
            .filter(|ground| ground.effect != Effect::None)
            .collect();
        grounds.sort_by_key(|ground| std::cmp::Reverse(ground.effect));
        let blocked = grounds.iter().any(|ground| ground.effect == Effect::Block);
        let blame = grounds.iter().map(reason_of).collect();
        let details = Details {
            decided_by: grounds,
            considered: input.earlier.len(),
        };
        let mut outcome = judged(blame, Vec::new(), &details);
        outcome.result.route = blocked.then_some(ResultStatus::Rejected);
        outcome
    }
}

fn effect_of(earlier: &Earlier, config: &Config) -> Effect {
    let named = |words: &[String]| {
        let reason = earlier.reasons.iter().any(|code| words.contains(code));
        let check = words.contains(&earlier.policy) && earlier.status != CheckStatus::Passed;
        reason || check
    };
    if earlier.passed_over || (earlier.auto && earlier.status == CheckStatus::Skipped) {
        return Effect::None;
    }
    if named(&config.reject_on) || earlier.finding == Some(ResultStatus::Rejected) {
        return Effect::Block;
    }
    if named(&config.review_on) {
        return Effect::Doubt;
    }
    // What an inserted check's finding does is the screening settings' business.
    let harmless = if earlier.auto {
        earlier.finding.is_none()
    } else {
        earlier.status == CheckStatus::Passed
    };
    if harmless {
        Effect::None
    } else {
        Effect::Doubt
    }
}

fn reason_of(ground: &Ground) -> Reason {
    let policy = &ground.policy;
    match ground.effect {
        Effect::Block => Reason::new(
            "blocked",
            format!("The check {policy} speaks against an approval."),
        ),
        _ => Reason::new(
            "doubt",
            format!(
                "The check {policy} is {}, so a person has to look.",
                ground.status
            ),
        ),
    }
}
