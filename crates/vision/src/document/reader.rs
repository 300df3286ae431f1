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
    raster,
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

/// Text that is worth a closer look has at least the shape of a word.
const WORD_ASPECT: f32 = 3.0;
/// Print other than a zone hardly ever comes out with so many fillers.
const LEAST_FILLERS: usize = 4;

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
        today,
        started,
        options,
        timings: Timings::default(),
        saw_fillers: false,
        best: None,
    };
    let found = search.run(image)?;
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
    today: Date,
    started: Instant,
    options: MrzOptions,
    timings: Timings,
    /// Whether a group was read that has the fillers of a zone.
    saw_fillers: bool,
    best: Option<Mrz>,
}

/// The picture of one attempt, and how its lines are to be read.
#[derive(Clone, Copy)]
struct View<'a> {
    image: &'a DecodedImage,
    effort: Effort,
}

struct Attempt {
    found: Option<FoundMrz>,
    /// Whether any text was seen. Without any, looking closer would not help.
    has_text: bool,
    /// Whether most text runs up or down.
    is_sideways: bool,
}

impl Search<'_> {
    fn is_out_of_time(&self) -> bool {
        self.started.elapsed() > self.options.time_limit
    }

    fn run(&mut self, image: &DecodedImage) -> Result<Option<FoundMrz>, InferenceError> {
        let [modest, great] = EFFORTS;
        let first = self.attempt(View {
            image,
            effort: modest,
        })?;
        let (width, height) = raster::size(image);
        let has_detail = width.max(height) > modest.side;
        let is_worth_it = first.has_text && (has_detail || self.saw_fillers);
        if first.found.is_some() || !is_worth_it || self.is_out_of_time() {
            return Ok(first.found);
        }
        if !first.is_sideways {
            return Ok(self
                .attempt(View {
                    image,
                    effort: great,
                })?
                .found);
        }
        // The network was trained on level text: slanted text it finds only where it is not
        // upright as well.
        let turned = image.turned(Rotation::Clockwise90);
        let found = self
            .attempt(View {
                image: &turned,
                effort: great,
            })?
            .found;
        Ok(found.map(|found| turned_back(found, image)))
    }

    fn attempt(&mut self, view: View<'_>) -> Result<Attempt, InferenceError> {
        let started = Instant::now();
        let bands = self.models.detect(view.image, view.effort.side)?;
        self.timings.detection += started.elapsed();
        self.timings.detections += 1;
        let mut found = None;
        for group in groups(&bands).iter().take(MOST_GROUPS) {
            found = self.group(view, group)?;
            if found.is_some() || self.is_out_of_time() {
                break;
            }
        }
        Ok(Attempt {
            found,
            has_text: bands.iter().any(|band| band.aspect() >= WORD_ASPECT),
            is_sideways: is_sideways(&bands),
        })
    }

    fn group(&mut self, view: View<'_>, group: &Group) -> Result<Option<FoundMrz>, InferenceError> {
        let (mut likely, mut other) = (group.clone(), group.reversed());
        let Some(band) = first_to_read(&likely) else {
            return Ok(None);
        };
        let started = Instant::now();
        let turned = self.models.upside_down(view.image, &band)?;
        self.timings.recognition += started.elapsed();
        if turned > 0.5 {
            std::mem::swap(&mut likely, &mut other);
        }
        let Some(mut first) = self.first_line(view, &likely)? else {
            return Ok(None);
        };
        if first.confidence < RIGHT_WAY
            && let Some(second) = self.first_line(view, &other)?
            && second.confidence > first.confidence
        {
            first = second;
            likely = other;
        }
        if first.confidence < HOPELESS {
            return Ok(None);
        }
        self.read_on(view, &likely, first)
    }

    fn first_line(
        &mut self,
        view: View<'_>,
        group: &Group,
    ) -> Result<Option<MrzLine>, InferenceError> {
        first_to_read(group)
            .map(|band| self.line(view, &band))
            .transpose()
    }

    fn line(&mut self, view: View<'_>, band: &Band) -> Result<MrzLine, InferenceError> {
        let started = Instant::now();
        let line = self
            .models
            .read_mrz_line(view.image, band, view.effort.widest_line)?;
        self.timings.recognition += started.elapsed();
        self.timings.recognitions += 1;
        Ok(line)
    }

    /// Reads a group whose direction is decided, line after line, until the lines make a zone.
    fn read_on(
        &mut self,
        view: View<'_>,
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
            let line = self.line(view, &line.band)?;
            read.insert(at, line);
            let fillers: usize = read.values().map(|line| line.line.fillers()).sum();
            if fillers == 0 {
                // Every zone has fillers, at least between or behind the names.
                break;
            }
            self.saw_fillers |= fillers >= LEAST_FILLERS;
            let lines: Vec<ReadLine> = read.values().map(|line| line.line.clone()).collect();
            let Some(repaired) = repair(&lines, self.today) else {
                continue;
            };
            if repaired.is_sound() {
                return Ok(Some(found(repaired, group, &read)));
            }
            best = Some(repaired);
        }
        // Without fillers, what was read is print that the repair found a shape for.
        if let Some(best) = best.filter(|_| self.saw_fillers) {
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

/// Whether most of the text, by its length, runs up or down; squarish bands say nothing.
fn is_sideways(bands: &[Band]) -> bool {
    let length = |upright: bool| -> f32 {
        let long = bands.iter().filter(|band| band.aspect() > 2.0);
        long.filter(|band| band.is_upright() == upright)
            .map(|band| band.length)
            .sum()
    };
    length(true) > length(false)
}

/// Restates what was found on a picture that had been turned clockwise by a quarter.
fn turned_back(found: FoundMrz, image: &DecodedImage) -> FoundMrz {
    let height = image.height() as f32;
    FoundMrz {
        rotation: Rotation::Clockwise90.then(found.rotation),
        corners: found.corners.map(|(x, y)| (y, height - x)),
        ..found
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
