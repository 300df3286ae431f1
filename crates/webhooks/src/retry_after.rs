//! `Retry-After`: when a receiver asks to be tried again (RFC 9110 §10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use http::header::RETRY_AFTER;
use verifa_core::time::Timestamp;

/// The longest pause that a receiver can bring about: what it says is a wish, and a mistake in it
/// must not cost the deliveries.
const LONGEST: Duration = Duration::from_hours(1);

/// What a receiver asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// A pause from its answer on.
    Pause(Duration),
    /// Nothing before a time, by its own clock.
    Until(Timestamp),
}

impl RetryAfter {
    /// Reads the header; `None` where it is absent or neither seconds nor a date.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get(RETRY_AFTER)?.to_str().ok()?.trim())
    }

    fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than a number can have are longer than any bound.
            let seconds = text.parse().unwrap_or(u64::MAX);
            return Some(Self::Pause(Duration::from_secs(seconds)));
        }
        let date = httpdate::parse_http_date(text).ok()?;
        let since = date.duration_since(UNIX_EPOCH).ok()?;
        let seconds = i64::try_from(since.as_secs()).ok()?;
        Some(Self::Until(Timestamp::from_seconds(seconds)))
    }

    /// The pause that this makes of the schedule's `pause`: longer where the receiver asks for
    /// more, of up to an hour, and never shorter.
    pub fn prolong(self, pause: Duration, now: Timestamp) -> Duration {
        let asked = match self {
            Self::Pause(asked) => asked,
            Self::Until(time) => time.since(now),
        };
        pause.max(asked.min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seconds_and_dates() {
        let pause = |seconds| Some(RetryAfter::Pause(Duration::from_secs(seconds)));
        let until = |seconds| Some(RetryAfter::Until(Timestamp::from_seconds(seconds)));
        for (text, read) in [
            ("120", pause(120)),
            ("0", pause(0)),
            ("00060", pause(60)),
            ("99999999999999999999999999", pause(u64::MAX)),
            // The three forms of RFC 9110 §5.6.7.
            ("Sun, 06 Nov 1994 08:49:37 GMT", until(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", until(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", until(784_111_777)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("+5", None),
            ("soon", None),
            ("1994-11-06T08:49:37Z", None),
        ] {
            assert_eq!(RetryAfter::parse(text), read, "{text}");
        }
    }

    #[test]
    fn a_pause_is_prolonged_up_to_an_hour() {
        let now = Timestamp::from_seconds(1_000_000);
        let of = |asked: RetryAfter, seconds| {
            let scheduled = Duration::from_secs(seconds);
            asked.prolong(scheduled, now).as_secs()
        };
        let pause = |seconds| RetryAfter::Pause(Duration::from_secs(seconds));
        assert_eq!(of(pause(90), 30), 90);
        assert_eq!(of(pause(5), 30), 30);
        assert_eq!(of(pause(86_400), 30), 3_600);
        assert_eq!(of(pause(3_600), 7_200), 7_200);
        let until = |seconds| RetryAfter::Until(Timestamp::from_seconds(seconds));
        assert_eq!(of(until(1_000_200), 30), 200);
        assert_eq!(of(until(999_000), 30), 30);
        assert_eq!(of(until(i64::MAX), 30), 3_600);
    }

    proptest! {
        #[test]
        fn whatever_a_receiver_says(
            text in "[0-9]{0,30}|[ -~]{0,60}",
            scheduled in 0_u64..200_000,
            now in 0_i64..4_000_000_000,
        ) {
            if let Some(asked) = RetryAfter::parse(&text) {
                let scheduled = Duration::from_secs(scheduled);
                let pause = asked.prolong(scheduled, Timestamp::from_seconds(now));
                prop_assert!(pause >= scheduled);
                prop_assert!(pause <= scheduled.max(LONGEST));
            }
        }

        #[test]
        fn dates_are_read_as_they_are_written(seconds in 0_u64..253_402_300_800) {
            let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            let read = RetryAfter::parse(&date);
            let time = Timestamp::from_seconds(i64::try_from(seconds).unwrap());
            prop_assert_eq!(read, Some(RetryAfter::Until(time)));
        }
    }
}
