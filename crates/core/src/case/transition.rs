//! The state machine of a case: one table. Every pair that is not in it is refused.
//!
//! A claim is no status of its own: an escalated case, or one that waits for its second review,
//! stays so while somebody looks at it.

use std::time::Duration;

use super::status::CaseStatus;
use crate::time::Timestamp;

/// A claim without activity ends by itself after this long (F).
pub const CLAIM_LIFE: Duration = Duration::from_mins(30);

/// A cause that moves a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseEvent {
    /// The session came to review, for the first time or again.
    Opened,
    /// A reviewer takes it.
    Claimed,
    /// The reviewer gives it back, or half an hour went by without activity.
    Released,
    /// A reviewer hands it to somebody with more authority.
    Escalated,
    /// The first of two decisions, where two are needed.
    FirstDecided,
    /// The decision: accepted.
    Approved,
    /// The decision: refused.
    Rejected,
    /// The session needs no reviewer any more.
    Closed,
}

impl CaseEvent {
    /// Every cause.
    pub const ALL: &'static [Self] = &[
        Self::Opened,
        Self::Claimed,
        Self::Released,
        Self::Escalated,
        Self::FirstDecided,
        Self::Approved,
        Self::Rejected,
        Self::Closed,
    ];
}

/// A pair of status and event that the table does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the case's status does not allow this")]
pub struct Refused {
    /// The status that refused; `None` for a case that does not exist yet.
    pub from: Option<CaseStatus>,
    /// The event that came.
    pub event: CaseEvent,
}

/// Where `event` moves a case that stands at `from` (`None`: not made yet).
///
/// An undecided case that is opened again stays where it is: its session was judged anew while a
/// reviewer held it.
#[expect(clippy::match_same_arms, reason = "one arm per row of the table")]
pub fn transition(from: Option<CaseStatus>, event: CaseEvent) -> Result<CaseStatus, Refused> {
    use CaseEvent as E;
    use CaseStatus as S;
    let refused = Err(Refused { from, event });
    let Some(status) = from else {
        return match event {
            E::Opened => Ok(S::Open),
            _ => refused,
        };
    };
    match (status, event) {
        (S::Approved | S::Rejected | S::Closed, E::Opened) => Ok(S::Open),
        (undecided, E::Opened) => Ok(undecided),
        (S::Open | S::InReview, E::Claimed) => Ok(S::InReview),
        (S::InReview, E::Released) => Ok(S::Open),
        (S::Escalated | S::PendingSecondReview, E::Claimed | E::Released) => Ok(status),
        (S::Open | S::InReview, E::Escalated) => Ok(S::Escalated),
        (S::Open | S::InReview | S::Escalated, E::FirstDecided) => Ok(S::PendingSecondReview),
        (undecided, E::Approved) if undecided.is_undecided() => Ok(S::Approved),
        (undecided, E::Rejected) if undecided.is_undecided() => Ok(S::Rejected),
        (undecided, E::Closed) if undecided.is_undecided() => Ok(S::Closed),
        _ => refused,
    }
}

/// Whether a claim that holds until `until` is over at `now`. The instant itself is over.
pub fn claim_has_lapsed(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|end| now >= end)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// `from | event | to`, written from spec/resources.md and not from the code.
    const TABLE: &str = "
- | Opened | open
open | Opened | open
in_review | Opened | in_review
escalated | Opened | escalated
pending_second_review | Opened | pending_second_review
approved | Opened | open
rejected | Opened | open
closed | Opened | open
open | Claimed | in_review
in_review | Claimed | in_review
escalated | Claimed | escalated
pending_second_review | Claimed | pending_second_review
in_review | Released | open
escalated | Released | escalated
pending_second_review | Released | pending_second_review
open | Escalated | escalated
in_review | Escalated | escalated
open | FirstDecided | pending_second_review
in_review | FirstDecided | pending_second_review
escalated | FirstDecided | pending_second_review
open | Approved | approved
in_review | Approved | approved
escalated | Approved | approved
pending_second_review | Approved | approved
open | Rejected | rejected
in_review | Rejected | rejected
escalated | Rejected | rejected
pending_second_review | Rejected | rejected
open | Closed | closed
in_review | Closed | closed
escalated | Closed | closed
pending_second_review | Closed | closed
";

    #[test]
    fn every_pair_is_as_the_written_table_says() {
        let expected: BTreeSet<String> = TABLE
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let mut found = BTreeSet::new();
        for from in std::iter::once(None).chain(CaseStatus::ALL.iter().copied().map(Some)) {
            for event in CaseEvent::ALL {
                if let Ok(to) = transition(from, *event) {
                    let from = from.map_or("-", CaseStatus::as_str);
                    found.insert(format!("{from} | {event:?} | {to}"));
                }
            }
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn a_claim_ends_at_its_instant() {
        let end = Timestamp::from_seconds(1_800);
        assert!(!claim_has_lapsed(Some(end), Timestamp::from_seconds(1_799)));
        assert!(claim_has_lapsed(Some(end), end));
        assert!(!claim_has_lapsed(None, end));
    }

    proptest! {
        #[test]
        fn a_decided_case_only_opens_again(
            events in prop::collection::vec(prop::sample::select(CaseEvent::ALL.to_vec()), 0..30),
        ) {
            let mut status = transition(None, CaseEvent::Opened).unwrap();
            for event in events {
                let Ok(next) = transition(Some(status), event) else { continue };
                if !status.is_undecided() {
                    prop_assert_eq!(event, CaseEvent::Opened);
                    prop_assert_eq!(next, CaseStatus::Open);
                }
                status = next;
            }
        }
    }
}
