//! A column of lines: what stands in a cell.

use super::Area;
use super::item::{Icon, Item, Mark};
use crate::text::{Line, Setter, Style};

/// Lines below each other.
#[derive(Clone, Default)]
pub(crate) struct Block {
    lines: Vec<Placed>,
    sign: Option<(Icon, [u8; 3])>,
}

#[derive(Clone)]
struct Placed {
    line: Line,
    style: Style,
    /// Room above it, in points.
    above: f32,
}

/// Room between a sign and the words beside it, in parts of the sign.
const SIGN_GAP: f32 = 0.45;

impl Block {
    /// A text in one look.
    pub(crate) fn of(setter: &Setter, text: &str, style: Style, width: f32) -> Self {
        let mut block = Self::default();
        block.add(setter, text, style, width, 0.0);
        block
    }

    /// A text behind a sign of its size.
    pub(crate) fn signed(
        setter: &Setter,
        sign: (Icon, [u8; 3]),
        text: &str,
        style: Style,
        width: f32,
    ) -> Self {
        let mut block = Self::of(setter, text, style, width - indent(style));
        block.sign = Some(sign);
        block
    }

    /// Adds a text below, `above` points away.
    pub(crate) fn add(
        &mut self,
        setter: &Setter,
        text: &str,
        style: Style,
        width: f32,
        above: f32,
    ) {
        for (index, line) in setter.lines(text, style, width).into_iter().enumerate() {
            let above = if index == 0 && !self.lines.is_empty() {
                above
            } else {
                0.0
            };
            self.lines.push(Placed { line, style, above });
        }
    }

    /// From its first line's top to its last line's bottom.
    pub(crate) fn height(&self) -> f32 {
        self.lines.iter().map(Placed::height).sum()
    }

    /// From the top of its first line to that line's baseline.
    pub(crate) fn ascent(&self) -> f32 {
        self.lines
            .first()
            .map_or(0.0, |placed| placed.style.ascent())
    }

    /// Whether nothing is left of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes the lines that fit into `height` off the beginning; the first one always when
    /// `at_least_one`.
    pub(crate) fn take(&mut self, height: f32, at_least_one: bool) -> Self {
        let mut used = 0.0;
        let mut count = 0;
        for placed in &self.lines {
            used += placed.height();
            if used > height && !(at_least_one && count == 0) {
                break;
            }
            count += 1;
        }
        let rest = self.lines.split_off(count);
        let taken = std::mem::replace(&mut self.lines, rest);
        let sign = if taken.is_empty() {
            None
        } else {
            self.sign.take()
        };
        Self { lines: taken, sign }
    }

    /// Puts it on a page with its upper left corner at a place.
    pub(crate) fn put(self, items: &mut Vec<Item>, x: f32, top: f32, mark: Mark) {
        let mut y = top;
        let mut left = x;
        if let (Some((icon, colour)), Some(first)) = (self.sign, self.lines.first()) {
            let side = first.style.size;
            let area = Area {
                x,
                y: top + first.style.leading() * 0.5 - side * 0.46,
                width: side,
                height: side,
            };
            items.push(Item::Sign { icon, area, colour });
            left += indent(first.style);
        }
        for placed in self.lines {
            y += placed.above;
            items.push(Item::Text {
                x: left,
                baseline: y + placed.style.ascent(),
                style: placed.style,
                line: placed.line,
                mark,
            });
            y += placed.style.leading();
        }
    }
}

impl Placed {
    fn height(&self) -> f32 {
        self.above + self.style.leading()
    }
}

fn indent(style: Style) -> f32 {
    style.size * (1.0 + SIGN_GAP)
}
