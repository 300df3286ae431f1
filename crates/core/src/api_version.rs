//! Dated API versions (spec/conventions.md, "Versions").

use std::fmt;

use crate::time::Timestamp;
use jiff::civil::Date;

/// Every version, oldest first.
const VERSIONS: &[Date] = &[jiff::civil::date(2026, 1, 1)];

/// A version that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(Date);

/// A date that resolves to no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Not `YYYY-MM-DD`.
    #[error("Verifa-Version must be a date of the form YYYY-MM-DD.")]
    Malformed,
    /// Before the first version.
    #[error("Verifa-Version lies before the first version, 2026-01-01.")]
    BeforeFirst,
    /// After today.
    #[error("Verifa-Version lies in the future.")]
    InFuture,
}

impl ApiVersion {
    /// The newest version.
    pub const fn current() -> Self {
        Self(VERSIONS[VERSIONS.len() - 1])
    }

    /// The newest version that is not after the date `text`.
    ///
    /// # Errors
    /// When the text is no date, or one before the first version, or one after today in UTC.
    pub fn resolve(text: &str, now: Timestamp) -> Result<Self, VersionError> {
        let date = parse_date(text).ok_or(VersionError::Malformed)?;
        if date > now.date() {
            return Err(VersionError::InFuture);
        }
        VERSIONS
            .iter()
            .rev()
            .find(|version| **version <= date)
            .map(|version| Self(*version))
            .ok_or(VersionError::BeforeFirst)
    }
}

/// Strictly `YYYY-MM-DD`; jiff alone would take wider forms of ISO 8601.
fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shaped { text.parse().ok() } else { None }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_date_from_the_first_to_today_resolves() {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        for text in ["2026-01-01", "2026-02-01", "2026-11-21"] {
            assert_eq!(
                ApiVersion::resolve(text, now).unwrap().to_string(),
                "2026-01-01"
            );
        }
        let refused = |text| ApiVersion::resolve(text, now).unwrap_err();
        assert_eq!(refused("2025-12-31"), VersionError::BeforeFirst);
        assert_eq!(refused("2026-11-22"), VersionError::InFuture);
        for text in [
            "",
            "2026-13-01",
            "2026-02-30",
            "20260201",
            "2026-2-1",
            "+2026-02-01",
            "v1",
        ] {
            assert_eq!(refused(text), VersionError::Malformed, "{text}");
        }
    }
}
