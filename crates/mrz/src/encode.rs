//! Writes the lines of a machine-readable zone from its fields, with every check digit.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    check_digit::check_digit_of,
    date::MrzDate,
    format::{MrzFormat, Span},
    name::write_name,
    parse::span_of,
    zone::Sex,
};

/// The fields of a zone to be written.
///
/// Names may be in any spelling that ICAO 9303-3 §6 can transliterate; everything else is in the
/// characters of the zone, where spaces and hyphens become fillers. `Debug` names no person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrzFields {
    /// Which of the five formats.
    pub format: MrzFormat,
    /// One or two letters: `P`, `ID`, `V` ….
    pub document_code: String,
    /// One to three letters.
    pub issuing_state: String,
    /// One to three letters.
    pub nationality: String,
    /// Primary identifier; must not be empty.
    pub surname: String,
    /// Secondary identifier; may be empty.
    pub given_names: String,
    /// Up to 9 characters; on TD1 up to 22 and on TD2 up to 14, running on into the optional data.
    pub document_number: String,
    /// Date of birth.
    pub birth_date: MrzDate,
    /// Sex.
    pub sex: Sex,
    /// Date of expiry.
    pub expiry_date: MrzDate,
    /// The optional data; on TD3 the personal number.
    pub optional_data: String,
    /// The second optional field of TD1; must be empty elsewhere.
    pub optional_data_second: String,
}

impl std::fmt::Debug for MrzFields {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MrzFields")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// A field that may not fit, as named in [`EncodeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MrzField {
    /// The document code.
    DocumentCode,
    /// The issuing state.
    IssuingState,
    /// The nationality.
    Nationality,
    /// Surname or given names.
    Names,
    /// The document number.
    DocumentNumber,
    /// The optional data, or the personal number.
    OptionalData,
    /// The second optional field of TD1.
    OptionalDataSecond,
}

/// Why fields cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// The field must not be empty.
    #[error("{0:?} is empty")]
    Empty(MrzField),
    /// The field has a character without a place in the zone.
    #[error("{0:?} has a character that the zone cannot carry")]
    Character(MrzField),
    /// The field is longer than its place.
    #[error("{0:?} is too long for the format")]
    TooLong(MrzField),
}

/// Writes the zone's lines, each of exactly the format's length, with all check digits right.
/// Names that do not fit are truncated as ICAO 9303-4 §4.2.3 describes.
pub fn encode(fields: &MrzFields) -> Result<Vec<String>, EncodeError> {
    let format = fields.format;
    let layout = format.layout();
    let mut page = Page::blank(format);
    for (span, text, field) in [
        (
            layout.document_code,
            &fields.document_code,
            MrzField::DocumentCode,
        ),
        (
            layout.issuing_state,
            &fields.issuing_state,
            MrzField::IssuingState,
        ),
        (
            layout.nationality,
            &fields.nationality,
            MrzField::Nationality,
        ),
    ] {
        page.put(span, &letters(text, field)?, field)?;
    }
    if fields.surname.trim().is_empty() {
        return Err(EncodeError::Empty(MrzField::Names));
    }
    let names = write_name(&fields.surname, &fields.given_names, layout.names.length)
        .ok_or(EncodeError::Character(MrzField::Names))?;
    page.place(layout.names, &names);

    page.put_number(fields)?;
    page.place(layout.birth_date, &fields.birth_date.encode());
    page.check(layout.birth_date_check, &[layout.birth_date]);
    page.place(layout.expiry_date, &fields.expiry_date.encode());
    page.check(layout.expiry_date_check, &[layout.expiry_date]);
    page.place(layout.sex, fields.sex.as_char().encode_utf8(&mut [0; 4]));

    let second = data(&fields.optional_data_second, MrzField::OptionalDataSecond)?;
    match layout.optional_second {
        Some(span) => page.put(span, &second, MrzField::OptionalDataSecond)?,
        None if second.is_empty() => {}
        None => return Err(EncodeError::TooLong(MrzField::OptionalDataSecond)),
    }
    if let Some(check) = layout.optional_check {
        page.check(check, &[layout.optional]);
    }
    if let Some((check, covered)) = layout.composite {
        page.check(check, covered);
    }
    Ok(page.into_lines())
}

/// Lines full of fillers, into which fields are put.
struct Page {
    format: MrzFormat,
    lines: Vec<Vec<u8>>,
}

impl Page {
    fn blank(format: MrzFormat) -> Self {
        Self {
            format,
            lines: vec![vec![b'<'; format.line_length()]; format.line_count()],
        }
    }

    fn put(&mut self, span: Span, text: &str, field: MrzField) -> Result<(), EncodeError> {
        if text.len() > span.length {
            return Err(EncodeError::TooLong(field));
        }
        self.place(span, text);
        Ok(())
    }

    /// Writes a text that is known to fit.
    fn place(&mut self, span: Span, text: &str) {
        let places = self
            .lines
            .get_mut(span.line)
            .into_iter()
            .flatten()
            .skip(span.start);
        for (place, character) in places.take(span.length).zip(text.bytes()) {
            *place = character;
        }
    }

    /// Puts the document number and the optional data, which share a place when the number is long.
    fn put_number(&mut self, fields: &MrzFields) -> Result<(), EncodeError> {
        let layout = self.format.layout();
        let number = data(&fields.document_number, MrzField::DocumentNumber)?;
        let optional = data(&fields.optional_data, MrzField::OptionalData)?;
        if number.is_empty() {
            return Err(EncodeError::Empty(MrzField::DocumentNumber));
        }
        let Some((head, rest)) = number.split_at_checked(layout.document_number.length) else {
            self.put(layout.document_number, &number, MrzField::DocumentNumber)?;
            self.check(layout.document_number_check, &[layout.document_number]);
            return self.put(layout.optional, &optional, MrzField::OptionalData);
        };
        self.put(layout.document_number, head, MrzField::DocumentNumber)?;
        if rest.is_empty() {
            self.check(layout.document_number_check, &[layout.document_number]);
            return self.put(layout.optional, &optional, MrzField::OptionalData);
        }
        if !self.format.allows_long_document_number() {
            return Err(EncodeError::TooLong(MrzField::DocumentNumber));
        }
        if rest.contains('<') {
            return Err(EncodeError::Character(MrzField::DocumentNumber));
        }
        let digit = check_digit_of([number.as_bytes()])
            .ok_or(EncodeError::Character(MrzField::DocumentNumber))?;
        // The filler after the digit has to fit as well (note j of parts 5 and 6).
        if rest.len() + 2 > layout.optional.length {
            return Err(EncodeError::TooLong(MrzField::DocumentNumber));
        }
        self.put(
            layout.optional,
            &format!("{rest}{digit}<{optional}"),
            MrzField::OptionalData,
        )
    }

    /// Puts the digit over the spans; every character of the page has a value.
    fn check(&mut self, place: Span, covered: &[Span]) {
        let lines: Vec<&[u8]> = self.lines.iter().map(Vec::as_slice).collect();
        let digit = check_digit_of(covered.iter().map(|span| span_of(&lines, *span)));
        let target = self
            .lines
            .get_mut(place.line)
            .and_then(|line| line.get_mut(place.start));
        if let (Some(digit), Some(target)) = (digit.and_then(|d| u8::try_from(d).ok()), target) {
            *target = digit;
        }
    }

    fn into_lines(self) -> Vec<String> {
        self.lines
            .into_iter()
            .map(|line| line.into_iter().map(char::from).collect())
            .collect()
    }
}

/// Capital letters only; must not be empty.
fn letters(text: &str, field: MrzField) -> Result<String, EncodeError> {
    let text = text.trim_end_matches('<');
    if text.is_empty() {
        return Err(EncodeError::Empty(field));
    }
    if text.bytes().all(|c| c.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(EncodeError::Character(field))
    }
}

/// Capital letters and digits; spaces and hyphens become fillers, trailing ones vanish.
fn data(text: &str, field: MrzField) -> Result<String, EncodeError> {
    let written: String = text
        .chars()
        .map(|c| match c {
            'A'..='Z' | '0'..='9' | '<' => Ok(c),
            ' ' | '-' => Ok('<'),
            _ => Err(EncodeError::Character(field)),
        })
        .collect::<Result<_, _>>()?;
    Ok(written.trim_end_matches('<').to_owned())
}
