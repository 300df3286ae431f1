//! What a machine-readable zone says, field by field, and what is wrong with it.

use serde::{Deserialize, Serialize};

use crate::{
    check_digit::{CheckDigit, CheckField},
    date::MrzDate,
    format::MrzFormat,
};

/// The sex as the zone states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// `M`.
    Male,
    /// `F`.
    Female,
    /// `<`, which stands for the `X` of the visual zone or for no statement.
    Unspecified,
}

impl Sex {
    /// The character in the zone.
    pub const fn as_char(self) -> char {
        match self {
            Self::Male => 'M',
            Self::Female => 'F',
            Self::Unspecified => '<',
        }
    }
}

/// Something in a zone that ICAO 9303 does not allow and that no check digit covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anomaly {
    /// The document code does not begin with a letter that the format allows.
    DocumentCode,
    /// The issuing state is not one to three letters followed by fillers.
    IssuingState,
    /// The nationality is not one to three letters followed by fillers.
    Nationality,
    /// The nationality is left out. Some cards are issued to residents of any nationality, such as
    /// those of Macao.
    NationalityMissing,
    /// The issuing state has the form of a code, but ICAO 9303-3 §5 does not list it.
    UnknownIssuingState,
    /// The nationality has the form of a code, but ICAO 9303-3 §5 does not list it.
    UnknownNationality,
    /// The name field holds a digit or begins with a filler.
    Name,
    /// The birth date is not a date.
    BirthDate,
    /// The expiry date is not a date.
    ExpiryDate,
    /// The sex is none of `M`, `F` and `<` (`X` is read as unspecified, but is not allowed).
    Sex,
    /// The document number is empty or has fillers inside.
    DocumentNumber,
}

impl Anomaly {
    /// Whether a zone with this anomaly can still be taken for a document's: state codes are
    /// issued faster than lists follow, and test documents use invented ones.
    pub const fn is_tolerable(self) -> bool {
        matches!(
            self,
            Self::UnknownIssuingState
                | Self::UnknownNationality
                | Self::NationalityMissing
                | Self::DocumentNumber
        )
    }
}

/// A machine-readable zone, read.
///
/// Texts have their fillers removed (names: turned into spaces). `Debug` prints the format and the
/// verdict, never the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mrz {
    /// Which of the five formats.
    pub format: MrzFormat,
    /// The lines as read, each of the format's length.
    pub lines: Vec<String>,
    /// One or two letters: `P`, `ID`, `AC`, `V` ….
    pub document_code: String,
    /// Issuing state or organisation, one to three letters: `FRA`, `D`, `UTO`.
    pub issuing_state: String,
    /// Nationality, one to three letters.
    pub nationality: String,
    /// Primary identifier, components separated by spaces.
    pub surname: String,
    /// Secondary identifier, components separated by spaces; may be empty.
    pub given_names: String,
    /// Whether the name fills its field to the last place, so that parts may be missing.
    pub name_truncated: bool,
    /// The whole document number, also where it runs on into the optional data.
    pub document_number: String,
    /// Date of birth.
    pub birth_date: MrzDate,
    /// Sex.
    pub sex: Sex,
    /// Date of expiry; for visas the "valid until" date.
    pub expiry_date: MrzDate,
    /// The optional data without trailing fillers: the personal number on TD3, the first field on
    /// TD1 (without the rest of a long document number).
    pub optional_data: String,
    /// The second optional field of TD1, without trailing fillers; else empty.
    pub optional_data_second: String,
    /// Every check digit the format has, in the order of the lines.
    pub check_digits: Vec<CheckDigit>,
    /// What else is wrong with the zone.
    pub anomalies: Vec<Anomaly>,
}

impl Mrz {
    /// Whether every check digit is right.
    pub fn all_valid(&self) -> bool {
        self.check_digits.iter().all(|digit| digit.valid)
    }

    /// Whether every field has the form its kind demands, apart from
    /// [tolerable](Anomaly::is_tolerable) deviations.
    pub fn is_well_formed(&self) -> bool {
        self.anomalies.iter().all(|anomaly| anomaly.is_tolerable())
    }

    /// The check digit over one field, where the format has it.
    pub fn check(&self, field: CheckField) -> Option<&CheckDigit> {
        self.check_digits.iter().find(|digit| digit.field == field)
    }
}

impl std::fmt::Debug for Mrz {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Mrz")
            .field("format", &self.format)
            .field("all_valid", &self.all_valid())
            .field("anomalies", &self.anomalies)
            .finish_non_exhaustive()
    }
}
