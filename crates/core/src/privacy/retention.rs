//! How long personal data lives: the sensitive window, the full window, the legal hold
//! (spec/resources.md, "Retention").
//!
//! Settings may change at any time, so nothing stores a deadline: what is due follows from the
//! anchor, the stage and the settings of the moment.

use crate::organization::OrganizationSettings;
use crate::session::RetentionStatus;
use crate::time::Timestamp;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What brought an erasure about.
    ErasureCause {
        /// A call: the redact call, alone or in bulk.
        Call = "call",
        /// The end of the full retention window.
        Retention = "retention",
        /// The erasure log, replayed over a restored backup.
        Restore = "restore",
    }
}

/// How far a session has come on its way to erasure. Only goes on, never back: a window that is
/// made longer later does not bring back what is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetentionStage {
    /// Nothing is over.
    Kept,
    /// The API answers no personal data any more.
    SensitiveOver,
    /// The full window is over and was told, and the session is not redacted by itself. Whether the
    /// sensitive window is over too is the retention status's to say: it may end later.
    RetentionOver,
    /// All personal data is destroyed.
    Erased,
}

impl RetentionStage {
    /// As stored: the order is what the index of the retention jobs rests on.
    pub const fn as_stored(self) -> i64 {
        match self {
            Self::Kept => 0,
            Self::SensitiveOver => 1,
            Self::RetentionOver => 2,
            Self::Erased => 3,
        }
    }

    /// From the stored number.
    pub const fn from_stored(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Kept),
            1 => Some(Self::SensitiveOver),
            2 => Some(Self::RetentionOver),
            3 => Some(Self::Erased),
            _ => None,
        }
    }
}

/// What a session's age demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionStep {
    /// End the sensitive window.
    EndSensitive,
    /// Tell that the full window is over.
    TellExpired,
    /// Redact; tell first, unless that was done.
    Redact,
}

impl RetentionStep {
    /// Where a session stands once the step is done. Nothing is taken back: of two stages the later
    /// one stands.
    pub fn done(
        self,
        status: RetentionStatus,
        stage: RetentionStage,
    ) -> (RetentionStatus, RetentionStage) {
        match self {
            Self::EndSensitive => (
                RetentionStatus::SensitiveRedacted,
                stage.max(RetentionStage::SensitiveOver),
            ),
            Self::TellExpired => (status, stage.max(RetentionStage::RetentionOver)),
            Self::Redact => (RetentionStatus::Redacted, RetentionStage::Erased),
        }
    }
}

/// When the windows of a tenant began that end at a time: whatever is anchored at or before
/// is due. `None`: that window never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionDue {
    /// Of the sensitive window.
    pub sensitive_before: Option<Timestamp>,
    /// Of the full window.
    pub full_before: Option<Timestamp>,
    /// Whether a session whose full window is over is redacted.
    pub redacts: bool,
}

impl RetentionDue {
    /// By the settings of the moment.
    pub fn at(now: Timestamp, settings: &OrganizationSettings) -> Self {
        Self {
            sensitive_before: settings.sensitive_retention().map(|age| now.minus(age)),
            full_before: settings.full_retention().map(|age| now.minus(age)),
            redacts: settings.auto_redact_on_retention_expiry,
        }
    }

    /// What is to be done next with a session: a redaction before all else, else one window after
    /// the other. Nothing while a legal hold is on it. Whether the sensitive window is open is told
    /// by the status, not by the stage: the full one may have ended before it.
    pub fn step(
        &self,
        status: RetentionStatus,
        stage: RetentionStage,
        anchor: Timestamp,
        is_held: bool,
    ) -> Option<RetentionStep> {
        if is_held || status == RetentionStatus::Redacted || stage == RetentionStage::Erased {
            return None;
        }
        let over = |end: Option<Timestamp>| end.is_some_and(|end| anchor <= end);
        if self.redacts && over(self.full_before) {
            return Some(RetentionStep::Redact);
        }
        if status == RetentionStatus::Active && over(self.sensitive_before) {
            return Some(RetentionStep::EndSensitive);
        }
        (stage < RetentionStage::RetentionOver && over(self.full_before))
            .then_some(RetentionStep::TellExpired)
    }

    /// Where sessions lie that are due, unless they are held.
    pub fn searches(&self) -> Vec<RetentionSearch> {
        use RetentionStage::{Kept, RetentionOver, SensitiveOver};
        use RetentionStatus::{Active, SensitiveRedacted};
        let mut searches = Vec::new();
        let mut search = |status, stage, before| {
            searches.push(RetentionSearch {
                status,
                stage,
                before,
            });
        };
        if let Some(before) = self.full_before {
            search(Active, Kept, before);
            search(SensitiveRedacted, SensitiveOver, before);
            if self.redacts {
                search(Active, RetentionOver, before);
                search(SensitiveRedacted, RetentionOver, before);
            }
        }
        if let Some(before) = self.sensitive_before {
            search(Active, Kept, before);
            search(Active, RetentionOver, before);
        }
        searches
    }
}

/// Where sessions lie that are due: one range of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSearch {
    /// Their retention status.
    pub status: RetentionStatus,
    /// Their stage.
    pub stage: RetentionStage,
    /// The time at or before which they are anchored.
    pub before: Timestamp,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_000_000);

    fn settings(sensitive: Option<u32>, full: Option<u32>, redacts: bool) -> OrganizationSettings {
        OrganizationSettings {
            sensitive_data_retention_days: sensitive,
            data_retention_days: full,
            auto_redact_on_retention_expiry: redacts,
            ..OrganizationSettings::default()
        }
    }

    fn days_ago(days: u64) -> Timestamp {
        NOW.minus(Duration::from_secs(days * 86_400))
    }

    /// The status of a session whose sensitive window ended first.
    fn usual(stage: RetentionStage) -> RetentionStatus {
        match stage {
            RetentionStage::Kept => RetentionStatus::Active,
            RetentionStage::SensitiveOver | RetentionStage::RetentionOver => {
                RetentionStatus::SensitiveRedacted
            }
            RetentionStage::Erased => RetentionStatus::Redacted,
        }
    }

    fn step(
        settings: &OrganizationSettings,
        stage: RetentionStage,
        days: u64,
    ) -> Option<RetentionStep> {
        RetentionDue::at(NOW, settings).step(usual(stage), stage, days_ago(days), false)
    }

    #[test]
    fn windows_end_on_their_day() {
        let defaults = OrganizationSettings::default();
        let kept = RetentionStage::Kept;
        assert_eq!(step(&defaults, kept, 89), None);
        assert_eq!(step(&defaults, kept, 90), Some(RetentionStep::EndSensitive));
        let over = RetentionStage::SensitiveOver;
        assert_eq!(step(&defaults, over, 364), None);
        assert_eq!(step(&defaults, over, 365), Some(RetentionStep::Redact));
        assert_eq!(step(&defaults, kept, 365), Some(RetentionStep::Redact));
        assert_eq!(step(&defaults, RetentionStage::Erased, 9_999), None);
    }

    #[test]
    fn a_sensitive_window_that_is_set_after_the_full_one_ended_still_ends() {
        let (mut status, mut stage) = (RetentionStatus::Active, RetentionStage::Kept);
        let anchor = days_ago(31);
        let full = RetentionDue::at(NOW, &settings(None, Some(30), false));
        let told = full.step(status, stage, anchor, false);
        assert_eq!(told, Some(RetentionStep::TellExpired));
        (status, stage) = RetentionStep::TellExpired.done(status, stage);
        assert_eq!(status, RetentionStatus::Active);
        let both = RetentionDue::at(NOW, &settings(Some(30), Some(30), false));
        let ended = both.step(status, stage, anchor, false);
        assert_eq!(ended, Some(RetentionStep::EndSensitive));
        assert!(finds(&both, status, stage, anchor));
        (status, stage) = RetentionStep::EndSensitive.done(status, stage);
        assert_eq!(status, RetentionStatus::SensitiveRedacted);
        assert_eq!(
            stage,
            RetentionStage::RetentionOver,
            "the higher stage stays"
        );
        assert_eq!(both.step(status, stage, anchor, false), None);
    }

    fn finds(
        due: &RetentionDue,
        status: RetentionStatus,
        stage: RetentionStage,
        anchor: Timestamp,
    ) -> bool {
        due.searches().into_iter().any(|search| {
            (search.status, search.stage) == (status, stage) && anchor <= search.before
        })
    }

    fn window() -> impl Strategy<Value = Option<u32>> {
        prop_oneof![Just(None), (1_u32..60).prop_map(Some)]
    }

    proptest! {
        /// Whatever the settings were on the way: what is over by those of the moment is over, what
        /// is due is what is searched for, and nothing is told twice or taken back.
        #[test]
        fn windows_end_whatever_the_settings_were_before(
            rounds in prop::collection::vec((window(), window(), any::<bool>(), 0_u64..40), 1..12)
        ) {
            let (mut status, mut stage) = (RetentionStatus::Active, RetentionStage::Kept);
            let (mut age, mut told) = (0, 0);
            for (sensitive, full, redacts, days) in rounds {
                age += days;
                let due = RetentionDue::at(NOW, &settings(sensitive, full, redacts));
                let anchor = days_ago(age);
                for _ in 0..4 {
                    let step = due.step(status, stage, anchor, false);
                    prop_assert_eq!(step.is_some(), finds(&due, status, stage, anchor));
                    prop_assert_eq!(due.step(status, stage, anchor, true), None);
                    let Some(step) = step else { break };
                    told += u32::from(step == RetentionStep::TellExpired);
                    let after = step.done(status, stage);
                    prop_assert!(after.1 >= stage && after != (status, stage));
                    (status, stage) = after;
                }
                prop_assert_eq!(due.step(status, stage, anchor, false), None, "it never settles");
                let over = |window: Option<u32>| window.is_some_and(|end| age >= u64::from(end));
                if over(sensitive) {
                    prop_assert_ne!(status, RetentionStatus::Active);
                }
                if over(full) {
                    prop_assert!(stage >= RetentionStage::RetentionOver);
                    prop_assert!(!redacts || status == RetentionStatus::Redacted);
                }
                prop_assert!(told <= 1);
                let erased = (status == RetentionStatus::Redacted, stage == RetentionStage::Erased);
                prop_assert_eq!(erased.0, erased.1);
            }
        }
    }

    #[test]
    fn without_automatic_redaction_the_end_is_told_once() {
        let told = settings(Some(90), Some(365), false);
        let first = step(&told, RetentionStage::Kept, 365);
        assert_eq!(
            first,
            Some(RetentionStep::EndSensitive),
            "one after the other"
        );
        let over = RetentionStage::SensitiveOver;
        assert_eq!(step(&told, over, 365), Some(RetentionStep::TellExpired));
        assert_eq!(step(&told, RetentionStage::RetentionOver, 365), None);
        let redacts = settings(Some(90), Some(365), true);
        let after = step(&redacts, RetentionStage::RetentionOver, 365);
        assert_eq!(after, Some(RetentionStep::Redact), "switched on later");
    }

    #[test]
    fn a_window_of_null_never_ends_and_the_other_still_does() {
        let never = settings(None, None, true);
        assert_eq!(step(&never, RetentionStage::Kept, 36_500), None);
        let sensitive = settings(Some(1), None, true);
        let end = Some(RetentionStep::EndSensitive);
        assert_eq!(step(&sensitive, RetentionStage::Kept, 36_500), end);
    }

    #[test]
    fn a_legal_hold_stops_both() {
        let due = RetentionDue::at(NOW, &OrganizationSettings::default());
        for stage in [RetentionStage::Kept, RetentionStage::SensitiveOver] {
            assert_eq!(due.step(usual(stage), stage, days_ago(9_999), true), None);
        }
    }

    #[test]
    fn stages_come_back_as_they_were_stored() {
        for number in 0..4 {
            let stage = RetentionStage::from_stored(number).unwrap();
            assert_eq!(stage.as_stored(), number);
        }
        assert_eq!(RetentionStage::from_stored(4), None);
    }
}
