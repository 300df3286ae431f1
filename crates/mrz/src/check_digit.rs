//! The check digits of ICAO 9303-3 §4.9: modulus 10 with the weights 7, 3, 1.
//! A digit finds single misreadings whose values differ modulo 10; swaps such as `G` for `6` pass.

use serde::{Deserialize, Serialize};

/// Which data a check digit covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckField {
    /// The document number, with the part that runs on into the optional data where it does.
    DocumentNumber,
    /// The date of birth.
    BirthDate,
    /// The date of expiry, or the "valid until" date of a visa.
    ExpiryDate,
    /// The personal number of a passport (ICAO 9303-4 §4.2.2, line 2 position 43).
    PersonalNumber,
    /// The digit over several fields at the end of TD1, TD2 and TD3.
    Composite,
}

impl CheckField {
    /// The stable name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentNumber => "document_number",
            Self::BirthDate => "birth_date",
            Self::ExpiryDate => "expiry_date",
            Self::PersonalNumber => "personal_number",
            Self::Composite => "composite",
        }
    }
}

/// One check digit: what the data demands and what the document says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDigit {
    /// The data the digit covers.
    pub field: CheckField,
    /// The digit computed from the data, `0` to `9`.
    pub expected: char,
    /// The character in the digit's place.
    pub found: char,
    /// Whether the found character is right. An empty personal number may carry `<` for `0`.
    pub valid: bool,
}

/// The value of a character: digits count as themselves, letters from `A` = 10, the filler as 0.
/// `None` for anything that cannot stand in a machine-readable zone.
pub const fn character_value(character: u8) -> Option<u32> {
    match character {
        b'0'..=b'9' => Some((character - b'0') as u32),
        b'A'..=b'Z' => Some((character - b'A') as u32 + 10),
        b'<' => Some(0),
        _ => None,
    }
}

/// The check digit over a text, `0` to `9`, or `None` when a character has no value.
///
/// ```
/// // ICAO 9303-3 §4.9, example 1
/// assert_eq!(verifa_mrz::check_digit("520727"), Some('3'));
/// ```
pub fn check_digit(text: &str) -> Option<char> {
    check_digit_of([text.as_bytes()])
}

/// The check digit over several runs, as if they stood one after the other.
pub(crate) fn check_digit_of<'a>(runs: impl IntoIterator<Item = &'a [u8]>) -> Option<char> {
    let mut sum = 0_u32;
    let mut weights = [7_u32, 3, 1].into_iter().cycle();
    for &character in runs.into_iter().flatten() {
        let weight = weights.next().unwrap_or(0);
        // Reduced at each step, so that no length can overflow.
        sum = (sum + character_value(character)? * weight) % 10;
    }
    char::from_digit(sum, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icao_examples() {
        // ICAO 9303-3 §4.9, examples 1 and 2, and the composite of example 3 (TD1).
        assert_eq!(check_digit("520727"), Some('3'));
        assert_eq!(check_digit("AB2134<<<"), Some('5'));
        assert_eq!(
            check_digit("D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<<"),
            Some('2')
        );
        assert_eq!(check_digit("HA672242<658022549601086<<<<<<<"), Some('8'));
        assert_eq!(check_digit("é"), None);
    }
}
