//! Finds and reads the machine-readable zone of a document on a picture, whichever way up.

mod candidates;
mod reader;

use std::{fmt, time::Duration};

use verifa_mrz::{Mrz, repair::Repair};

use crate::rotation::Rotation;

pub use reader::read_mrz;

/// How much effort [`read_mrz`] may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MrzOptions {
    /// No further attempt is begun after so much time. A single attempt is not interrupted; it
    /// takes about a second on one core at worst.
    pub time_limit: Duration,
}

impl Default for MrzOptions {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(10),
        }
    }
}

/// A zone that was read: all check digits right, every field of its kind.
#[derive(Clone, Debug)]
pub struct FoundMrz {
    /// The zone.
    pub mrz: Mrz,
    /// Characters that were mended; see [`verifa_mrz::repair`].
    pub repairs: Vec<Repair>,
    /// Mean probability of the characters, 0 to 1.
    pub confidence: f32,
    /// The clockwise turn that makes the picture upright.
    pub rotation: Rotation,
    /// The corners of the zone in pixels of the picture, clockwise from the start of its first
    /// line.
    pub corners: [(f32, f32); 4],
}

/// What the search came to.
#[derive(Clone, Debug)]
pub enum MrzOutcome {
    /// A zone was read.
    Found(Box<FoundMrz>),
    /// Lines that look like a zone were seen, but they could not be read so that every check digit
    /// is right. The best attempt is for showing which digits fail; nothing in it may be relied
    /// on.
    Unreadable(Box<Mrz>),
    /// Nothing on the picture looks like a zone.
    NotFound,
}

/// The result of [`read_mrz`].
#[derive(Clone, Debug)]
pub struct MrzReading {
    /// What was found.
    pub outcome: MrzOutcome,
    /// Where the time went.
    pub timings: Timings,
}

impl MrzReading {
    /// The zone, when one was read.
    pub fn found(&self) -> Option<&FoundMrz> {
        match &self.outcome {
            MrzOutcome::Found(found) => Some(found),
            MrzOutcome::Unreadable(_) | MrzOutcome::NotFound => None,
        }
    }
}

/// Where the time of a reading went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Finding lines of text.
    pub detection: Duration,
    /// Reading lines, and telling which way up they are.
    pub recognition: Duration,
    /// Everything.
    pub total: Duration,
    /// How often the whole picture was searched for lines.
    pub detections: u32,
    /// How many lines were read.
    pub recognitions: u32,
}

impl fmt::Display for Timings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ms ({} searches {} ms, {} lines {} ms)",
            self.total.as_millis(),
            self.detections,
            self.detection.as_millis(),
            self.recognitions,
            self.recognition.as_millis()
        )
    }
}
