//! Ages in full years.

use jiff::civil::Date;

/// Full years between two dates. Who was born on 29 February turns a year older on 1 March where
/// the year has no such day.
pub(crate) fn age_on(birth: Date, today: Date) -> i32 {
    let years = i32::from(today.year()) - i32::from(birth.year());
    let before_birthday = (today.month(), today.day()) < (birth.month(), birth.day());
    years - i32::from(before_birthday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_birthday_counts_from_its_own_day() {
        assert_eq!(age_on(date(2008, 11, 21), date(2026, 11, 20)), 17);
        assert_eq!(age_on(date(2008, 11, 21), date(2026, 11, 21)), 18);
        assert_eq!(age_on(date(2008, 2, 29), date(2026, 2, 28)), 17);
        assert_eq!(age_on(date(2008, 2, 29), date(2026, 3, 1)), 18);
        assert_eq!(age_on(date(2026, 11, 21), date(2026, 11, 21)), 0);
    }
}
