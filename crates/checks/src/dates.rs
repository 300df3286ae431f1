//! Dates of a document, also those of which the document leaves a part unknown.

use jiff::civil::Date;
use verifa_mrz::{Mrz, MrzDate};

use crate::extracted::ExtractedData;

/// A date that is known at least within bounds.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// The first day it can be.
    pub(crate) earliest: Date,
    /// The last day it can be.
    pub(crate) latest: Date,
}

impl Bounds {
    pub(crate) fn is_exact(self) -> bool {
        self.earliest == self.latest
    }
}

/// The birth date.
pub(crate) fn birth(extracted: &ExtractedData, today: Date) -> Option<Bounds> {
    find(
        extracted.date_of_birth.as_deref(),
        extracted,
        today,
        |mrz| mrz.birth_date,
    )
}

/// The expiry date.
pub(crate) fn expiry(extracted: &ExtractedData, today: Date) -> Option<Bounds> {
    find(
        extracted.document_expiration_date.as_deref(),
        extracted,
        today,
        |mrz| mrz.expiry_date,
    )
}

/// The field, or what the zone says where it leaves day or month unknown (ICAO 9303-3 §4.8).
fn find(
    field: Option<&str>,
    extracted: &ExtractedData,
    today: Date,
    of_zone: impl Fn(&Mrz) -> MrzDate,
) -> Option<Bounds> {
    if let Some(date) = field.and_then(|text| text.parse().ok()) {
        return Some(Bounds {
            earliest: date,
            latest: date,
        });
    }
    let date = of_zone(&zone(extracted, today)?);
    // Without a year there is nothing to go by: the bounds would be the whole calendar.
    date.year()?;
    Some(Bounds {
        earliest: date.earliest()?,
        latest: date.latest()?,
    })
}

/// The machine-readable zone, read again from its stored lines.
pub(crate) fn zone(extracted: &ExtractedData, today: Date) -> Option<Mrz> {
    verifa_mrz::parse(extracted.mrz.as_deref()?, today).ok()
}
