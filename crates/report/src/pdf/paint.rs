//! Painting items onto a page.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::text::{GlyphId, KrillaGlyph};

use super::Fonts;
use super::tags::Contents;
use crate::ReportError;
use crate::page::{Area, Icon, Item, Mark};
use crate::text::{Line, Run, Style};

/// What a circle needs of a cubic Bézier curve: 4/3 (√2 − 1).
const CIRCLE: f32 = 0.552_285;
const WHITE: [u8; 3] = [0xff; 3];

/// Paints the items of a page.
pub(super) fn items(
    surface: &mut Surface<'_>,
    items: &[Item],
    fonts: &Fonts,
    contents: &mut Contents,
) -> Result<(), ReportError> {
    for item in items {
        match item {
            Item::Text {
                line,
                x,
                baseline,
                style,
                mark,
            } => {
                begin(surface, *mark, true, contents);
                text(surface, line, (*x, *baseline), *style, fonts);
                surface.end_tagged();
            }
            Item::Fill {
                area,
                radius,
                colour,
            } => {
                begin(surface, Mark::Decoration, false, contents);
                fill(surface, rounded(area, *radius), *colour);
                surface.end_tagged();
            }
            Item::Sign { icon, area, colour } => {
                begin(surface, Mark::Decoration, false, contents);
                fill(surface, rounded(area, area.width / 2.0), *colour);
                for stroke in strokes(*icon, area) {
                    fill(surface, Some(stroke), WHITE);
                }
                surface.end_tagged();
            }
            Item::Picture {
                picture,
                area,
                mark,
            } => {
                let image = Image::from_jpeg(picture.jpeg.clone().into(), false)
                    .map_err(|_| ReportError::Picture)?;
                begin(surface, *mark, false, contents);
                draw(surface, image, area);
                surface.end_tagged();
            }
        }
    }
    Ok(())
}

/// Opens a marked piece of content.
fn begin(surface: &mut Surface<'_>, mark: Mark, is_text: bool, contents: &mut Contents) {
    let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
    let tag = match mark {
        Mark::Header => artifact(ArtifactType::Header),
        Mark::Footer => artifact(ArtifactType::Footer),
        Mark::Decoration => artifact(ArtifactType::Layout),
        Mark::Of(_) if is_text => ContentTag::Span(SpanTag::empty()),
        Mark::Of(_) => ContentTag::Other,
    };
    let content = surface.start_tagged(tag);
    if let Mark::Of(node) = mark {
        contents.add(node, content);
    }
}

fn paint_of([red, green, blue]: [u8; 3]) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn text(
    surface: &mut Surface<'_>,
    line: &Line,
    (mut x, baseline): (f32, f32),
    style: Style,
    fonts: &Fonts,
) {
    surface.set_fill(Some(paint_of(style.colour)));
    for run in &line.runs {
        let Some(font) = fonts.get(run.font) else {
            continue;
        };
        let start = Point::from_xy(x, baseline);
        let glyphs = glyphs(run);
        surface.draw_glyphs(start, &glyphs, font.clone(), &run.text, style.size, false);
        x += run.advance() * style.size;
    }
}

fn glyphs(run: &Run) -> Vec<KrillaGlyph> {
    run.glyphs
        .iter()
        .map(|glyph| {
            KrillaGlyph::new(
                GlyphId::new(u32::from(glyph.id)),
                glyph.advance,
                glyph.right,
                glyph.up,
                0.0,
                glyph.range.clone(),
                None,
            )
        })
        .collect()
}

fn fill(surface: &mut Surface<'_>, path: Option<Path>, colour: [u8; 3]) {
    if let Some(path) = path {
        surface.set_fill(Some(paint_of(colour)));
        surface.draw_path(&path);
    }
}

fn draw(surface: &mut Surface<'_>, image: Image, area: &Area) {
    let Some(size) = Size::from_wh(area.width, area.height) else {
        return;
    };
    surface.push_transform(&Transform::from_translate(area.x, area.y));
    surface.draw_image(image, size);
    surface.pop();
}

/// A rectangle with round corners.
fn rounded(area: &Area, radius: f32) -> Option<Path> {
    let (left, top) = (area.x, area.y);
    let (right, bottom) = (left + area.width, top + area.height);
    let mut path = PathBuilder::new();
    let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
    if radius <= 0.0 {
        path.push_rect(Rect::from_ltrb(left, top, right, bottom)?);
        return path.finish();
    }
    // How far the control points are from the corners.
    let near = radius * (1.0 - CIRCLE);
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - near, top, right, top + near, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(
        right,
        bottom - near,
        right - near,
        bottom,
        right - radius,
        bottom,
    );
    path.line_to(left + radius, bottom);
    path.cubic_to(
        left + near,
        bottom,
        left,
        bottom - near,
        left,
        bottom - radius,
    );
    path.line_to(left, top + radius);
    path.cubic_to(left, top + near, left + near, top, left + radius, top);
    path.close();
    path.finish()
}

/// The strokes of a sign as filled shapes, in the unit square around the circle.
fn strokes(icon: Icon, area: &Area) -> Vec<Path> {
    let shapes: &[&[(f32, f32)]] = match icon {
        Icon::Check => &[&[
            (0.24, 0.53),
            (0.32, 0.45),
            (0.44, 0.57),
            (0.69, 0.31),
            (0.77, 0.39),
            (0.44, 0.73),
        ]],
        Icon::Cross => &[
            &[(0.29, 0.37), (0.37, 0.29), (0.71, 0.63), (0.63, 0.71)],
            &[(0.63, 0.29), (0.71, 0.37), (0.37, 0.71), (0.29, 0.63)],
        ],
        Icon::Exclamation => &[
            &[(0.44, 0.22), (0.56, 0.22), (0.55, 0.58), (0.45, 0.58)],
            &[(0.44, 0.66), (0.56, 0.66), (0.56, 0.78), (0.44, 0.78)],
        ],
        Icon::Dash => &[&[(0.28, 0.44), (0.72, 0.44), (0.72, 0.56), (0.28, 0.56)]],
    };
    let place = |(x, y): (f32, f32)| (area.x + x * area.width, area.y + y * area.height);
    shapes
        .iter()
        .filter_map(|shape| {
            let mut path = PathBuilder::new();
            for (index, point) in shape.iter().enumerate() {
                let (x, y) = place(*point);
                if index == 0 {
                    path.move_to(x, y);
                } else {
                    path.line_to(x, y);
                }
            }
            path.close();
            path.finish()
        })
        .collect()
}
