//! Lines of text: cleaned, broken to a width, put into visual order and shaped.

mod clean;
mod fonts;
mod line;
mod shape;

pub(crate) use fonts::FontId;
pub(crate) use line::{Line, Setter};
pub(crate) use shape::Run;

/// Which kind of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    /// Running text.
    Regular,
    /// What stands out.
    Semibold,
    /// Ids and hashes.
    Mono,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// Which letters.
    pub(crate) family: Family,
    /// Size in points.
    pub(crate) size: f32,
    /// Red, green, blue.
    pub(crate) colour: [u8; 3],
}

impl Style {
    /// From one baseline to the next, in points.
    pub(crate) fn leading(self) -> f32 {
        self.size * 1.34
    }

    /// From the top of a line to its baseline, in points.
    pub(crate) fn ascent(self) -> f32 {
        self.size * 1.02
    }
}
