//! The search itself: look for lines at a modest size first, read the likeliest groups, and spend
//! more only where the picture shows something that resembles a zone.

use std::{collections::BTreeMap, time::Instant};

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

/// What the attempts differ in.
#[derive(Clone, Copy)]
struct Effort {
    /// The longer side of the picture as the detection network sees it, in pixels.
    side: usize,
    /// The widest input of the recognition network, in pixels at a height of 48. 44 characters
    /// need two steps of eight pixels each at the very least.
    widest_line: usize,
}

/// The first effort reads nearly everything (22 of 23 documents of the development set and more in
/// docs/benchmarks.md); the second sees print that is small on a large picture.
const EFFORTS: [Effort; 2] = [
    Effort {
        side: 512,
        widest_line: 896,
    },
    Effort {
        side: 960,
        widest_line: 1152,
    },
];
/// Groups read per attempt.
const MOST_GROUPS: usize = 3;
/// Lines read per group: a zone has at most three, print may stand below it.
const MOST_LINES: usize = 4;
/// Lines read from the wrong end come out with a mean probability of 0.5 to 0.65, lines read
/// rightly above 0.9, blurred ones rarely below 0.75 (measured on the development set).
const RIGHT_WAY: f32 = 0.75;
/// Below this, in both directions, a line is no line of a zone.
const HOPELESS: f32 = 0.45;

/// Searches a picture for a machine-readable zone and reads it. `today` decides the century of its
/// dates.
///
/// The four rotations share one search for lines. On a picture without a zone this costs one or two
/// searches and a few lines; with an unreadable zone at most twelve lines are read per search.
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
        started,
        options,
        timings: Timings::default(),
        widest_line: 0,
        best: None,
    };
    let mut found = None;
    for effort in EFFORTS {
        if search.is_out_of_time() {
            break;
        }
        let attempt = search.attempt(effort)?;
        found = attempt.found;
        if found.is_some() || !attempt.has_text {
            break;
        }
    }
    let outcome = match (found, search.best) {
        (Some(found), _) => MrzOutcome::Found(Box::new(found)),
        (None, Some(best)) => MrzOutcome::Unreadable(Box::new(best)),
        (None, None) => MrzOutcome::NotFound,
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
    started: Instant,
    options: MrzOptions,
    timings: Timings,
    widest_line: usize,
    best: Option<Mrz>,
}

struct Attempt {
    found: Option<FoundMrz>,
    /// Whether any text was seen. Without any, looking closer would not help.
    has_text: bool,
}

impl Search<'_> {
    fn is_out_of_time(&self) -> bool {
        self.started.elapsed() > self.options.time_limit
    }

    fn attempt(&mut self, effort: Effort) -> Result<Attempt, InferenceError> {
        let started = Instant::now();
        let bands = self.models.detect(self.image, effort.side)?;
        self.timings.detection += started.elapsed();
        self.timings.detections += 1;
        self.widest_line = effort.widest_line;
        let mut attempt = Attempt {
            found: None,
            has_text: !bands.is_empty(),
        };
        for group in groups(&bands).iter().take(MOST_GROUPS) {
            if self.is_out_of_time() {
                break;
            }
            attempt.found = self.group(group)?;
            if attempt.found.is_some() {
                break;
            }
        }
        Ok(attempt)
    }

    fn group(&mut self, group: &Group) -> Result<Option<FoundMrz>, InferenceError> {
        let (mut likely, mut other) = (group.clone(), group.reversed());
        let Some(band) = first_to_read(&likely) else {
            return Ok(None);
        };
        let started = Instant::now();
        let turned = self.models.upside_down(self.image, &band)?;
        self.timings.recognition += started.elapsed();
        if turned > 0.5 {
            std::mem::swap(&mut likely, &mut other);
        }
        let Some(mut first) = self.first_line(&likely)? else {
            return Ok(None);
        };
        if first.confidence < RIGHT_WAY
            && let Some(second) = self.first_line(&other)?
            && second.confidence > first.confidence
        {
            first = second;
            likely = other;
        }
        if first.confidence < HOPELESS {
            return Ok(None);
        }
        self.read_on(&likely, first)
    }

    fn first_line(&mut self, group: &Group) -> Result<Option<MrzLine>, InferenceError> {
        first_to_read(group)
            .map(|band| self.line(&band))
            .transpose()
    }

    fn line(&mut self, band: &Band) -> Result<MrzLine, InferenceError> {
        let started = Instant::now();
        let line = self
            .models
            .read_mrz_line(self.image, band, self.widest_line)?;
        self.timings.recognition += started.elapsed();
        self.timings.recognitions += 1;
        Ok(line)
    }

    /// Reads a group whose direction is decided, line after line, until the lines make a zone.
    fn read_on(
        &mut self,
        group: &Group,
        first: MrzLine,
    ) -> Result<Option<FoundMrz>, InferenceError> {
        let order = group.reading_order();
        let mut read: BTreeMap<usize, MrzLine> =
            order.first().map(|at| (*at, first)).into_iter().collect();
        let mut best: Option<Repaired> = None;
        for at in order.into_iter().skip(1).take(MOST_LINES - 1) {
            let Some(line) = group.lines.get(at) else {
                break;
            };
            let line = self.line(&line.band)?;
            read.insert(at, line);
            if read.values().all(|line| line.line.fillers() == 0) {
                // Every zone has fillers, at least between or behind the names.
                break;
            }
            let lines: Vec<ReadLine> = read.values().map(|line| line.line.clone()).collect();
            let Some(repaired) = repair(&lines, self.today) else {
                continue;
            };
            if repaired.is_sound() {
                return Ok(Some(found(repaired, group, &read)));
            }
            best = Some(repaired);
        }
        if let Some(best) = best {
            self.best = Some(best.mrz);
        }
        Ok(None)
    }
}

fn first_to_read(group: &Group) -> Option<Band> {
    let index = *group.reading_order().first()?;
    group.lines.get(index).map(|line| line.band)
}

fn found(repaired: Repaired, group: &Group, read: &BTreeMap<usize, MrzLine>) -> FoundMrz {
    let count = repaired.mrz.format.line_count();
    let used = read.iter().skip(repaired.first_line).take(count);
    let confidence = used.clone().map(|(_, line)| line.confidence).sum::<f32>() / count as f32;
    let bands: Vec<Band> = used
        .filter_map(|(at, _)| group.lines.get(*at))
        .map(|line| line.band)
        .collect();
    let whole = bands
        .iter()
        .copied()
        .reduce(|whole, band| whole.joined(&band));
    let corners = whole.map(|whole| whole.corners().map(|corner| (corner.x, corner.y)));
    FoundMrz {
        mrz: repaired.mrz,
        repairs: repaired.repairs,
        confidence,
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
