//! Glyphs of one stretch of text in one font and one direction.

use std::ops::Range;

use rustybuzz::{Direction, UnicodeBuffer};

use super::clean::REPLACEMENT;
use super::fonts::{FontId, Fonts};

/// One glyph. Lengths are in parts of the font size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    /// Its number in the font.
    pub(crate) id: u16,
    /// How far the pen moves.
    pub(crate) advance: f32,
    /// Moved right by.
    pub(crate) right: f32,
    /// Moved up by.
    pub(crate) up: f32,
    /// The bytes of the run's text that it shows.
    pub(crate) range: Range<usize>,
}

/// A stretch of text in one font and one direction, its glyphs from left to right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// The font.
    pub(crate) font: FontId,
    /// The text in logical order.
    pub(crate) text: String,
    /// Its glyphs.
    pub(crate) glyphs: Vec<Glyph>,
}

impl Run {
    /// The pen's way, in parts of the font size.
    pub(crate) fn advance(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }
}

/// Shapes a stretch; joins and orders as its script asks.
pub(super) fn shape(fonts: &Fonts, font: FontId, text: &str, right_to_left: bool) -> Option<Run> {
    let face = fonts.face(font)?;
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(if right_to_left {
        Direction::RightToLeft
    } else {
        Direction::LeftToRight
    });
    let shaped = rustybuzz::shape(face, &[], buffer);
    let mut starts: Vec<usize> = shaped
        .glyph_infos()
        .iter()
        .map(|info| info.cluster as usize)
        .collect();
    starts.sort_unstable();
    let units = face.units_per_em() as f32;
    let glyphs = shaped
        .glyph_infos()
        .iter()
        .zip(shaped.glyph_positions())
        .map(|(info, position)| {
            let start = info.cluster as usize;
            let after = starts.partition_point(|other| *other <= start);
            Glyph {
                id: u16::try_from(info.glyph_id).unwrap_or(0),
                advance: position.x_advance as f32 / units,
                right: position.x_offset as f32 / units,
                up: position.y_offset as f32 / units,
                range: start..starts.get(after).copied().unwrap_or(text.len()),
            }
        })
        .collect();
    Some(Run {
        font,
        text: text.to_owned(),
        glyphs,
    })
}

/// A stretch of characters that no font has: a sign for each; the text stays what it is.
pub(super) fn missing(fonts: &Fonts, font: FontId, text: &str, right_to_left: bool) -> Option<Run> {
    let id = fonts.glyph(font, REPLACEMENT)?;
    let face = fonts.face(font)?;
    let advance = f32::from(face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(id))?);
    let mut glyphs: Vec<Glyph> = text
        .char_indices()
        .map(|(start, character)| Glyph {
            id,
            advance: advance / face.units_per_em() as f32,
            right: 0.0,
            up: 0.0,
            range: start..start + character.len_utf8(),
        })
        .collect();
    if right_to_left {
        glyphs.reverse();
    }
    Some(Run {
        font,
        text: text.to_owned(),
        glyphs,
    })
}
