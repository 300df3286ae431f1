//! Mails: their words, what operators are told, and when a mail is given up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a mail stands.
    MailStatus {
        /// It waits for its transport.
        Queued = "queued",
        /// The transport took it.
        Sent = "sent",
        /// It had no purpose any more: its session had ended.
        Dropped = "dropped",
        /// The transport refused it for good, or took too long.
        Failed = "failed",
    }
}

vocabulary! {
    /// What a mail is for.
    MailKind {
        /// Asks a person to begin or to complete a verification.
        Invitation = "invitation",
        /// Tells an operator that something went wrong.
        OperatorNotice = "operator_notice",
    }
}

/// Why a webhook endpoint was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// That many deliveries in a row failed.
    FailedInARow(u32),
    /// It failed without interruption for so many hours.
    FailedForHours(u32),
    /// It answered 410 Gone.
    Gone,
}

/// What an operator is told by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorNotice {
    /// A webhook endpoint was switched off.
    WebhookEndpointDisabled {
        /// Its id.
        endpoint: String,
        /// Its address.
        url: String,
        /// What the operator calls it.
        label: Option<String>,
        /// Why.
        because: DisabledBecause,
    },
}

/// A mail that no transport took for this long is given up (RFC 5321 §4.5.4.1: four to five days).
pub const GIVE_UP_AFTER: Duration = Duration::from_hours(96);
/// The pause after the first failure; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause (RFC 5321 §4.5.4.1: half an hour is the least for a server; a queue that
/// empties within it is what people expect of an invitation).
const LONGEST_PAUSE: Duration = Duration::from_mins(30);

/// How long a mail waits after its `attempt`-th failure, from 1.
pub fn retry_pause(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 10) - 1).unwrap_or(0);
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_an_hour() {
        assert_eq!(retry_pause(1), Duration::from_secs(30));
        assert_eq!(retry_pause(2), Duration::from_mins(1));
        assert_eq!(retry_pause(6), Duration::from_mins(16));
        assert_eq!(retry_pause(7), LONGEST_PAUSE);
        for odd in [i64::MIN, 0, i64::MAX] {
            assert!((FIRST_PAUSE..=LONGEST_PAUSE).contains(&retry_pause(odd)));
        }
    }
}
