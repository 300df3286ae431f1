//! Kinds of document as checks tell them apart, and how a zone says which it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use verifa_core::session::IdKind;
use verifa_mrz::{Mrz, MrzFormat};

/// The kind of a document.
#[derive(Deserialize, Serialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DocumentKind {
    /// A passport, booklet or card.
    Passport,
    /// A driving licence.
    DriversLicense,
    /// A national identity card.
    NationalId,
    /// A residence permit.
    ResidencePermit,
    /// A visa.
    Visa,
}

impl DocumentKind {
    const ALL: [Self; 5] = [
        Self::Passport,
        Self::DriversLicense,
        Self::NationalId,
        Self::ResidencePermit,
        Self::Visa,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::DriversLicense => "drivers_license",
            Self::NationalId => "national_id",
            Self::ResidencePermit => "residence_permit",
            Self::Visa => "visa",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind that a zone's document code stands for: `V…` visas (ICAO 9303-7 §4.2), `P…`
    /// passports, and passport cards, which the United States mark `IP` on TD1. Of the other codes
    /// ICAO leaves the second letter to the state (9303-5, -6 §4.2.2); `R` marks residence permits
    /// in the European format (Regulation (EC) 1030/2002).
    pub(crate) fn of_zone(mrz: &Mrz) -> Self {
        if mrz.format.is_visa() {
            return Self::Visa;
        }
        let mut letters = mrz.document_code.chars();
        match (letters.next(), letters.next()) {
            (Some('P'), _) | (Some('I'), Some('P')) => Self::Passport,
            (Some('I' | 'A' | 'C'), Some('R')) => Self::ResidencePermit,
            _ if mrz.format == MrzFormat::Td3 => Self::Passport,
            _ => Self::NationalId,
        }
    }

    pub(crate) const fn of_declared(kind: IdKind) -> Self {
        match kind {
            IdKind::Passport => Self::Passport,
            IdKind::DriversLicense => Self::DriversLicense,
            IdKind::NationalId => Self::NationalId,
            IdKind::ResidencePermit => Self::ResidencePermit,
        }
    }
}
