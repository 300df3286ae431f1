//! How far a sandbox's clock is moved by one call.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde_json::Value;

/// Seconds of a day; days and weeks of a written duration have no daylight saving.
const SECONDS_OF_A_DAY: u64 = 86_400;
/// The furthest that one call moves the clock: past every retention time that a year has.
const MAXIMUM: Duration = Duration::from_secs(400 * SECONDS_OF_A_DAY);
/// The least.
const MINIMUM: Duration = Duration::from_secs(1);
/// Longer texts are no duration.
const MAXIMUM_TEXT: usize = 64;

/// A step of a sandbox's clock: 1 second to 400 days, in whole microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Advance(Duration);

/// A value that is no step of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAdvance {
    /// Neither a number of seconds nor a text that reads as a duration.
    #[error("not a duration")]
    NotADuration,
    /// Below a second or beyond 400 days.
    #[error("out of range")]
    OutOfRange,
}

impl Advance {
    /// From a duration.
    ///
    /// # Errors
    /// [`InvalidAdvance::OutOfRange`].
    pub fn new(by: Duration) -> Result<Self, InvalidAdvance> {
        if (MINIMUM..=MAXIMUM).contains(&by) {
            Ok(Self(by))
        } else {
            Err(InvalidAdvance::OutOfRange)
        }
    }

    /// From a JSON value: whole seconds, an ISO 8601 duration (`P3D`, `PT72H`), or a plain one
    /// (`72h`, `3 days`). Days have 24 hours; months and years have no fixed length and are
    /// refused.
    ///
    /// # Errors
    /// [`InvalidAdvance`].
    pub fn of_json(value: &Value) -> Result<Self, InvalidAdvance> {
        match value {
            Value::Number(number) => {
                let seconds = number.as_u64().ok_or_else(|| {
                    // A whole number below zero is out of range; a fraction is no whole second.
                    if number.is_i64() {
                        InvalidAdvance::OutOfRange
                    } else {
                        InvalidAdvance::NotADuration
                    }
                })?;
                Self::new(Duration::from_secs(seconds))
            }
            Value::String(text) => Self::of_text(text),
            _ => Err(InvalidAdvance::NotADuration),
        }
    }

    fn of_text(text: &str) -> Result<Self, InvalidAdvance> {
        if text.len() > MAXIMUM_TEXT {
            return Err(InvalidAdvance::NotADuration);
        }
        let span: Span = text.parse().map_err(|_| InvalidAdvance::NotADuration)?;
        let length = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| InvalidAdvance::NotADuration)?;
        if length.is_negative() {
            return Err(InvalidAdvance::OutOfRange);
        }
        Self::new(length.unsigned_abs())
    }

    /// As a duration.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// In whole microseconds, as times are stored.
    pub fn micros(self) -> i64 {
        // 400 days are far below the range.
        i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn seconds(value: &Value) -> Result<u64, InvalidAdvance> {
        Advance::of_json(value).map(|advance| advance.duration().as_secs())
    }

    #[test]
    fn seconds_and_both_spellings_of_durations() {
        for (value, wanted) in [
            (json!(1), 1),
            (json!(259_200), 259_200),
            (json!("72h"), 259_200),
            (json!("PT72H"), 259_200),
            (json!("P3D"), 259_200),
            (json!("P3DT1H30M"), 264_600),
            (json!("3 days"), 259_200),
            (json!("2w"), 14 * 86_400),
            (json!("90m"), 5_400),
            (json!("400d"), 400 * 86_400),
        ] {
            assert_eq!(seconds(&value), Ok(wanted), "{value}");
        }
    }

    #[test]
    fn what_has_no_length_or_a_wrong_one_is_refused() {
        use InvalidAdvance::{NotADuration, OutOfRange};
        for (value, wanted) in [
            (json!(0), OutOfRange),
            (json!(-5), OutOfRange),
            (json!(400 * 86_400 + 1), OutOfRange),
            (json!("PT0.5S"), OutOfRange),
            (json!("-PT1H"), OutOfRange),
            (json!("401d"), OutOfRange),
            (json!(1.5), NotADuration),
            (json!("P1M"), NotADuration),
            (json!("1 year"), NotADuration),
            (json!("soon"), NotADuration),
            (json!(""), NotADuration),
            (json!("3600"), NotADuration),
            (json!(null), NotADuration),
            (json!(["72h"]), NotADuration),
        ] {
            assert_eq!(seconds(&value), Err(wanted), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_step_in_range_or_refused(text in "\\PC{0,80}") {
            if let Ok(advance) = Advance::of_json(&json!(text)) {
                prop_assert!((MINIMUM..=MAXIMUM).contains(&advance.duration()));
                prop_assert!(advance.micros() > 0);
            }
        }

        #[test]
        fn whole_hours_read_alike_in_each_spelling(hours in 1_u64..9_600) {
            let texts = [json!(format!("{hours}h")), json!(format!("PT{hours}H")), json!(hours * 3_600)];
            for text in texts {
                prop_assert_eq!(seconds(&text), Ok(hours * 3_600));
            }
        }
    }
}
