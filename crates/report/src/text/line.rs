//! Breaking a text into lines, and each line into runs from left to right.

use std::ops::Range;

use unicode_bidi::{BidiInfo, Level};
use unicode_linebreak::linebreaks;

use super::clean::clean;
use super::fonts::{FontId, Fonts};
use super::shape::{Run, missing, shape};
use super::{Family, Style};
use crate::ReportError;

/// One line, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// From left to right.
    pub(crate) runs: Vec<Run>,
    /// In points, without spaces at the end.
    pub(crate) width: f32,
}

/// Sets text in the compiled-in fonts.
pub(crate) struct Setter {
    fonts: &'static Fonts,
}

impl Setter {
    pub(crate) fn new() -> Result<Self, ReportError> {
        Ok(Self {
            fonts: Fonts::get()?,
        })
    }

    /// One line, whatever its width.
    pub(crate) fn line(&self, text: &str, style: Style) -> Line {
        let text = clean(text);
        let paragraph = Paragraph::new(self.fonts, &text, style);
        paragraph.line(0..text.len())
    }

    /// Lines no wider than `width` points; at least one unless the text is empty.
    pub(crate) fn lines(&self, text: &str, style: Style, width: f32) -> Vec<Line> {
        let text = clean(text);
        if text.is_empty() {
            return Vec::new();
        }
        let paragraph = Paragraph::new(self.fonts, &text, style);
        let whole = paragraph.line(0..text.len());
        if whole.width <= width {
            return vec![whole];
        }
        let ranges = paragraph.broken(width);
        ranges
            .into_iter()
            .map(|range| paragraph.line(range))
            .collect()
    }
}

/// A cleaned text and the directions in it.
struct Paragraph<'a> {
    fonts: &'a Fonts,
    text: &'a str,
    bidi: BidiInfo<'a>,
    style: Style,
}

impl<'a> Paragraph<'a> {
    fn new(fonts: &'a Fonts, text: &'a str, style: Style) -> Self {
        Self {
            fonts,
            text,
            bidi: BidiInfo::new(text, None),
            style,
        }
    }

    fn part(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn line(&self, range: Range<usize>) -> Line {
        let trimmed = range.start..range.start + self.part(&range).trim_end().len();
        Line {
            width: self.width(&trimmed),
            runs: self.runs(&range),
        }
    }

    fn width(&self, range: &Range<usize>) -> f32 {
        let runs = self.runs(range);
        runs.iter().map(Run::advance).sum::<f32>() * self.style.size
    }

    /// The runs of a line from left to right (Unicode Standard Annex 9, rules L1 to L4).
    fn runs(&self, line: &Range<usize>) -> Vec<Run> {
        let Some(paragraph) = self.bidi.paragraphs.first() else {
            return Vec::new();
        };
        if line.is_empty() {
            return Vec::new();
        }
        let (levels, ordered) = self.bidi.visual_runs(paragraph, line.clone());
        let mut runs = Vec::new();
        for range in ordered {
            let right_to_left = levels.get(range.start).is_some_and(Level::is_rtl);
            let mut stretches = self.stretches(&range);
            if right_to_left {
                stretches.reverse();
            }
            runs.extend(stretches.into_iter().filter_map(|(font, range)| {
                let text = self.part(&range);
                if let Some(font) = font {
                    shape(self.fonts, font, text, right_to_left)
                } else {
                    let font = Fonts::fallback(self.style.family);
                    missing(self.fonts, font, text, right_to_left)
                }
            }));
        }
        runs
    }

    /// A directional run in stretches of one font each; `None` where no font has the characters.
    fn stretches(&self, range: &Range<usize>) -> Vec<(Option<FontId>, Range<usize>)> {
        let family: Family = self.style.family;
        let mut stretches: Vec<(Option<FontId>, Range<usize>)> = Vec::new();
        for (offset, character) in self.part(range).char_indices() {
            let start = range.start + offset;
            let end = start + character.len_utf8();
            let current = stretches.last().and_then(|(font, _)| *font);
            let font = self.fonts.pick(family, current, character);
            match stretches.last_mut() {
                Some((same, stretch)) if *same == font => stretch.end = end,
                _ => stretches.push((font, start..end)),
            }
        }
        stretches
    }

    /// Where to break: at the opportunities of Unicode Standard Annex 14, and anywhere in a word
    /// that is wider than a line.
    fn broken(&self, width: f32) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut fitting = 0;
        for (opportunity, _) in linebreaks(self.text) {
            if self.fits(start..opportunity, width) {
                fitting = opportunity;
                continue;
            }
            if fitting > start {
                lines.push(start..fitting);
                start = fitting;
            }
            while !self.fits(start..opportunity, width) {
                let end = self.cut(start..opportunity, width);
                lines.push(start..end);
                start = end;
            }
            fitting = opportunity;
        }
        if start < self.text.len() {
            lines.push(start..self.text.len());
        }
        lines
    }

    fn fits(&self, range: Range<usize>, width: f32) -> bool {
        let trimmed = self.part(&range).trim_end().len();
        self.width(&(range.start..range.start + trimmed)) <= width
    }

    /// The longest beginning of an unbreakable range that fits, of one character at least.
    fn cut(&self, range: Range<usize>, width: f32) -> usize {
        let ends: Vec<usize> = self
            .part(&range)
            .char_indices()
            .map(|(offset, character)| range.start + offset + character.len_utf8())
            .collect();
        let count = ends.partition_point(|end| self.fits(range.start..*end, width));
        ends.get(count.saturating_sub(1))
            .copied()
            .unwrap_or(range.end)
    }
}
