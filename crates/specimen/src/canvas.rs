//! A picture with anti-aliased shapes on it.

use ab_glyph_rasterizer::{Rasterizer, point as raster_point};
use image::{Rgb, RgbImage};

use crate::geometry::{Point, point};

/// A colour, red green blue, each 0–255.
pub(crate) type Colour = [u8; 3];

/// A picture being drawn.
pub(crate) struct Canvas {
    pub(crate) pixels: RgbImage,
}

/// Closed outlines; overlapping ones must turn the same way to add up.
#[derive(Default)]
pub(crate) struct Path {
    lines: Vec<(Point, Point)>,
}

impl Path {
    pub(crate) fn line(&mut self, from: Point, to: Point) {
        self.lines.push((from, to));
    }

    /// A closed polygon through the points.
    pub(crate) fn polygon(points: &[Point]) -> Self {
        let mut path = Self::default();
        path.add_polygon(points);
        path
    }

    fn add_polygon(&mut self, points: &[Point]) {
        let next = points.iter().cycle().skip(1);
        for (from, to) in points.iter().zip(next) {
            self.line(*from, *to);
        }
    }

    /// An ellipse; its axes turned clockwise by `angle` radians.
    pub(crate) fn ellipse(centre: Point, radius_x: f32, radius_y: f32, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let points: Vec<_> = (0..72_u8)
            .map(|step| {
                let (s, c) = (f32::from(step) * std::f32::consts::TAU / 72.0).sin_cos();
                let (x, y) = (radius_x * c, radius_y * s);
                point(centre.x + x * cos - y * sin, centre.y + x * sin + y * cos)
            })
            .collect();
        Self::polygon(&points)
    }

    /// A rectangle with rounded corners.
    pub(crate) fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Self {
        let mut points = Vec::with_capacity(36);
        let corners = [
            (x + width - radius, y + radius, -0.25),
            (x + width - radius, y + height - radius, 0.0),
            (x + radius, y + height - radius, 0.25),
            (x + radius, y + radius, 0.5),
        ];
        for (centre_x, centre_y, turn) in corners {
            for step in 0..=8_u8 {
                let angle = (turn + f32::from(step) / 32.0) * std::f32::consts::TAU;
                points.push(point(
                    centre_x + radius * angle.cos(),
                    centre_y + radius * angle.sin(),
                ));
            }
        }
        Self::polygon(&points)
    }

    /// A line of the given width through the points, with square ends.
    pub(crate) fn stroke(points: &[Point], width: f32) -> Self {
        let mut path = Self::default();
        for (from, to) in points.iter().zip(points.iter().skip(1)) {
            let (dx, dy) = (to.x - from.x, to.y - from.y);
            let length = dx.hypot(dy).max(1e-3);
            let (nx, ny) = (-dy / length * width / 2.0, dx / length * width / 2.0);
            path.add_polygon(&[
                point(from.x + nx, from.y + ny),
                point(from.x - nx, from.y - ny),
                point(to.x - nx, to.y - ny),
                point(to.x + nx, to.y + ny),
            ]);
        }
        path
    }

    /// The box around the outlines: left, top, right, bottom.
    fn bounds(&self) -> Option<(f32, f32, f32, f32)> {
        let points = self.lines.iter().flat_map(|(from, to)| [from, to]);
        points.fold(None, |bounds, p| {
            let (left, top, right, bottom) = bounds.unwrap_or((p.x, p.y, p.x, p.y));
            Some((left.min(p.x), top.min(p.y), right.max(p.x), bottom.max(p.y)))
        })
    }
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32, colour: Colour) -> Self {
        Self {
            pixels: RgbImage::from_pixel(width, height, Rgb(colour)),
        }
    }

    pub(crate) fn width(&self) -> f32 {
        self.pixels.width() as f32
    }

    pub(crate) fn height(&self) -> f32 {
        self.pixels.height() as f32
    }

    /// Mixes `colour` into a pixel; `alpha` 0 leaves it, 1 replaces it. Outside: nothing.
    pub(crate) fn blend(&mut self, x: i64, y: i64, colour: Colour, alpha: f32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if let Some(pixel) = self.pixels.get_pixel_mut_checked(x, y) {
            mix(&mut pixel.0, colour, alpha);
        }
    }

    /// Fills the outlines.
    pub(crate) fn fill(&mut self, path: &Path, colour: Colour, alpha: f32) {
        let Some((left, top, right, bottom)) = path.bounds() else {
            return;
        };
        let left = left.floor().max(-1.0);
        let top = top.floor().max(-1.0);
        let right = right.ceil().min(self.width() + 1.0);
        let bottom = bottom.ceil().min(self.height() + 1.0);
        if right <= left || bottom <= top {
            return;
        }
        let (width, height) = ((right - left) as usize + 2, (bottom - top) as usize + 2);
        let mut rasterizer = Rasterizer::new(width, height);
        let place = |p: Point| {
            raster_point(
                (p.x - left).clamp(0.0, width as f32 - 1.0),
                (p.y - top).clamp(0.0, height as f32 - 1.0),
            )
        };
        for (from, to) in &path.lines {
            rasterizer.draw_line(place(*from), place(*to));
        }
        let (left, top) = (left as i64, top as i64);
        rasterizer.for_each_pixel_2d(|x, y, coverage| {
            if coverage > 0.0 {
                let alpha = coverage.min(1.0) * alpha;
                self.blend(left + i64::from(x), top + i64::from(y), colour, alpha);
            }
        });
    }

    pub(crate) fn rectangle(&mut self, from: Point, to: Point, colour: Colour, alpha: f32) {
        let corners = [from, point(to.x, from.y), to, point(from.x, to.y)];
        self.fill(&Path::polygon(&corners), colour, alpha);
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: Point, to: Point, width: f32, colour: Colour) {
        self.fill(&Path::stroke(&[from, to], width), colour, 1.0);
    }

    /// Colours every pixel by a function of its place.
    pub(crate) fn paint(&mut self, colour: impl Fn(f32, f32) -> Colour) {
        for (x, y, pixel) in self.pixels.enumerate_pixels_mut() {
            pixel.0 = colour(x as f32, y as f32);
        }
    }

    /// Copies another picture in, with its top left corner at `x`, `y`.
    pub(crate) fn paste(&mut self, picture: &RgbImage, x: i64, y: i64, alpha: f32) {
        for (px, py, pixel) in picture.enumerate_pixels() {
            self.blend(x + i64::from(px), y + i64::from(py), pixel.0, alpha);
        }
    }
}

/// Mixes `over` into `under`.
pub(crate) fn mix(under: &mut Colour, over: Colour, alpha: f32) {
    for (below, above) in under.iter_mut().zip(over) {
        let mixed = f32::from(*below) + (f32::from(above) - f32::from(*below)) * alpha;
        *below = mixed.round().clamp(0.0, 255.0) as u8;
    }
}

/// The colour that lies between two, `share` of the way to the second.
pub(crate) fn between(first: Colour, second: Colour, share: f32) -> Colour {
    let mut colour = first;
    mix(&mut colour, second, share.clamp(0.0, 1.0));
    colour
}
