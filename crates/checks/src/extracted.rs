//! What documents say about a person: the fields of spec/sessions.md, "Result object".

use serde::{Deserialize, Serialize};

/// A postal address as printed.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExtractedAddress {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Further line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
}

/// Data read from a document. Dates are `YYYY-MM-DD`; a part that the document leaves unknown
/// leaves the whole date out. Personal data: not `Debug`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExtractedData {
    /// Given names, as one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Further given names, where they are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Surname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<ExtractedAddress>,
    /// Document number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_number: Option<String>,
    /// Nationality as printed: three letters of ICAO 9303-3, section 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// `M`, `F` or `X`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Social security number, where a document bears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssn: Option<String>,
    /// `passport`, `national_id`, `residence_permit`, `drivers_license`, `visa`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_type: Option<String>,
    /// Expiry date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_expiration_date: Option<String>,
    /// Issuing state as printed: three letters of ICAO 9303-3, section 5, or a state of a
    /// federation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_issuing_state: Option<String>,
    /// Issuing country, ISO 3166-1 alpha-3 or the code that ICAO 9303-3 gives instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_issuing_country: Option<String>,
    /// Issue date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_issue_date: Option<String>,
    /// The lines of the machine-readable zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mrz: Option<Vec<String>>,
}

impl ExtractedData {
    /// The age in full years on a day; `None` without a whole birth date, or before the birth.
    pub fn age_on(&self, day: jiff::civil::Date) -> Option<i64> {
        let birth: jiff::civil::Date = self.date_of_birth.as_deref()?.parse().ok()?;
        (day >= birth).then(|| i64::from(crate::age::age_on(birth, day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn age_is_in_full_years() {
        let born = |text: &str| ExtractedData {
            date_of_birth: Some(text.to_owned()),
            ..ExtractedData::default()
        };
        assert_eq!(born("1997-06-15").age_on(date(2026, 6, 14)), Some(28));
        assert_eq!(born("1997-06-15").age_on(date(2026, 6, 15)), Some(29));
        assert_eq!(born("2004-02-29").age_on(date(2022, 2, 28)), Some(17));
        assert_eq!(born("2004-02-29").age_on(date(2022, 3, 1)), Some(18));
        assert_eq!(born("2030-01-01").age_on(date(2026, 1, 1)), None);
        assert_eq!(born("no date").age_on(date(2026, 1, 1)), None);
    }
}
