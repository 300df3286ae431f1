//! Characters that OCR engines take for one another, and their replacement where the place allows
//! only letters or only digits.

use super::{Cell, FittedLine, ReadCharacter};
use crate::format::MrzFormat;

/// What may stand in a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Letter,
    Digit,
    /// A digit, or the filler (an unknown part of a date, a long document number's check place).
    DigitOrFiller,
    Sex,
}

impl Kind {
    fn allows(self, character: u8) -> bool {
        match self {
            Self::Letter => character.is_ascii_uppercase() || character == b'<',
            Self::Digit => character.is_ascii_digit(),
            Self::DigitOrFiller => character.is_ascii_digit() || character == b'<',
            Self::Sex => matches!(character, b'M' | b'F' | b'<'),
        }
    }
}

/// How unlikely a swap is, in units of the natural logarithm, when the OCR engine names no
/// alternatives: twins of the OCR-B alphabet first.
pub(super) const TWIN_COST: f32 = 3.0;
const COUSIN_COST: f32 = 4.5;

/// Pairs that look alike in OCR-B at low resolution, with what a swap costs.
static PAIRS: &[(u8, u8, f32)] = &[
    (b'0', b'O', TWIN_COST),
    (b'1', b'I', TWIN_COST),
    (b'2', b'Z', TWIN_COST),
    (b'5', b'S', TWIN_COST),
    (b'6', b'G', TWIN_COST),
    (b'8', b'B', TWIN_COST),
    (b'0', b'D', COUSIN_COST),
    (b'0', b'Q', COUSIN_COST),
    (b'0', b'U', COUSIN_COST),
    (b'1', b'L', COUSIN_COST),
    (b'1', b'T', COUSIN_COST),
    (b'4', b'A', COUSIN_COST),
    (b'7', b'T', COUSIN_COST),
    (b'7', b'Z', COUSIN_COST),
    (b'7', b'Y', COUSIN_COST),
    (b'O', b'D', COUSIN_COST),
    (b'O', b'Q', COUSIN_COST),
    (b'M', b'N', COUSIN_COST),
    (b'M', b'H', COUSIN_COST),
    (b'V', b'Y', COUSIN_COST),
    (b'V', b'U', COUSIN_COST),
    (b'C', b'G', COUSIN_COST),
    (b'E', b'F', COUSIN_COST),
    (b'P', b'F', COUSIN_COST),
    (b'P', b'R', COUSIN_COST),
    (b'K', b'X', COUSIN_COST),
];

/// The characters that look like one, with the cost of taking them for it.
pub(super) fn look_alikes(character: u8) -> impl Iterator<Item = (u8, f32)> {
    PAIRS
        .iter()
        .filter_map(move |&(a, b, cost)| match character {
            c if c == a => Some((b, cost)),
            c if c == b => Some((a, cost)),
            _ => None,
        })
}

/// Puts a character of the right kind wherever the place allows only one kind.
pub(super) fn coerce(format: MrzFormat, lines: &mut [FittedLine<'_>]) {
    let layout = format.layout();
    let number_check = if format.allows_long_document_number() {
        Kind::DigitOrFiller
    } else {
        Kind::Digit
    };
    let places = [
        (layout.document_code, Kind::Letter),
        (layout.issuing_state, Kind::Letter),
        (layout.nationality, Kind::Letter),
        (layout.names, Kind::Letter),
        (layout.document_number_check, number_check),
        (layout.birth_date, Kind::DigitOrFiller),
        (layout.birth_date_check, Kind::Digit),
        (layout.sex, Kind::Sex),
        (layout.expiry_date, Kind::DigitOrFiller),
        (layout.expiry_date_check, Kind::Digit),
    ];
    let optional_check = layout
        .optional_check
        .map(|span| (span, Kind::DigitOrFiller));
    let composite = layout.composite.map(|(span, _)| (span, Kind::Digit));
    for (span, kind) in places.into_iter().chain(optional_check).chain(composite) {
        let cells = lines
            .get_mut(span.line)
            .into_iter()
            .flat_map(|line| &mut line.cells);
        for cell in cells.skip(span.start).take(span.length) {
            coerce_cell(cell, kind);
        }
    }
}

fn coerce_cell(cell: &mut Cell<'_>, kind: Kind) {
    if kind.allows(cell.value) {
        return;
    }
    let likeliest = cell
        .source
        .and_then(|source| likeliest_alternative(source, kind));
    if let Some(value) = likeliest.or_else(|| stand_in(cell.value, kind)) {
        cell.value = value;
    }
}

/// What the OCR engine itself thought second best, if that was more than a shadow of a thought.
fn likeliest_alternative(source: &ReadCharacter, kind: Kind) -> Option<u8> {
    const SHADOW: f32 = 0.01;
    source
        .alternatives
        .iter()
        .filter(|(_, probability)| *probability > SHADOW)
        .filter_map(|(value, _)| u8::try_from(*value).ok())
        .find(|value| kind.allows(*value))
}

/// The usual look-alike of the right kind.
fn stand_in(character: u8, kind: Kind) -> Option<u8> {
    if kind == Kind::Sex {
        return match character {
            b'H' | b'N' | b'W' => Some(b'M'),
            b'P' | b'E' | b'R' => Some(b'F'),
            b'K' | b'C' | b'X' => Some(b'<'),
            _ => None,
        };
    }
    let found = look_alikes(character).find(|(other, _)| kind.allows(*other));
    found.map(|(other, _)| other)
}
