//! The search itself: look for lines at a modest size first, read the likeliest groups, and spend
//! more only where the picture shows something that resembles a zone.

use std::time::Instant;

use jiff::civil::Date;
use verifa_mrz::{
    Mrz,
    repair::{ReadLine, Repaired, repair},
};

use super::{
    FoundMrz, MrzOptions, MrzOutcome, MrzReading, Rotation, Timings,
    candidates::{Group, groups},
};
use crate::{
    geometry::Band,
    image::DecodedImage,
    ocr::{MrzLine, OcrModels},
    runtime::InferenceError,
};

/// The longer side of the picture as the detection network sees it, attempt after attempt.
const SIDES: [usize; 2] = [736, 1280];
/// Groups read per attempt.
const MOST_GROUPS: usize = 3;
/// Lines read per group: a zone has at most three, print may stand above or below.
const MOST_LINES: usize = 4;

/// Searches a picture for a machine-readable zone and reads it. `today` decides the century of its
/// dates.
///
/// The four rotations share one search for lines. On a picture without a zone this costs one or two
/// searches; on one with an unreadable zone it ends with the time limit at the latest.
pub fn read_mrz(
    models: &OcrModels,
    image: &DecodedImage,
    options: MrzOptions,
    today: Date,
) -> Result<MrzReading, InferenceError> {
    let started = Instant::now();
    let mut search = Search {
        models,
        image,
        today,
        timings: Timings::default(),
        best: None,
    };
    let mut found = None;
    for side in SIDES {
        if started.elapsed() > options.time_limit {
            break;
        }
        found = search.attempt(side)?;
        if found.is_some() {
            break;
        }
    }
    let outcome = match found {
        Some(found) => MrzOutcome::Found(Box::new(found)),
        None => match search.best {
            Some(best) => MrzOutcome::Unreadable(Some(Box::new(best))),
            None => MrzOutcome::NotFound,
        },
    };
    search.timings.total = started.elapsed();
    Ok(MrzReading {
        outcome,
        timings: search.timings,
    })
}

struct Search<'a> {
    models: &'a OcrModels,
    image: &'a DecodedImage,
    today: Date,
    timings: Timings,
    best: Option<Mrz>,
}

impl Search<'_> {
    fn attempt(&mut self, side: usize) -> Result<Option<FoundMrz>, InferenceError> {
        let started = Instant::now();
        let bands = self.models.detect(self.image, side)?;
        self.timings.detection += started.elapsed();
        self.timings.detections += 1;
        if std::env::var_os("MRZ_DEBUG").is_some() {
            eprintln!("side {side}: {} bands", bands.len());
            for b in &bands {
                eprintln!(
                    "   c=({:.0},{:.0}) axis=({:.2},{:.2}) {:.0}x{:.0}",
                    b.center.x, b.center.y, b.axis.x, b.axis.y, b.length, b.thickness
                );
            }
        }
        for group in groups(&bands).iter().take(MOST_GROUPS) {
            if let Some(found) = self.group(group)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn group(&mut self, group: &Group) -> Result<Option<FoundMrz>, InferenceError> {
        let started = Instant::now();
        let turned = match group.lines.first() {
            Some(line) => self.models.upside_down(self.image, line)?,
            None => return Ok(None),
        };
        self.timings.recognition += started.elapsed();
        let (first, second) = (group.clone(), group.reversed());
        let order = if turned > 0.5 {
            [second, first]
        } else {
            [first, second]
        };
        for group in order {
            if let Some(found) = self.directed(&group)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Reads a group whose direction is decided. The zone is its last lines.
    fn directed(&mut self, group: &Group) -> Result<Option<FoundMrz>, InferenceError> {
        let skipped = group.lines.len().saturating_sub(MOST_LINES);
        let bands = group.lines.get(skipped..).unwrap_or_default();
        let started = Instant::now();
        let mut read: Vec<MrzLine> = Vec::with_capacity(bands.len());
        for band in bands {
            read.push(self.models.read_mrz_line(self.image, band)?);
            self.timings.recognitions += 1;
        }
        self.timings.recognition += started.elapsed();
        let lines: Vec<ReadLine> = read.iter().map(|line| line.line.clone()).collect();
        if std::env::var_os("MRZ_DEBUG").is_some() {
            for (l, b) in read.iter().zip(bands) {
                eprintln!(
                    "  {:.2} {:3} {} [{:.0}x{:.0}]",
                    l.confidence,
                    l.line.characters.len(),
                    l.line.text(),
                    b.length,
                    b.thickness
                );
            }
        }
        let Some(repaired) = repair(&lines, self.today) else {
            return Ok(None);
        };
        if repaired.is_sound() {
            return Ok(Some(found(repaired, bands, &read)));
        }
        self.best = Some(repaired.mrz);
        Ok(None)
    }
}

fn found(repaired: Repaired, bands: &[Band], read: &[MrzLine]) -> FoundMrz {
    let count = repaired.mrz.format.line_count();
    let used = repaired.first_line..repaired.first_line + count;
    let bands = bands.get(used.clone()).unwrap_or_default();
    let total: f32 = read
        .get(used)
        .unwrap_or_default()
        .iter()
        .map(|line| line.confidence)
        .sum();
    let mut zone = bands.iter().copied();
    let whole = zone
        .next()
        .map(|first| zone.fold(first, |whole, band| whole.joined(&band)));
    let corners = whole.map(|whole| whole.corners().map(|corner| (corner.x, corner.y)));
    FoundMrz {
        mrz: repaired.mrz,
        repairs: repaired.repairs,
        confidence: total / count as f32,
        rotation: bands.first().map_or(Rotation::None, rotation),
        corners: corners.unwrap_or_default(),
    }
}

/// The turn that brings a line's axis to point right.
fn rotation(band: &Band) -> Rotation {
    match (band.is_upright(), band.axis.x > 0.0, band.axis.y > 0.0) {
        (false, true, _) => Rotation::None,
        (false, false, _) => Rotation::Clockwise180,
        (true, _, true) => Rotation::Clockwise270,
        (true, _, false) => Rotation::Clockwise90,
    }
}
