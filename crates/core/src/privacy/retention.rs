//! How long personal data lives: the sensitive window, the full window, the legal hold
//! (spec/resources.md, "Retention").
//!
//! Settings may change at any time, so nothing stores a deadline: what is due follows from the
//! anchor, the stage and the settings of the moment.

use crate::organization::OrganizationSettings;
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
    /// The full window is over and was told, and the session is not redacted by itself.
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

    /// What is to be done next with a session of this stage and anchor: a redaction before all
    /// else, else one window after the other. Nothing while a legal hold is on it.
    pub fn step(
        &self,
        stage: RetentionStage,
        anchor: Timestamp,
        is_held: bool,
    ) -> Option<RetentionStep> {
        if is_held || stage == RetentionStage::Erased {
            return None;
        }
        let over = |end: Option<Timestamp>| end.is_some_and(|end| anchor <= end);
        if self.redacts && over(self.full_before) {
            return Some(RetentionStep::Redact);
        }
        if stage == RetentionStage::Kept && over(self.sensitive_before) {
            return Some(RetentionStep::EndSensitive);
        }
        (stage < RetentionStage::RetentionOver && over(self.full_before))
            .then_some(RetentionStep::TellExpired)
    }

    /// Where sessions lie that may be due: a stage, and the time at or before which they are
    /// anchored.
    pub fn searches(&self) -> Vec<(RetentionStage, Timestamp)> {
        let mut searches = Vec::new();
        if let Some(before) = self.full_before {
            let told = self.redacts.then_some(RetentionStage::RetentionOver);
            let stages = [RetentionStage::Kept, RetentionStage::SensitiveOver];
            let stages = stages.into_iter().chain(told);
            searches.extend(stages.map(|stage| (stage, before)));
        }
        if let Some(before) = self.sensitive_before {
            searches.push((RetentionStage::Kept, before));
        }
        searches
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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

    fn step(
        settings: &OrganizationSettings,
        stage: RetentionStage,
        days: u64,
    ) -> Option<RetentionStep> {
        RetentionDue::at(NOW, settings).step(stage, days_ago(days), false)
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
    fn whatever_is_due_is_searched_for() {
        let windows = [None, Some(1), Some(90), Some(365)];
        for sensitive in windows {
            for full in windows {
                for redacts in [true, false] {
                    let due = RetentionDue::at(NOW, &settings(sensitive, full, redacts));
                    for number in 0..4 {
                        let stage = RetentionStage::from_stored(number).unwrap();
                        let anchor = days_ago(100);
                        let found = due.step(stage, anchor, false).is_some();
                        let mut searches = due.searches().into_iter();
                        let searched =
                            searches.any(|(sought, before)| sought == stage && anchor <= before);
                        assert_eq!(
                            found, searched,
                            "{sensitive:?} {full:?} {redacts} {stage:?}"
                        );
                    }
                }
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
            assert_eq!(due.step(stage, days_ago(9_999), true), None);
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
