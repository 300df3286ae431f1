//! Reads lines that are exactly as printed into a [`Mrz`].
//! Wrong check digits and odd fields are reported in the result; only lines that fit no format are
//! an error.

use jiff::civil::Date;
use thiserror::Error;

use crate::{
    check_digit::{CheckDigit, CheckField, check_digit_of},
    date::MrzDate,
    format::{Layout, MrzFormat, Span},
    name::read_name,
    state::is_known_state,
    zone::{Anomaly, Mrz, Sex},
};

/// Why lines are not a machine-readable zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Neither three lines of 30 nor two lines of 36 or 44.
    #[error("the number and length of the lines fit no format of ICAO 9303")]
    Shape,
    /// A character that is not `A`–`Z`, `0`–`9` or `<`.
    #[error("line {line} has a character other than A-Z, 0-9 and < in column {column}")]
    Character {
        /// Line, from zero.
        line: usize,
        /// Column in bytes, from zero.
        column: usize,
    },
}

/// Reads a zone. `today` decides the century of its dates (see [`MrzDate`]).
///
/// A two-line zone whose document code begins with `V` is a visa (ICAO 9303-7 §4.2.2); the other
/// formats cannot have that code.
///
/// ```
/// use jiff::civil::date;
/// let zone = verifa_mrz::parse(
///     &[
///         "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
///         "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
///     ],
///     date(2026, 11, 21),
/// )?;
/// assert!(zone.all_valid() && zone.is_well_formed());
/// assert_eq!(zone.given_names, "ANNA MARIA");
/// # Ok::<(), verifa_mrz::ParseError>(())
/// ```
pub fn parse(lines: &[impl AsRef<str>], today: Date) -> Result<Mrz, ParseError> {
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_ref().as_bytes()).collect();
    let visa = lines
        .first()
        .is_some_and(|line| line.first() == Some(&b'V'));
    let format = MrzFormat::ALL
        .into_iter()
        .filter(|format| format.is_visa() == visa || format.line_count() == 3)
        .find(|format| {
            lines.len() == format.line_count()
                && lines.iter().all(|line| line.len() == format.line_length())
        })
        .ok_or(ParseError::Shape)?;
    parse_as(format, &lines, today)
}

/// Reads lines of the format's length as that format.
pub(crate) fn parse_as(format: MrzFormat, lines: &[&[u8]], today: Date) -> Result<Mrz, ParseError> {
    let shaped = lines.len() == format.line_count()
        && lines.iter().all(|line| line.len() == format.line_length());
    if !shaped {
        return Err(ParseError::Shape);
    }
    for (index, line) in lines.iter().enumerate() {
        let allowed = |c: &u8| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'<';
        if let Some(column) = line.iter().position(|character| !allowed(character)) {
            return Err(ParseError::Character {
                line: index,
                column,
            });
        }
    }
    Ok(Reader {
        format,
        layout: format.layout(),
        lines,
        today,
    }
    .read())
}

/// The bytes of a span; empty where the lines are too short for it.
pub(crate) fn span_of<'a>(lines: &[&'a [u8]], span: Span) -> &'a [u8] {
    lines
        .get(span.line)
        .and_then(|line| line.get(span.start..span.start + span.length))
        .unwrap_or_default()
}

/// A document number that runs on into the optional data (ICAO 9303-5 and -6, note j).
pub(crate) struct LongNumber<'a> {
    /// What follows the nine characters, without its digit.
    pub(crate) rest: &'a [u8],
    pub(crate) digit: u8,
    /// What remains of the optional data.
    pub(crate) optional: &'a [u8],
}

/// Splits the optional data where the filler in the check digit's place says the number goes on.
pub(crate) fn long_number<'a>(
    format: MrzFormat,
    check: &[u8],
    optional: &'a [u8],
) -> Option<LongNumber<'a>> {
    if !format.allows_long_document_number() || check != b"<" {
        return None;
    }
    let end = optional
        .iter()
        .position(|c| *c == b'<')
        .unwrap_or(optional.len());
    let (run, remainder) = optional.split_at_checked(end)?;
    let (digit, rest) = run.split_last()?;
    // The rest and its digit are followed by a filler, which is not part of the data.
    let optional = remainder.get(1..).unwrap_or_default();
    (!rest.is_empty()).then_some(LongNumber {
        rest,
        digit: *digit,
        optional,
    })
}

struct Reader<'a> {
    format: MrzFormat,
    layout: &'static Layout,
    lines: &'a [&'a [u8]],
    today: Date,
}

impl<'a> Reader<'a> {
    fn bytes(&self, span: Span) -> &'a [u8] {
        span_of(self.lines, span)
    }

    fn text(&self, span: Span) -> String {
        text(self.bytes(span))
    }

    fn read(&self) -> Mrz {
        let layout = self.layout;
        let number = self.bytes(layout.document_number);
        let optional = self.bytes(layout.optional);
        let long = long_number(
            self.format,
            self.bytes(layout.document_number_check),
            optional,
        );
        let (document_number, optional_data) = match &long {
            Some(long) => (text(&[number, long.rest].concat()), text(long.optional)),
            None => (text(number), text(optional)),
        };
        let name = read_name(&String::from_utf8_lossy(self.bytes(layout.names)));
        let mut mrz = Mrz {
            format: self.format,
            lines: self
                .lines
                .iter()
                .map(|line| String::from_utf8_lossy(line).into())
                .collect(),
            document_code: self.text(layout.document_code),
            issuing_state: self.text(layout.issuing_state),
            nationality: self.text(layout.nationality),
            surname: name.surname,
            given_names: name.given_names,
            name_truncated: name.truncated,
            document_number,
            birth_date: MrzDate::birth(self.bytes(layout.birth_date), self.today),
            sex: match self.bytes(layout.sex) {
                b"M" => Sex::Male,
                b"F" => Sex::Female,
                _ => Sex::Unspecified,
            },
            expiry_date: MrzDate::expiry(self.bytes(layout.expiry_date), self.today),
            optional_data,
            optional_data_second: layout
                .optional_second
                .map(|span| self.text(span))
                .unwrap_or_default(),
            check_digits: self.check_digits(long.as_ref()),
            anomalies: Vec::new(),
        };
        mrz.anomalies = self.anomalies(&mrz);
        mrz
    }

    fn check_digits(&self, long: Option<&LongNumber<'_>>) -> Vec<CheckDigit> {
        let layout = self.layout;
        let number = self.bytes(layout.document_number);
        let document_number = match long {
            Some(long) => judge(CheckField::DocumentNumber, &[number, long.rest], long.digit),
            None => self.judge_span(
                CheckField::DocumentNumber,
                layout.document_number,
                layout.document_number_check,
            ),
        };
        let mut digits = vec![
            document_number,
            self.judge_span(
                CheckField::BirthDate,
                layout.birth_date,
                layout.birth_date_check,
            ),
            self.judge_span(
                CheckField::ExpiryDate,
                layout.expiry_date,
                layout.expiry_date_check,
            ),
        ];
        if let Some(check) = layout.optional_check {
            let mut digit = self.judge_span(CheckField::PersonalNumber, layout.optional, check);
            let empty = self.bytes(layout.optional).iter().all(|c| *c == b'<');
            // ICAO 9303-4 §4.2.2: zero or the filler, at the state's choice, when unused.
            digit.valid |= empty && digit.found == '<';
            digits.push(digit);
        }
        if let Some((check, covered)) = layout.composite {
            let runs: Vec<&[u8]> = covered.iter().map(|span| self.bytes(*span)).collect();
            let found = self.bytes(check).first().copied().unwrap_or(b'<');
            digits.push(judge(CheckField::Composite, &runs, found));
        }
        digits
    }

    fn judge_span(&self, field: CheckField, data: Span, check: Span) -> CheckDigit {
        let found = self.bytes(check).first().copied().unwrap_or(b'<');
        judge(field, &[self.bytes(data)], found)
    }

    fn anomalies(&self, mrz: &Mrz) -> Vec<Anomaly> {
        let layout = self.layout;
        let mut found = Vec::new();
        let mut note = |wrong: bool, anomaly| {
            if wrong {
                found.push(anomaly);
            }
        };
        note(
            !code_allowed(self.format, self.bytes(layout.document_code)),
            Anomaly::DocumentCode,
        );
        let state = state_code(self.bytes(layout.issuing_state));
        note(!state, Anomaly::IssuingState);
        note(
            state && !is_known_state(&mrz.issuing_state),
            Anomaly::UnknownIssuingState,
        );
        let missing = mrz.nationality.is_empty();
        note(missing, Anomaly::NationalityMissing);
        let nationality = state_code(self.bytes(layout.nationality));
        note(!nationality && !missing, Anomaly::Nationality);
        note(
            nationality && !is_known_state(&mrz.nationality),
            Anomaly::UnknownNationality,
        );
        let names = self.bytes(layout.names);
        note(
            names.iter().any(u8::is_ascii_digit) || names.first() == Some(&b'<'),
            Anomaly::Name,
        );
        note(!mrz.birth_date.is_well_formed(), Anomaly::BirthDate);
        note(!mrz.expiry_date.is_well_formed(), Anomaly::ExpiryDate);
        note(
            !matches!(self.bytes(layout.sex), b"M" | b"F" | b"<"),
            Anomaly::Sex,
        );
        note(
            mrz.document_number.is_empty() || mrz.document_number.contains('<'),
            Anomaly::DocumentNumber,
        );
        found
    }
}

fn judge(field: CheckField, runs: &[&[u8]], found: u8) -> CheckDigit {
    // Every character was checked to have a value, so the fallback is never taken.
    let expected = check_digit_of(runs.iter().copied()).unwrap_or('<');
    let found = char::from(found);
    CheckDigit {
        field,
        expected,
        found,
        valid: expected == found,
    }
}

/// Without trailing fillers; inner ones stay.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches('<')
        .to_owned()
}

/// One to three letters, then fillers only.
fn state_code(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|c| c.is_ascii_uppercase()).count();
    letters > 0 && bytes.iter().skip(letters).all(|c| *c == b'<')
}

/// The first letters that parts 4 to 7 allow: `P` for passports, `V` for visas, `A`, `C` and `I`
/// for cards; some states' TD2 and TD1 passports and permits use `P`, `R` and `T` as well.
/// `AC` is a crew certificate and `V` never a second letter of cards (ICAO 9303-5 §4.2.2 note k).
fn code_allowed(format: MrzFormat, code: &[u8]) -> bool {
    let (Some(first), Some(second)) = (code.first(), code.get(1)) else {
        return false;
    };
    let second_allowed = second.is_ascii_uppercase() || *second == b'<';
    let first_allowed = match format {
        MrzFormat::Td3 => *first == b'P',
        MrzFormat::MrvA | MrzFormat::MrvB => *first == b'V',
        MrzFormat::Td1 | MrzFormat::Td2 => matches!(first, b'A' | b'C' | b'I' | b'P' | b'R' | b'T'),
    };
    first_allowed && second_allowed
}
