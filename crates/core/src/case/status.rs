//! The closed word lists of a case.

use std::time::Duration;

use crate::session::ResultStatus;
use crate::time::Timestamp;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a case stands.
    CaseStatus {
        /// Waits for a reviewer.
        Open = "open",
        /// A reviewer has claimed it.
        InReview = "in_review",
        /// Decided: the person is accepted.
        Approved = "approved",
        /// Decided: the person is refused.
        Rejected = "rejected",
        /// Handed to somebody with more authority.
        Escalated = "escalated",
        /// Decided once; a second reviewer has to agree.
        PendingSecondReview = "pending_second_review",
        /// Ended without a reviewer's decision: its session expired, was redacted, or came to a
        /// decision by itself.
        Closed = "closed",
    }
}

impl CaseStatus {
    /// Whether the case still waits for a reviewer's decision.
    pub const fn is_undecided(self) -> bool {
        matches!(
            self,
            Self::Open | Self::InReview | Self::Escalated | Self::PendingSecondReview
        )
    }
}

vocabulary! {
    /// What a reviewer decides.
    CaseDecision {
        /// The person is accepted.
        Approved = "approved",
        /// The person is refused.
        Rejected = "rejected",
    }
}

impl CaseDecision {
    /// What the session's result becomes.
    pub const fn result(self) -> ResultStatus {
        match self {
            Self::Approved => ResultStatus::Approved,
            Self::Rejected => ResultStatus::Rejected,
        }
    }
}

vocabulary! {
    /// How urgent the operator holds a case.
    CasePriority {
        /// Can wait.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// Sooner than usual.
        High = "high",
        /// At once.
        Urgent = "urgent",
    }
}

/// From this age in the queue on a case is no longer `green`.
const YELLOW_FROM: Duration = Duration::from_hours(4);
/// From this age in the queue on a case is `red`.
const RED_FROM: Duration = Duration::from_hours(24);

vocabulary! {
    /// The age of a case in the queue, in three colours (spec/resources.md, "Cases").
    SlaStatus {
        /// Below four hours.
        Green = "green",
        /// Below a day.
        Yellow = "yellow",
        /// A day or more.
        Red = "red",
    }
}

impl SlaStatus {
    /// The colour of a case that entered the queue at `entered` and left it, or is looked at, at
    /// `until`.
    pub fn of(entered: Timestamp, until: Timestamp) -> Self {
        let age = until.since(entered);
        if age < YELLOW_FROM {
            Self::Green
        } else if age < RED_FROM {
            Self::Yellow
        } else {
            Self::Red
        }
    }

    /// The ages of this colour: from the first, below the second.
    pub const fn ages(self) -> (Duration, Option<Duration>) {
        match self {
            Self::Green => (Duration::ZERO, Some(YELLOW_FROM)),
            Self::Yellow => (YELLOW_FROM, Some(RED_FROM)),
            Self::Red => (RED_FROM, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_change_at_four_hours_and_at_a_day() {
        let entered = Timestamp::from_seconds(1_000_000);
        let at = |seconds: u64| SlaStatus::of(entered, entered.plus(Duration::from_secs(seconds)));
        assert_eq!(at(0), SlaStatus::Green);
        assert_eq!(at(4 * 3_600 - 1), SlaStatus::Green);
        assert_eq!(at(4 * 3_600), SlaStatus::Yellow);
        assert_eq!(at(24 * 3_600 - 1), SlaStatus::Yellow);
        assert_eq!(at(24 * 3_600), SlaStatus::Red);
        for colour in SlaStatus::ALL {
            let (from, below) = colour.ages();
            assert_eq!(SlaStatus::of(entered, entered.plus(from)), *colour);
            if let Some(below) = below {
                assert_ne!(SlaStatus::of(entered, entered.plus(below)), *colour);
            }
        }
    }
}
