//! Dates of the machine-readable zone: six characters `YYMMDD`, any part of which may be unknown.
//! The century is not in the zone; it follows from the day on which the document is read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The oldest age a birth date may imply, in years (spec/checks.md).
const OLDEST_AGE: i16 = 120;

/// How far an expiry date may lie from today in either direction, in years (spec/checks.md).
const EXPIRY_WINDOW: i16 = 50;

/// A date whose parts may be unknown. Unknown parts are written `<<` (ICAO 9303-3 §4.8).
///
/// `Debug` prints nothing of the date, since it belongs to a person.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrzDate {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    well_formed: bool,
}

impl MrzDate {
    /// A date of which nothing is known.
    pub const UNKNOWN: Self = Self {
        year: None,
        month: None,
        day: None,
        well_formed: true,
    };

    /// A fully known date.
    pub fn known(date: Date) -> Self {
        Self {
            year: Some(date.year()),
            month: Some(date.month()),
            day: Some(date.day()),
            well_formed: true,
        }
    }

    /// A date of which only some parts are known; `year` has four digits.
    /// `None` when no day on any calendar fits the parts.
    pub fn partial(year: Option<i16>, month: Option<i8>, day: Option<i8>) -> Option<Self> {
        let date = Self {
            year,
            month,
            day,
            well_formed: true,
        };
        (year.is_none_or(|year| (1..=9999).contains(&year)) && date.fits_a_calendar())
            .then_some(date)
    }

    /// Reads a birth date: the newest century in which the date is not after `today`.
    pub(crate) fn birth(field: &[u8], today: Date) -> Self {
        Self::read(
            field,
            |candidates| {
                let oldest = today.year() - OLDEST_AGE;
                candidates
                    .into_iter()
                    .filter(|candidate| candidate.earliest().is_some_and(|date| date <= today))
                    .filter(|candidate| candidate.year.is_some_and(|year| year >= oldest))
                    .max_by_key(|candidate| candidate.year)
            },
            today,
        )
    }

    /// Reads an expiry date: the century that puts it between 50 years ago and in 50 years.
    pub(crate) fn expiry(field: &[u8], today: Date) -> Self {
        let span = jiff::Span::new().years(EXPIRY_WINDOW);
        let oldest = today.saturating_sub(span);
        let newest = today.saturating_add(span);
        Self::read(
            field,
            |candidates| {
                candidates.into_iter().find(|date| {
                    date.earliest()
                        .is_some_and(|day| oldest <= day && day < newest)
                })
            },
            today,
        )
    }

    fn read(field: &[u8], choose: impl FnOnce([Self; 3]) -> Option<Self>, today: Date) -> Self {
        let malformed = Self {
            well_formed: false,
            ..Self::UNKNOWN
        };
        let [y1, y2, m1, m2, d1, d2] = *field else {
            return malformed;
        };
        let (Part::Read(year), Part::Read(month), Part::Read(day)) =
            (part(y1, y2), part(m1, m2), part(d1, d2))
        else {
            return malformed;
        };
        let with_year = |year| Self {
            year,
            month,
            day,
            well_formed: true,
        };
        let Some(year) = year else {
            let date = with_year(None);
            return if date.fits_a_calendar() {
                date
            } else {
                malformed
            };
        };
        let century = today.year() - today.year().rem_euclid(100);
        let candidates = [century - 100, century, century + 100]
            .map(|century| with_year(Some(century + i16::from(year))));
        let possible = candidates.map(|date| Self {
            well_formed: date.fits_a_calendar(),
            ..date
        });
        let exists = possible.iter().any(|date| date.well_formed);
        // An impossible candidate has no earliest day and no distance, so it must not be chosen.
        let possible = possible.map(|date| if date.well_formed { date } else { malformed });
        if exists {
            choose(possible).unwrap_or(malformed)
        } else {
            malformed
        }
    }

    /// The six characters, without regard to the century.
    pub(crate) fn encode(&self) -> String {
        let two =
            |part: Option<i8>| part.map_or_else(|| "<<".to_owned(), |part| format!("{part:02}"));
        let year = self
            .year
            .and_then(|year| i8::try_from(year.rem_euclid(100)).ok());
        format!("{}{}{}", two(year), two(self.month), two(self.day))
    }

    /// The year with its century, where known.
    pub fn year(&self) -> Option<i16> {
        self.year
    }

    /// The month 1 to 12, where known.
    pub fn month(&self) -> Option<i8> {
        self.month
    }

    /// The day of the month 1 to 31, where known.
    pub fn day(&self) -> Option<i8> {
        self.day
    }

    /// Whether the six characters are a date that exists, or a date with unknown parts.
    /// False for letters, a month 13, or a 30 February; every part is `None` then.
    pub fn is_well_formed(&self) -> bool {
        self.well_formed
    }

    /// The day, when all three parts are known.
    pub fn to_date(&self) -> Option<Date> {
        Date::new(self.year?, self.month?, self.day?).ok()
    }

    /// The first day that fits the known parts; `None` without a year.
    pub fn earliest(&self) -> Option<Date> {
        Date::new(self.year?, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()
    }

    /// The last day that fits the known parts; `None` without a year.
    /// A birth date with unknown parts should be judged by this day: nobody is made older.
    pub fn latest(&self) -> Option<Date> {
        let first = Date::new(self.year?, self.month.unwrap_or(12), 1).ok()?;
        match self.day {
            Some(day) => Date::new(first.year(), first.month(), day).ok(),
            None => Some(first.last_of_month()),
        }
    }

    /// The known leading parts as ISO 8601: `1974-08-12`, `1974-08` or `1974`; `None` without a
    /// year.
    pub fn to_iso(&self) -> Option<String> {
        let year = self.year?;
        Some(match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
            (Some(month), None) => format!("{year:04}-{month:02}"),
            (None, _) => format!("{year:04}"),
        })
    }

    /// Whether some year and month exist that have this day; a leap year stands in for an unknown.
    fn fits_a_calendar(&self) -> bool {
        Date::new(
            self.year.unwrap_or(2000),
            self.month.unwrap_or(1),
            self.day.unwrap_or(1),
        )
        .is_ok()
    }
}

impl std::fmt::Debug for MrzDate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MrzDate").finish_non_exhaustive()
    }
}

enum Part {
    Read(Option<i8>),
    Malformed,
}

/// Reads two digits, or two fillers for an unknown part.
fn part(tens: u8, ones: u8) -> Part {
    match (tens, ones) {
        (b'<', b'<') => Part::Read(None),
        (b'0'..=b'9', b'0'..=b'9') => {
            Part::Read(i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok())
        }
        _ => Part::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 21);

    fn birth(field: &str) -> Option<String> {
        MrzDate::birth(field.as_bytes(), TODAY).to_iso()
    }

    fn expiry(field: &str) -> Option<String> {
        MrzDate::expiry(field.as_bytes(), TODAY).to_iso()
    }

    #[test]
    fn birth_takes_the_newest_day_not_in_the_future() {
        assert_eq!(birth("740812").as_deref(), Some("1974-08-12"));
        assert_eq!(birth("261121").as_deref(), Some("2026-11-21"));
        assert_eq!(birth("261122").as_deref(), Some("1926-11-22"));
        assert_eq!(birth("26<<<<").as_deref(), Some("2026"));
        assert_eq!(birth("2612<<").as_deref(), Some("1926-12"));
        assert_eq!(birth("000229").as_deref(), Some("2000-02-29"));
        assert_eq!(birth("<<<<<<"), None);
    }

    #[test]
    fn a_leap_day_may_need_the_older_century() {
        let today = date(2101, 1, 1);
        assert_eq!(
            MrzDate::birth(b"000229", today).to_iso().as_deref(),
            Some("2000-02-29")
        );
    }

    #[test]
    fn expiry_takes_the_nearest_century() {
        assert_eq!(expiry("120415").as_deref(), Some("2012-04-15"));
        assert_eq!(expiry("751231").as_deref(), Some("2075-12-31"));
        assert_eq!(expiry("780101").as_deref(), Some("1978-01-01"));
        assert_eq!(expiry("990101").as_deref(), Some("1999-01-01"));
    }

    #[test]
    fn impossible_dates_are_malformed() {
        for field in [
            "741301", "740230", "7408I2", "74081", "74<112", "00<<32", "<<1301",
        ] {
            let date = MrzDate::birth(field.as_bytes(), TODAY);
            assert!(!date.is_well_formed(), "{field}");
            assert_eq!(date.to_iso(), None, "{field}");
        }
        assert!(MrzDate::partial(Some(2023), Some(2), Some(29)).is_none());
        assert!(MrzDate::UNKNOWN.is_well_formed());
    }

    #[test]
    fn unknown_parts_span_a_range() {
        let date = MrzDate::birth(b"0402<<", TODAY);
        assert_eq!(date.earliest(), Some(Date::constant(2004, 2, 1)));
        assert_eq!(date.latest(), Some(Date::constant(2004, 2, 29)));
        assert_eq!(date.to_date(), None);
        assert_eq!(date.encode(), "0402<<");
    }
}
