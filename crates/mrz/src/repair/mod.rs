//! Mends lines that an OCR engine read from a machine-readable zone, and marks what it changed.
//! The zone's own rules guide it: a place's kind (letter or digit), the fixed length of the lines,
//! and the check digits. Dates are never altered beyond turning a letter into its digit.

mod fit;
mod look_alike;
mod swap;

use jiff::civil::Date;

use crate::{format::MrzFormat, parse::parse_as, zone::Mrz};

/// How many lines [`repair`] looks at; more are ignored.
const MOST_LINES: usize = 8;

/// One character as an OCR engine read it.
#[derive(Clone, PartialEq)]
pub struct ReadCharacter {
    /// The most likely character; anything but `A`–`Z`, `0`–`9` and `<` is dropped.
    pub value: char,
    /// Its probability, 0 to 1.
    pub confidence: f32,
    /// Other characters it may be, with their probabilities, the likeliest first.
    pub alternatives: Vec<(char, f32)>,
}

impl ReadCharacter {
    fn probability(&self, character: u8) -> f32 {
        let character = char::from(character);
        if character == self.value {
            return self.confidence;
        }
        let alternative = self
            .alternatives
            .iter()
            .find(|(value, _)| *value == character);
        alternative.map_or(0.0, |(_, probability)| *probability)
    }
}

/// One line as an OCR engine read it.
/// `Debug` shows its length only.
#[derive(Clone, Default, PartialEq)]
pub struct ReadLine {
    /// From left to right, without spaces.
    pub characters: Vec<ReadCharacter>,
}

impl ReadLine {
    /// A line of which only the text is known: letters are made capital, spaces and characters
    /// outside the zone's alphabet dropped, guillemets taken for two fillers.
    pub fn from_text(text: &str) -> Self {
        let values = text.chars().flat_map(|c| match c {
            '«' => ['<', '<'].into_iter().take(2),
            '‹' | '〈' | '＜' => ['<', '<'].into_iter().take(1),
            _ => [c.to_ascii_uppercase(), '<'].into_iter().take(1),
        });
        let characters = values
            .filter(|c| is_zone_character(*c))
            .map(|value| ReadCharacter {
                value,
                confidence: 1.0,
                alternatives: Vec::new(),
            })
            .collect();
        Self { characters }
    }

    /// How many fillers were read.
    pub fn fillers(&self) -> usize {
        self.characters
            .iter()
            .filter(|character| character.value == '<')
            .count()
    }

    /// The text of the likeliest characters.
    pub fn text(&self) -> String {
        self.characters
            .iter()
            .map(|character| character.value)
            .collect()
    }
}

impl std::fmt::Debug for ReadLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.characters.len();
        formatter
            .debug_struct("ReadLine")
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

/// Why a character of the mended zone differs from what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairKind {
    /// A letter where only a digit can stand, or the reverse.
    Coerced,
    /// A look-alike that makes the check digits right.
    Swapped,
    /// A filler added to a run of fillers, or put for a lone letter within one.
    Filler,
}

/// One character that was changed. It holds no character itself, so that it may be shown anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Repair {
    /// Line, from zero.
    pub line: usize,
    /// Column in the mended line, from zero.
    pub column: usize,
    /// What was done.
    pub kind: RepairKind,
}

/// A mended zone.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The zone. Its check digits need not all be right: see [`Mrz::all_valid`].
    pub mrz: Mrz,
    /// Index of the zone's first line among the lines given.
    pub first_line: usize,
    /// What was changed.
    pub repairs: Vec<Repair>,
    /// How many read characters were left out, as noise or surplus fillers.
    pub dropped: usize,
}

impl Repaired {
    /// Whether the zone may be trusted: all check digits right and every field of its kind.
    pub fn is_sound(&self) -> bool {
        self.mrz.all_valid() && self.mrz.is_well_formed()
    }

    /// Higher is better: sound, then more right digits, then fewer odd fields, then less mending.
    fn rank(
        &self,
    ) -> (
        bool,
        usize,
        std::cmp::Reverse<usize>,
        std::cmp::Reverse<usize>,
    ) {
        let right = self
            .mrz
            .check_digits
            .iter()
            .filter(|digit| digit.valid)
            .count();
        let share = right * 60 / self.mrz.check_digits.len().max(1);
        let swapped = self
            .repairs
            .iter()
            .filter(|r| r.kind == RepairKind::Swapped)
            .count();
        let effort = self.repairs.len() + 2 * swapped + self.dropped;
        let odd = self.mrz.anomalies.len();
        (
            self.is_sound(),
            share,
            std::cmp::Reverse(odd),
            std::cmp::Reverse(effort),
        )
    }
}

/// Finds the zone among neighbouring lines, top to bottom, and mends it.
///
/// Every run of two or three lines is tried in every format whose lengths it can be brought to.
/// `None` when no run comes near to any format. Takes well under a millisecond for clean lines and
/// is bounded for any input.
pub fn repair(lines: &[ReadLine], today: Date) -> Option<Repaired> {
    let lines = lines.get(..lines.len().min(MOST_LINES)).unwrap_or_default();
    let mut best: Option<Repaired> = None;
    for first_line in 0..lines.len() {
        for format in MrzFormat::ALL {
            let run = lines.get(first_line..first_line + format.line_count());
            let attempt = run.and_then(|run| repair_as(format, run, first_line, today));
            if let Some(attempt) = attempt
                && best
                    .as_ref()
                    .is_none_or(|best| best.rank() < attempt.rank())
            {
                best = Some(attempt);
            }
        }
    }
    best
}

/// A place in a line under repair.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    value: u8,
    /// What was read here; none for an added filler.
    source: Option<&'a ReadCharacter>,
}

/// A line brought to its length.
#[derive(Clone)]
pub(crate) struct FittedLine<'a> {
    cells: Vec<Cell<'a>>,
    dropped: usize,
}

fn repair_as(
    format: MrzFormat,
    lines: &[ReadLine],
    first_line: usize,
    today: Date,
) -> Option<Repaired> {
    let fits: Vec<Vec<FittedLine<'_>>> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| fit::fits(format, index, line))
        .collect();
    // The lines' fits are judged one line at a time, the other lines at their first choice, since
    // check digits other than TD1's composite stay within one line.
    let mut chosen: Vec<usize> = vec![0; fits.len()];
    let mut best = attempt(format, &fits, &chosen, first_line, today)?;
    for line in 0..fits.len() {
        for choice in 1..fits.get(line).map_or(0, Vec::len) {
            let mut candidate = chosen.clone();
            *candidate.get_mut(line)? = choice;
            let Some(tried) = attempt(format, &fits, &candidate, first_line, today) else {
                continue;
            };
            if best.rank() < tried.rank() {
                best = tried;
                chosen = candidate;
            }
        }
    }
    Some(best)
}

fn attempt(
    format: MrzFormat,
    fits: &[Vec<FittedLine<'_>>],
    chosen: &[usize],
    first_line: usize,
    today: Date,
) -> Option<Repaired> {
    let mut lines: Vec<FittedLine<'_>> = fits
        .iter()
        .zip(chosen)
        .map(|(choices, choice)| choices.get(*choice).cloned())
        .collect::<Option<_>>()?;
    look_alike::coerce(format, &mut lines);
    if !document_code_fits(format, &lines) {
        return None;
    }
    let coerced = values(&lines);
    let mrz = parse_lines(format, &coerced, today)?;
    let mrz = if mrz.all_valid() {
        mrz
    } else {
        swap::swap_look_alikes(format, &mut lines, today).unwrap_or(mrz)
    };
    Some(Repaired {
        repairs: marks(&lines, &coerced),
        dropped: lines.iter().map(|line| line.dropped).sum(),
        mrz,
        first_line,
    })
}

/// The first letter of the document code separates passports, visas and cards; a zone that begins
/// with anything else is not worth mending.
fn document_code_fits(format: MrzFormat, lines: &[FittedLine<'_>]) -> bool {
    let first = lines
        .first()
        .and_then(|line| line.cells.first())
        .map(|cell| cell.value);
    match format {
        MrzFormat::Td3 => first == Some(b'P'),
        MrzFormat::MrvA | MrzFormat::MrvB => first == Some(b'V'),
        MrzFormat::Td1 | MrzFormat::Td2 => {
            matches!(first, Some(b'A' | b'C' | b'I' | b'P' | b'R' | b'T'))
        }
    }
}

fn values(lines: &[FittedLine<'_>]) -> Vec<Vec<u8>> {
    lines
        .iter()
        .map(|line| line.cells.iter().map(|cell| cell.value).collect())
        .collect()
}

fn parse_lines(format: MrzFormat, lines: &[Vec<u8>], today: Date) -> Option<Mrz> {
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    parse_as(format, &lines, today).ok()
}

/// Compares the mended lines with what was read, and with what stood there before the swaps.
fn marks(lines: &[FittedLine<'_>], coerced: &[Vec<u8>]) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for (line, (fitted, before)) in lines.iter().zip(coerced).enumerate() {
        for (column, (cell, before)) in fitted.cells.iter().zip(before).enumerate() {
            let kind = match cell.source {
                None => RepairKind::Filler,
                Some(_) if cell.value != *before => RepairKind::Swapped,
                Some(source) if source.value == char::from(cell.value) => continue,
                Some(_) if cell.value == b'<' => RepairKind::Filler,
                Some(_) => RepairKind::Coerced,
            };
            repairs.push(Repair { line, column, kind });
        }
    }
    repairs
}

fn is_zone_character(character: char) -> bool {
    matches!(character, 'A'..='Z' | '0'..='9' | '<')
}
