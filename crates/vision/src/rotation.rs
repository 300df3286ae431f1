//! How a picture has to be turned to be read.

use serde::{Deserialize, Serialize};

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
