//! Look-alike swaps that make every check digit right, inside the fields that mix letters and
//! digits. Dates, digits and names are never touched: there a swap would invent data.
//!
//! Check digits are linear modulo 10, so each possible swap shifts the digits by a fixed amount,
//! and the search is for the cheapest set of at most three swaps whose shifts cancel the error.

use jiff::civil::Date;

use super::{FittedLine, look_alike, parse_lines, values};
use crate::{format::MrzFormat, zone::Mrz};

/// The most swaps that are taken together; more would make any text fit.
const MOST_SWAPS: usize = 3;

/// The most swaps that are considered, the cheapest first; bounds the search.
const MOST_OPTIONS: usize = 48;

/// A replacement may not be less likely than this, in units of the natural logarithm.
const COSTLIEST: f32 = 9.0;

/// The check digits of one zone: what is expected minus what was found, modulo 10.
type Residuals = [u8; 5];

/// What a letter in place of a digit costs beyond the swap itself: numbers have more digits than
/// letters, which decides between two swaps that are otherwise alike.
const LETTER_COST: f32 = 0.5;

struct Swap {
    line: usize,
    column: usize,
    value: u8,
    cost: f32,
    shift: Residuals,
}

/// Swaps the cheapest look-alikes that make all check digits right. Leaves the lines alone and
/// returns `None` when there are none.
pub(super) fn swap_look_alikes(
    format: MrzFormat,
    lines: &mut [FittedLine<'_>],
    today: Date,
) -> Option<Mrz> {
    let before = values(lines);
    let mrz = parse_lines(format, &before, today)?;
    // Without two right dates this is hardly a zone, and swaps could only pretend that it is.
    if !mrz.birth_date.is_well_formed() || !mrz.expiry_date.is_well_formed() {
        return None;
    }
    let wrong = residuals(&mrz);
    let options = options(format, lines, &before, wrong, today);
    let chosen = cheapest(&options, wrong)?;
    let mut after = before;
    for swap in chosen.iter().filter_map(|index| options.get(*index)) {
        *after.get_mut(swap.line)?.get_mut(swap.column)? = swap.value;
    }
    let mrz = parse_lines(format, &after, today).filter(Mrz::all_valid)?;
    for swap in chosen.iter().filter_map(|index| options.get(*index)) {
        lines.get_mut(swap.line)?.cells.get_mut(swap.column)?.value = swap.value;
    }
    Some(mrz)
}

fn residuals(mrz: &Mrz) -> Residuals {
    let mut residuals = Residuals::default();
    for (residual, digit) in residuals.iter_mut().zip(&mrz.check_digits) {
        let value = |c: char| c.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
        let expected = value(digit.expected).unwrap_or(0);
        let found = value(digit.found).unwrap_or(0);
        *residual = (expected + 10 - found) % 10;
    }
    residuals
}

fn options(
    format: MrzFormat,
    lines: &[FittedLine<'_>],
    before: &[Vec<u8>],
    wrong: Residuals,
    today: Date,
) -> Vec<Swap> {
    let layout = format.layout();
    let spans = [
        Some(layout.document_number),
        Some(layout.optional),
        layout.optional_second,
    ];
    let mut options = Vec::new();
    for span in spans.into_iter().flatten() {
        let cells = lines
            .get(span.line)
            .into_iter()
            .flat_map(|line| line.cells.iter().enumerate());
        for (column, cell) in cells.skip(span.start).take(span.length) {
            let Some(source) = cell.source.filter(|_| cell.value != b'<') else {
                continue;
            };
            for (value, cost) in replacements(source, cell.value) {
                options.push((span.line, column, value, cost));
            }
        }
    }
    options.sort_by(|a, b| a.3.total_cmp(&b.3));
    options.truncate(MOST_OPTIONS);
    let shifted = |&(line, column, value, cost): &(usize, usize, u8, f32)| {
        let mut after = before.to_vec();
        *after.get_mut(line)?.get_mut(column)? = value;
        let mut shift = residuals(&parse_lines(format, &after, today)?);
        for (shift, wrong) in shift.iter_mut().zip(wrong) {
            *shift = (*shift + 10 - wrong) % 10;
        }
        // A swap that the digits cannot see would be arbitrary.
        (shift != Residuals::default()).then_some(Swap {
            line,
            column,
            value,
            cost,
            shift,
        })
    };
    options.iter().filter_map(shifted).collect()
}

/// What else a character may be: the engine's own alternatives by their probability, and the usual
/// look-alikes.
fn replacements(source: &super::ReadCharacter, current: u8) -> Vec<(u8, f32)> {
    const LEAST: f32 = 1e-4;
    let certain = source.probability(current).max(LEAST);
    let relative = |value: u8| (certain / source.probability(value).max(LEAST)).ln();
    let mut found: Vec<(u8, f32)> = look_alike::look_alikes(current)
        .map(|(value, cost)| (value, relative(value).clamp(0.0, cost)))
        .collect();
    for (value, _) in &source.alternatives {
        if let Ok(value) = u8::try_from(*value)
            && value.is_ascii_alphanumeric()
            && value != current
            && found.iter().all(|(known, _)| *known != value)
        {
            found.push((value, relative(value).max(0.0)));
        }
    }
    for (value, cost) in &mut found {
        if value.is_ascii_uppercase() {
            *cost += LETTER_COST;
        }
    }
    found.retain(|(_, cost)| *cost <= COSTLIEST);
    found
}

/// The cheapest set of swaps, of different places, whose shifts cancel the error. Each swap beyond
/// the first is penalised, since one misreading is likelier than two.
fn cheapest(options: &[Swap], wrong: Residuals) -> Option<Vec<usize>> {
    let mut search = Search {
        options,
        chosen: Vec::new(),
        best: None,
    };
    search.extend(0, wrong, 0.0);
    search.best.map(|(_, chosen)| chosen)
}

struct Search<'a> {
    options: &'a [Swap],
    chosen: Vec<usize>,
    best: Option<(f32, Vec<usize>)>,
}

impl Search<'_> {
    fn extend(&mut self, from: usize, wrong: Residuals, cost: f32) {
        if self.best.as_ref().is_some_and(|(least, _)| *least <= cost) {
            return;
        }
        if wrong == Residuals::default() {
            self.best = Some((cost, self.chosen.clone()));
            return;
        }
        if self.chosen.len() == MOST_SWAPS {
            return;
        }
        for (index, swap) in self.options.iter().enumerate().skip(from) {
            let taken = self
                .chosen
                .iter()
                .filter_map(|index| self.options.get(*index));
            let mut places = taken.map(|other| (other.line, other.column));
            if places.any(|place| place == (swap.line, swap.column)) {
                continue;
            }
            let mut left = wrong;
            for (left, shift) in left.iter_mut().zip(swap.shift) {
                *left = (*left + shift) % 10;
            }
            self.chosen.push(index);
            self.extend(index + 1, left, cost + swap.cost + look_alike::TWIN_COST);
            self.chosen.pop();
        }
    }
}
