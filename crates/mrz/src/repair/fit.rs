//! Brings a line to the format's length: OCR engines miscount runs of fillers and see specks at
//! the ends of a line as characters.

use super::{Cell, FittedLine, ReadCharacter, ReadLine, is_zone_character};
use crate::format::MrzFormat;

/// Characters that may be missing from a line, as a share of its length. A line of names may have
/// lost nearly all its fillers; a line of data has few runs that can be miscounted.
const NAME_SHORTFALL: usize = 60;
const DATA_SHORTFALL: usize = 45;

/// Characters that may be too many.
const SURPLUS: usize = 8;

/// The most ways of fitting one line that are tried.
const MOST_FITS: usize = 12;

/// The ways to bring a line to the format's length, the likeliest first; empty when its length is
/// too far off.
pub(super) fn fits(format: MrzFormat, index: usize, line: &ReadLine) -> Vec<FittedLine<'_>> {
    let length = format.line_length();
    let cells: Vec<Cell<'_>> = line.characters.iter().filter_map(cell).collect();
    let names = index == format.layout().names.line;
    let shortfall = length
        * if names {
            NAME_SHORTFALL
        } else {
            DATA_SHORTFALL
        }
        / 100;
    if cells.len() + shortfall < length || cells.len() > length + SURPLUS {
        return Vec::new();
    }
    let mut found = if names {
        fit_names(&cells, length)
    } else {
        fit_data(&cells, length)
    };
    found.truncate(MOST_FITS);
    found
}

fn cell(source: &ReadCharacter) -> Option<Cell<'_>> {
    let value = u8::try_from(source.value)
        .ok()
        .filter(|_| is_zone_character(source.value))?;
    Some(Cell {
        value,
        source: Some(source),
    })
}

const FILLER: Cell<'static> = Cell {
    value: b'<',
    source: None,
};

/// A line that ends in names ends in fillers: they are added or taken away at the end.
fn fit_names<'a>(cells: &[Cell<'a>], length: usize) -> Vec<FittedLine<'a>> {
    let mut found = vec![at_end(cells, length)];
    if cells.len() > length {
        // A speck before the first letter shifts everything.
        found.extend(cells.get(1..).map(|rest| {
            let fitted = at_end(rest, length);
            FittedLine {
                dropped: fitted.dropped + 1,
                ..fitted
            }
        }));
    }
    for fitted in &mut found {
        clear_trailing_noise(&mut fitted.cells);
    }
    found
}

fn at_end<'a>(cells: &[Cell<'a>], length: usize) -> FittedLine<'a> {
    let mut fitted: Vec<Cell<'a>> = cells.iter().copied().take(length).collect();
    fitted.resize(length, FILLER);
    FittedLine {
        cells: fitted,
        dropped: cells.len().saturating_sub(length),
    }
}

/// After the names only fillers follow, so one or two letters between, or behind, runs of fillers
/// are fillers misread (ICAO 9303-3 §4.6 knows no third identifier).
fn clear_trailing_noise(cells: &mut [Cell<'_>]) {
    // A run of three cannot separate components, so the names end before the first such run.
    let Some(end) = cells
        .windows(3)
        .position(|run| run.iter().all(|cell| cell.value == b'<'))
    else {
        return;
    };
    // The code and the state may be followed by fillers too: `D<<` begins in the third column.
    let Some(tail) = cells.get_mut(end..).filter(|_| end > 5) else {
        return;
    };
    let noise = tail
        .split(|cell| cell.value == b'<')
        .map(<[_]>::len)
        .max()
        .unwrap_or(0);
    if noise <= 2 {
        for cell in tail {
            cell.value = b'<';
        }
    }
}

/// In a line of data the missing or surplus fillers can be in any run of fillers, the longest run
/// first; without one, a character at either end may be a speck.
fn fit_data<'a>(cells: &[Cell<'a>], length: usize) -> Vec<FittedLine<'a>> {
    if cells.len() == length {
        return vec![FittedLine {
            cells: cells.to_vec(),
            dropped: 0,
        }];
    }
    let mut found = Vec::new();
    let mut runs = filler_runs(cells);
    runs.sort_by_key(|run| std::cmp::Reverse(run.1));
    if let Some(missing) = length.checked_sub(cells.len()) {
        for (start, _) in runs {
            found.extend(insert(cells, start, missing));
        }
        if missing <= 2 {
            found.push(at_end(cells, length));
        }
        return found;
    }
    let surplus = cells.len() - length;
    for (start, run_length) in runs {
        if run_length > surplus {
            found.extend(remove(cells, start, surplus));
        }
    }
    // Specks at the ends: all at the end, all at the start, or both.
    for leading in 0..=surplus.min(3) {
        let kept = cells.get(leading..leading + length);
        found.extend(kept.map(|kept| FittedLine {
            cells: kept.to_vec(),
            dropped: surplus,
        }));
    }
    found
}

/// Start and length of each run of fillers.
fn filler_runs(cells: &[Cell<'_>]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (column, _) in cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.value == b'<')
    {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == column => *length += 1,
            _ => runs.push((column, 1)),
        }
    }
    runs
}

fn insert<'a>(cells: &[Cell<'a>], at: usize, count: usize) -> Option<FittedLine<'a>> {
    let (before, after) = cells.split_at_checked(at)?;
    let added = std::iter::repeat_n(FILLER, count);
    let cells = before
        .iter()
        .copied()
        .chain(added)
        .chain(after.iter().copied())
        .collect();
    Some(FittedLine { cells, dropped: 0 })
}

fn remove<'a>(cells: &[Cell<'a>], at: usize, count: usize) -> Option<FittedLine<'a>> {
    let before = cells.get(..at)?;
    let after = cells.get(at + count..)?;
    Some(FittedLine {
        cells: [before, after].concat(),
        dropped: count,
    })
}
