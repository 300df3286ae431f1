//! Finds and reads the machine-readable zone of a document on a picture, whichever way up.

mod candidates;
mod reader;

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use verifa_mrz::{Mrz, repair::Repair};

pub use reader::read_mrz;

/// A turn by quarters, clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rotation {
    /// No turn.
    #[serde(rename = "0")]
    None,
    /// A quarter turn clockwise.
    #[serde(rename = "90")]
    Clockwise90,
    /// A half turn.
    #[serde(rename = "180")]
    Clockwise180,
    /// A quarter turn counter-clockwise.
    #[serde(rename = "270")]
    Clockwise270,
}

impl Rotation {
    /// All four, in order.
    pub const ALL: [Self; 4] = [
        Self::None,
        Self::Clockwise90,
        Self::Clockwise180,
        Self::Clockwise270,
    ];

    /// Degrees clockwise: 0, 90, 180 or 270.
    pub const fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Clockwise90 => 90,
            Self::Clockwise180 => 180,
            Self::Clockwise270 => 270,
        }
    }

    /// This turn followed by another.
    #[must_use]
    pub const fn then(self, other: Self) -> Self {
        match (self.degrees() + other.degrees()) % 360 {
            90 => Self::Clockwise90,
            180 => Self::Clockwise180,
            270 => Self::Clockwise270,
            _ => Self::None,
        }
    }
}

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
