//! When a delivery is tried again, when it is given up, and when its endpoint is
//! (spec/resources.md, "Webhooks").

use std::time::Duration;

use verifa_core::organization::RetryScheduleName;
use verifa_core::time::Timestamp;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// 30 s, 2 min, 8 min, 32 min, 2 h (F).
const STANDARD: &[Duration] = &[
    seconds(30),
    seconds(120),
    seconds(480),
    seconds(1_920),
    seconds(7_200),
];
/// The same beginning, then longer and longer pauses: twelve tries within 76 hours (D).
const EXTENDED: &[Duration] = &[
    seconds(30),
    seconds(120),
    seconds(480),
    seconds(1_920),
    seconds(7_200),
    seconds(4 * 3_600),
    seconds(8 * 3_600),
    seconds(12 * 3_600),
    seconds(16 * 3_600),
    seconds(16 * 3_600),
    seconds(17 * 3_600 + 1_050),
];
/// Pauses are up to a tenth longer or shorter, so that a receiver that comes back is not met by
/// all at once;
const JITTER: u32 = 10;
/// but by no more than this, so that the last try stays near its time whatever the draws are: an
/// outage of 72 hours has to end before it.
const MOST_JITTER: Duration = seconds(15 * 60);
/// Deliveries given up in a row that disable an endpoint on the standard schedule (F).
const GIVEN_UP: i64 = 10;
/// How long an endpoint on the extended schedule may fail without one success.
const PATIENCE: Duration = seconds(76 * 3_600);
/// Longer than a whole standard schedule takes, whatever its draws are and though the receiver asks
/// for the longest pauses (`Retry-After`): 4 h and 2.2 h.
const STANDARD_AT_MOST: Duration = seconds(6 * 3_600 + 1_800);
/// How long a try may take: the time of the first failed one is that of its end.
const TRY_AT_MOST: Duration = seconds(30);
/// Failed tries of ten whole standard schedules.
#[expect(clippy::cast_possible_wrap, reason = "six")]
const TRIES_OF_GIVEN_UP: i64 = GIVEN_UP * tries(RetryScheduleName::Standard) as i64;

const fn pauses(schedule: RetryScheduleName) -> &'static [Duration] {
    match schedule {
        RetryScheduleName::Standard => STANDARD,
        RetryScheduleName::Extended => EXTENDED,
    }
}

/// Most tries of one delivery.
pub const fn tries(schedule: RetryScheduleName) -> usize {
    pauses(schedule).len() + 1
}

/// The pause after the `tried`th failed try (1 is the first); `None`: it was the last. `random`
/// moves it within the jitter.
pub fn next_delay(schedule: RetryScheduleName, tried: i64, random: u32) -> Option<Duration> {
    let index = usize::try_from(tried.checked_sub(1)?).ok()?;
    let pause = *pauses(schedule).get(index)?;
    let jitter = (pause / JITTER).min(MOST_JITTER);
    let share = f64::from(random) / f64::from(u32::MAX);
    Some(pause.saturating_sub(jitter) + (jitter * 2).mul_f64(share))
}

/// Why the server disables an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabling {
    /// Its receiver answered 410: it wants no more.
    Gone,
    /// Too many deliveries in a row were given up.
    GivenUp,
    /// It failed for too long without one success.
    FailingTooLong,
}

impl Disabling {
    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "receiver_gone",
            Self::GivenUp => "deliveries_given_up",
            Self::FailingTooLong => "failing_too_long",
        }
    }

    /// Whether a failed try disables its endpoint. `given_up` counts the deliveries given up in a
    /// row, this one included if it is; `failing_since` is the first failed try since the last
    /// success.
    pub fn after(
        schedule: RetryScheduleName,
        http_status: Option<u16>,
        given_up: i64,
        failing_since: Timestamp,
        now: Timestamp,
    ) -> Option<Self> {
        if http_status == Some(410) {
            return Some(Self::Gone);
        }
        match schedule {
            RetryScheduleName::Standard => (given_up >= GIVEN_UP).then_some(Self::GivenUp),
            RetryScheduleName::Extended => {
                (now.since(failing_since) >= PATIENCE).then_some(Self::FailingTooLong)
            }
        }
    }
}

/// What would disable an endpoint on the standard schedule although its deliveries are not given
/// up: each of its tries takes so long that the next ones come late, and the more wait the later. By
/// the schedule's own times ten of them had been given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// The begin of the first failed try since the last success, at the earliest.
    pub since: Timestamp,
    /// The latest begin of a schedule that would be over.
    pub until: Timestamp,
    /// How many failed tries of deliveries that were tried within these times, and wait still, are
    /// enough.
    pub tries: i64,
}

impl Overdue {
    /// What to look for at `now`; `None` where no schedule can be overdue yet.
    pub fn at(
        schedule: RetryScheduleName,
        failing_since: Timestamp,
        now: Timestamp,
    ) -> Option<Self> {
        let is_late = now.since(failing_since) >= STANDARD_AT_MOST;
        (schedule == RetryScheduleName::Standard && is_late).then(|| Self {
            since: failing_since.minus(TRY_AT_MOST),
            until: now.minus(STANDARD_AT_MOST),
            tries: TRIES_OF_GIVEN_UP,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RetryScheduleName::{Extended, Standard};

    const MIDDLE: u32 = u32::MAX / 2;

    /// From the first try to the last, where each draw is the same.
    fn whole(schedule: RetryScheduleName, draw: u32) -> Duration {
        (1..)
            .map_while(|tried| next_delay(schedule, tried, draw))
            .sum()
    }

    #[test]
    fn the_standard_schedule() {
        assert_eq!(tries(Standard), 6);
        let near =
            |tried| next_delay(Standard, tried, MIDDLE).map(|pause| pause.as_secs_f64().round());
        assert_eq!(near(1), Some(30.0));
        assert_eq!(near(5), Some(7_200.0));
        assert_eq!(near(6), None);
        assert_eq!(near(0), None);
        assert_eq!(near(i64::MIN), None);
    }

    #[test]
    fn the_extended_schedule_is_twelve_tries_within_76_hours() {
        assert_eq!(tries(Extended), 12);
        let off = whole(Extended, MIDDLE).as_secs_f64() - 76.0 * 3_600.0;
        assert!(off.abs() < 1.0, "{off}");
    }

    #[test]
    fn the_worst_draws_outlast_72_hours() {
        let hours = |draw| whole(Extended, draw).as_secs_f64() / 3_600.0;
        assert!(hours(0) > 74.0, "{}", hours(0));
        assert!(hours(u32::MAX) < 78.0, "{}", hours(u32::MAX));
    }

    #[test]
    fn endpoints_are_disabled_by_410_by_count_or_by_time() {
        let at = |hours: i64| Timestamp::from_seconds(hours * 3_600);
        let after = |schedule, status, given_up, hours| {
            Disabling::after(schedule, status, given_up, at(0), at(hours))
        };
        assert_eq!(after(Standard, Some(410), 0, 0), Some(Disabling::Gone));
        assert_eq!(after(Standard, Some(500), 9, 500), None);
        assert_eq!(after(Standard, None, 10, 1), Some(Disabling::GivenUp));
        assert_eq!(after(Extended, Some(500), 50, 75), None);
        assert_eq!(
            after(Extended, None, 0, 76),
            Some(Disabling::FailingTooLong)
        );
    }

    #[test]
    fn no_standard_schedule_lasts_as_long_as_what_is_overdue() {
        let longest: Duration = (1..)
            .map_while(|tried| next_delay(Standard, tried, u32::MAX))
            .map(|pause| pause.max(seconds(3_600)))
            .sum();
        assert!(longest < STANDARD_AT_MOST, "{longest:?}");
        let at = |hours: i64| Timestamp::from_seconds(hours * 3_600);
        assert_eq!(Overdue::at(Standard, at(0), at(6)), None);
        let overdue = Overdue::at(Standard, at(0), at(7)).unwrap();
        assert_eq!(overdue.since, Timestamp::from_seconds(-30));
        assert_eq!(overdue.tries, 60);
        assert_eq!(overdue.until, Timestamp::from_seconds(1_800));
        assert_eq!(Overdue::at(Extended, at(0), at(70)), None);
    }

    proptest::proptest! {
        #[test]
        fn jitter_stays_within_a_tenth(tried in 1_i64..12, random: u32) {
            let nominal = next_delay(Extended, tried, MIDDLE);
            let pause = next_delay(Extended, tried, random);
            if let (Some(nominal), Some(pause)) = (nominal, pause) {
                let share = pause.as_secs_f64() / nominal.as_secs_f64();
                proptest::prop_assert!((0.899..=1.101).contains(&share), "{}", share);
            }
        }
    }
}
