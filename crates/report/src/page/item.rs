//! What stands on a page. Lengths are points from the upper left corner.

use super::structure::NodeId;
use crate::Picture;
use crate::text::{Line, Style};

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    /// From the left edge.
    pub(crate) x: f32,
    /// From the upper edge.
    pub(crate) y: f32,
    /// Across.
    pub(crate) width: f32,
    /// Down.
    pub(crate) height: f32,
}

/// A sign that is drawn, so that no font needs it. The word stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    /// All well.
    Check,
    /// Not well.
    Cross,
    /// A person has to look.
    Exclamation,
    /// Not judged.
    Dash,
}

/// Whether an item says something or only helps to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The head of each page.
    Header,
    /// The foot of each page.
    Footer,
    /// Lines, tints, signs.
    Decoration,
    /// Content of a node.
    Of(NodeId),
}

/// One thing on a page.
#[derive(Clone)]
pub(crate) enum Item {
    /// A line of text.
    Text {
        /// The line.
        line: Line,
        /// Its left end.
        x: f32,
        /// Its baseline.
        baseline: f32,
        /// How it looks.
        style: Style,
        /// What it belongs to.
        mark: Mark,
    },
    /// A filled rectangle.
    Fill {
        /// Where.
        area: Area,
        /// Radius of its corners.
        radius: f32,
        /// Red, green, blue.
        colour: [u8; 3],
    },
    /// A sign in a filled circle.
    Sign {
        /// Which.
        icon: Icon,
        /// The square around the circle.
        area: Area,
        /// The circle's red, green, blue.
        colour: [u8; 3],
    },
    /// A picture.
    Picture {
        /// The picture.
        picture: Picture,
        /// Where.
        area: Area,
        /// What it belongs to.
        mark: Mark,
    },
}

/// The pages and what they mean.
pub(crate) struct Sheets {
    /// What stands on each page, in the order in which it is painted.
    pub(crate) pages: Vec<Vec<Item>>,
    /// The structure.
    pub(crate) tree: super::Tree,
    /// The headings of the sections, with the place of each: page from 0, and points from its
    /// upper edge.
    pub(crate) outline: Vec<(String, usize, f32)>,
}
