//! One-time links: their words and the length of their life (spec/sessions.md, "Endpoints").

use crate::fault::{Fault, FaultCode};
use crate::time::Timestamp;
use crate::vocabulary::vocabulary;

/// Longest life of a one-time link, in minutes: seven days.
pub const MAXIMUM_LINK_MINUTES: i64 = 10_080;

vocabulary! {
    /// Where a one-time link stands.
    LinkStatus {
        /// It opens the capture, once.
        Active = "active",
        /// Somebody pressed Start with it.
        Consumed = "consumed",
        /// Its time ran out before that.
        Expired = "expired",
        /// A newer link took its place, or its session ended.
        Revoked = "revoked",
    }
}

impl LinkStatus {
    /// The status at `now` of a link that is stored with this one and lives until `expires_at`:
    /// an active link is over by the clock, whether or not anybody noted it. The instant of
    /// expiry itself is already over.
    #[must_use]
    pub fn at(self, now: Timestamp, expires_at: Timestamp) -> Self {
        if self == Self::Active && now >= expires_at {
            Self::Expired
        } else {
            self
        }
    }
}

/// Checks the `expires_in_minutes` of a link: 1 to [`MAXIMUM_LINK_MINUTES`].
pub fn check_link_minutes(minutes: i64) -> Result<(), Fault> {
    if (1..=MAXIMUM_LINK_MINUTES).contains(&minutes) {
        return Ok(());
    }
    Err(Fault::new(
        "expires_in_minutes",
        FaultCode::OutOfRange,
        format_args!("Must be from 1 to {MAXIMUM_LINK_MINUTES}."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_link_runs_out() {
        let end = Timestamp::from_seconds(100);
        let before = Timestamp::from_seconds(99);
        assert_eq!(LinkStatus::Active.at(before, end), LinkStatus::Active);
        assert_eq!(LinkStatus::Active.at(end, end), LinkStatus::Expired);
        for ended in [LinkStatus::Consumed, LinkStatus::Revoked] {
            assert_eq!(ended.at(end, end), ended);
        }
    }

    #[test]
    fn a_life_has_bounds() {
        assert_eq!(check_link_minutes(1), Ok(()));
        assert_eq!(check_link_minutes(10_080), Ok(()));
        for wrong in [0, -1, 10_081, i64::MIN, i64::MAX] {
            assert!(check_link_minutes(wrong).is_err(), "{wrong}");
        }
    }
}
