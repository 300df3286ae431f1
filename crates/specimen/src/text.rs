//! Text from the compiled-in fonts.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve};

use crate::canvas::{Canvas, Colour, Path};
use crate::geometry::{Affine, Point, point};

/// A typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typeface {
    /// OCR-B, for machine-readable zones (ICAO 9303-3 §4.1).
    OcrB,
    /// Open Sans, for values.
    Regular,
    /// Open Sans Semibold, for titles.
    Semibold,
}

static FONTS: LazyLock<Option<[FontRef<'static>; 3]>> = LazyLock::new(|| {
    Some([
        FontRef::try_from_slice(include_bytes!("../fonts/OCRB.otf")).ok()?,
        FontRef::try_from_slice(include_bytes!("../fonts/OpenSans-Regular.ttf")).ok()?,
        FontRef::try_from_slice(include_bytes!("../fonts/OpenSans-Semibold.ttf")).ok()?,
    ])
});

impl Typeface {
    /// The compiled-in font; a test proves that all three parse.
    fn font(self) -> Option<&'static FontRef<'static>> {
        let [ocr_b, regular, semibold] = FONTS.as_ref()?;
        Some(match self {
            Self::OcrB => ocr_b,
            Self::Regular => regular,
            Self::Semibold => semibold,
        })
    }

    /// The width of a text in pixels, at `em` pixels to the em.
    pub(crate) fn width(self, text: &str, em: f32) -> f32 {
        let Some(font) = self.font() else { return 0.0 };
        let unit = em / units_per_em(font);
        text.chars()
            .map(|c| font.h_advance_unscaled(font.glyph_id(c)) * unit)
            .sum()
    }
}

fn units_per_em(font: &FontRef<'_>) -> f32 {
    font.units_per_em().unwrap_or(1000.0)
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) typeface: Typeface,
    /// Pixels to the em.
    pub(crate) em: f32,
    pub(crate) colour: Colour,
    /// 0 transparent, 1 opaque.
    pub(crate) alpha: f32,
    /// Clockwise, in radians.
    pub(crate) angle: f32,
}

impl Style {
    pub(crate) const fn new(typeface: Typeface, em: f32, colour: Colour) -> Self {
        Self {
            typeface,
            em,
            colour,
            alpha: 1.0,
            angle: 0.0,
        }
    }
}

/// Draws a line of text; `origin` is the left end of its baseline. Returns its width in pixels.
pub(crate) fn draw(canvas: &mut Canvas, text: &str, origin: Point, style: Style) -> f32 {
    let Some(font) = style.typeface.font() else {
        return 0.0;
    };
    let unit = style.em / units_per_em(font);
    let mut advance = 0.0;
    for character in text.chars() {
        let glyph = font.glyph_id(character);
        let (sin, cos) = style.angle.sin_cos();
        let at = point(origin.x + advance * cos, origin.y + advance * sin);
        // Font units point upwards.
        let map = Affine::placed(at, unit, -unit, style.angle);
        draw_glyph(canvas, font, glyph, &map, style);
        advance += font.h_advance_unscaled(glyph) * unit;
    }
    advance
}

/// Draws characters in cells of equal width, as the zone's 10 characters an inch demand.
pub(crate) fn draw_in_cells(
    canvas: &mut Canvas,
    text: &str,
    origin: Point,
    pitch: f32,
    style: Style,
) {
    let Some(font) = style.typeface.font() else {
        return;
    };
    let unit = style.em / units_per_em(font);
    let mut left = origin.x;
    for character in text.chars() {
        let glyph = font.glyph_id(character);
        let slack = pitch - font.h_advance_unscaled(glyph) * unit;
        let map = Affine::placed(point(left + slack / 2.0, origin.y), unit, -unit, 0.0);
        draw_glyph(canvas, font, glyph, &map, style);
        left += pitch;
    }
}

/// The em at which every OCR-B character is as wide as `pitch` pixels.
pub(crate) fn ocr_b_em(pitch: f32) -> f32 {
    pitch / Typeface::OcrB.width("0", 1.0).max(0.1)
}

fn draw_glyph(canvas: &mut Canvas, font: &FontRef<'_>, id: GlyphId, map: &Affine, style: Style) {
    let Some(outline) = font.outline(id) else {
        return;
    };
    let mut path = Path::default();
    let place = |p: ab_glyph::Point| map.apply(point(p.x, p.y));
    for curve in outline.curves {
        match curve {
            OutlineCurve::Line(from, to) => path.line(place(from), place(to)),
            OutlineCurve::Quad(from, control, to) => {
                let (a, b, c) = (place(from), place(control), place(to));
                flatten(&mut path, |t| a.toward(b, t).toward(b.toward(c, t), t));
            }
            OutlineCurve::Cubic(from, first, second, to) => {
                let (a, b, c, d) = (place(from), place(first), place(second), place(to));
                flatten(&mut path, |t| {
                    let (ab, bc, cd) = (a.toward(b, t), b.toward(c, t), c.toward(d, t));
                    ab.toward(bc, t).toward(bc.toward(cd, t), t)
                });
            }
        }
    }
    canvas.fill(&path, style.colour, style.alpha);
}

/// Eight straight pieces are indistinguishable from the curve at the sizes of a document.
fn flatten(path: &mut Path, curve: impl Fn(f32) -> Point) {
    let mut from = curve(0.0);
    for step in 1..=8_u8 {
        let to = curve(f32::from(step) / 8.0);
        path.line(from, to);
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_hold_every_character_of_a_document() {
        for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<".chars() {
            let font = Typeface::OcrB.font().unwrap();
            assert_ne!(font.glyph_id(character), GlyphId(0), "{character}");
        }
        for typeface in [Typeface::Regular, Typeface::Semibold] {
            for character in "aZ09 éÉüßŁøΩЖ/.,-№".chars() {
                assert_ne!(
                    typeface.font().unwrap().glyph_id(character),
                    GlyphId(0),
                    "{character}"
                );
            }
        }
    }
}
