//! A hand-held camera: perspective, rotation, light, glare, blur, noise, JPEG.
//!
//! A damage model of our own; it is easier on a reader than real telephones and tables are, so
//! figures measured on it must say so.

use image::RgbImage;

use crate::canvas::{Canvas, Path, between, mix};
use crate::dice::Dice;
use crate::geometry::{Point, Projection, point};
use crate::picture_file::{EncodeImageError, jpeg, png};
use crate::specimen::Specimen;

/// How badly a photograph was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Damage {
    /// Level 0: a flat scan with a margin.
    Scan,
    /// Level 1: a careful photograph.
    Light,
    /// Level 2: a hurried one: slanted, a little soft, some noise and glare.
    Medium,
    /// Level 3: a bad one: strongly slanted, soft, noisy, uneven light, glare, small file.
    Heavy,
}

impl Damage {
    /// All levels, mildest first.
    pub const ALL: [Self; 4] = [Self::Scan, Self::Light, Self::Medium, Self::Heavy];

    /// 0 to 3.
    pub const fn level(self) -> u8 {
        self as u8
    }

    /// JPEG quality of such a photograph's file.
    pub const fn jpeg_quality(self) -> u8 {
        match self {
            Self::Scan => 95,
            Self::Light => 88,
            Self::Medium => 76,
            Self::Heavy => 62,
        }
    }
}

/// How the photograph lies: in steps of 90° clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum QuarterTurns {
    /// Upright.
    #[default]
    None,
    /// 90° clockwise.
    One,
    /// Upside down.
    Two,
    /// 270° clockwise.
    Three,
}

impl QuarterTurns {
    /// All four.
    pub const ALL: [Self; 4] = [Self::None, Self::One, Self::Two, Self::Three];
}

/// A photograph of a specimen.
#[derive(Debug, Clone)]
pub struct Photograph {
    /// The picture, before compression.
    pub image: RgbImage,
    /// The quality that [`Self::jpeg`] compresses with.
    pub jpeg_quality: u8,
}

impl Photograph {
    /// As the camera would save it.
    pub fn jpeg(&self) -> Result<Vec<u8>, EncodeImageError> {
        jpeg(&self.image, self.jpeg_quality)
    }

    /// Without loss.
    pub fn png(&self) -> Result<Vec<u8>, EncodeImageError> {
        png(&self.image)
    }
}

/// What a damage level means, in numbers. Lengths are shares of the document's width.
struct Strength {
    /// How far each corner strays.
    perspective: f32,
    /// Largest rotation, radians.
    rotation: f32,
    /// Standard deviation of the blur, pixels.
    blur: f32,
    /// Standard deviation of the noise, 0–255.
    noise: f32,
    /// Opacity of the glare's middle.
    glare: f32,
    /// Largest change of brightness from one side to the other, as a share.
    uneven: f32,
}

const fn strength(damage: Damage) -> Strength {
    let [perspective, rotation, blur, noise, glare, uneven] = match damage {
        Damage::Scan => [0.0; 6],
        Damage::Light => [0.015, 0.05, 0.5, 2.5, 0.0, 0.06],
        Damage::Medium => [0.03, 0.10, 0.9, 5.0, 0.35, 0.14],
        Damage::Heavy => [0.05, 0.17, 1.25, 9.0, 0.6, 0.25],
    };
    Strength {
        perspective,
        rotation,
        blur,
        noise,
        glare,
        uneven,
    }
}

impl Specimen {
    /// A photograph of it: another seed gives another hand, table and light.
    pub fn photograph(&self, seed: u64, damage: Damage, turns: QuarterTurns) -> Photograph {
        let mut dice = Dice::new(seed, 100 + u64::from(damage.level()));
        let image = if damage == Damage::Scan {
            scan(self)
        } else {
            shoot(self, &strength(damage), &mut dice)
        };
        let image = match turns {
            QuarterTurns::None => image,
            QuarterTurns::One => image::imageops::rotate90(&image),
            QuarterTurns::Two => image::imageops::rotate180(&image),
            QuarterTurns::Three => image::imageops::rotate270(&image),
        };
        Photograph {
            image,
            jpeg_quality: damage.jpeg_quality(),
        }
    }
}

/// The document on the white bed of a scanner.
fn scan(specimen: &Specimen) -> RgbImage {
    let margin = specimen.image.width() / 25;
    let (width, height) = (
        specimen.image.width() + 2 * margin,
        specimen.image.height() + 2 * margin,
    );
    let mut bed = Canvas::new(width, height, [250, 250, 249]);
    lay(&mut bed, specimen, |p| {
        point(p.x - margin as f32, p.y - margin as f32)
    });
    bed.pixels
}

fn shoot(specimen: &Specimen, strength: &Strength, dice: &mut Dice) -> RgbImage {
    let (width, height) = (
        specimen.image.width() as f32,
        specimen.image.height() as f32,
    );
    let (frame_width, frame_height) = (width * 1.22, height * 1.32);
    let mut frame = Canvas::new(frame_width as u32, frame_height as u32, [0; 3]);
    table(&mut frame, dice);

    let angle = dice.real(-strength.rotation..strength.rotation);
    let (sin, cos) = angle.sin_cos();
    let stray = strength.perspective * width;
    let scale = 1.0 - 0.55 * strength.rotation;
    let centre = point(
        frame_width / 2.0 + dice.real(-0.02..0.02) * width,
        frame_height / 2.0 + dice.real(-0.02..0.02) * width,
    );
    let corners = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(across, down)| {
        let (x, y) = (across * width * scale, down * height * scale);
        point(
            centre.x + x * cos - y * sin + dice.real(-stray..stray),
            centre.y + x * sin + y * cos + dice.real(-stray..stray),
        )
    });
    shadow(&mut frame, corners, width);
    let page = [
        point(0.0, 0.0),
        point(width, 0.0),
        point(width, height),
        point(0.0, height),
    ];
    // Four corners of a slightly strayed rectangle are never in a line.
    if let Some(projection) = Projection::between(corners, page) {
        lay(&mut frame, specimen, |p| projection.apply(p));
    }
    illuminate(&mut frame, strength, corners, dice);
    let mut image = image::imageops::fast_blur(&frame.pixels, strength.blur);
    add_noise(&mut image, strength.noise, dice);
    image
}

/// Puts the document on the ground; `map` leads from a pixel of the frame to one of the document.
///
/// Inside, one sample between the document's pixels is enough; along its edge four make it smooth.
fn lay(frame: &mut Canvas, specimen: &Specimen, map: impl Fn(Point) -> Point) {
    const EDGE: f32 = 2.0;
    let (right, bottom) = (
        specimen.image.width() as f32,
        specimen.image.height() as f32,
    );
    for (x, y, pixel) in frame.pixels.enumerate_pixels_mut() {
        let (x, y) = (x as f32, y as f32);
        let at = map(point(x + 0.5, y + 0.5));
        if at.x < -EDGE || at.y < -EDGE || at.x > right + EDGE || at.y > bottom + EDGE {
            continue;
        }
        let near_corner = beyond_corner(specimen, at) > specimen.corner_radius - EDGE;
        let near_edge = at.x < EDGE || at.y < EDGE || at.x > right - EDGE || at.y > bottom - EDGE;
        if near_corner || near_edge {
            let (mut sum, mut hits) = ([0.0_f32; 3], 0.0_f32);
            for (across, down) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                if let Some(colour) = sample(specimen, map(point(x + across, y + down))) {
                    hits += 1.0;
                    for (total, part) in sum.iter_mut().zip(colour) {
                        *total += f32::from(part);
                    }
                }
            }
            let average = sum.map(|total| (total / hits.max(1.0)).round() as u8);
            mix(&mut pixel.0, average, hits / 4.0);
        } else if let Some(colour) = sample(specimen, at) {
            pixel.0 = colour;
        }
    }
}

/// The document's colour at a place, between its pixels; `None` beside it or off a round corner.
fn sample(specimen: &Specimen, at: Point) -> Option<[u8; 3]> {
    let (width, height) = specimen.image.dimensions();
    let (right, bottom) = (width as f32, height as f32);
    if at.x < 0.0 || at.y < 0.0 || at.x >= right || at.y >= bottom {
        return None;
    }
    if beyond_corner(specimen, at) > specimen.corner_radius {
        return None;
    }
    let (x, y) = ((at.x - 0.5).max(0.0), (at.y - 0.5).max(0.0));
    let (left, top) = (x.floor(), y.floor());
    let (share_x, share_y) = (x - left, y - top);
    let (left, top) = (left as u32, top as u32);
    let (next, below) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let colour = |x: u32, y: u32| specimen.image.get_pixel(x, y).0.map(f32::from);
    let row = |y: u32| {
        let (first, second) = (colour(left, y), colour(next, y));
        std::array::from_fn::<f32, 3, _>(|i| first[i] + (second[i] - first[i]) * share_x)
    };
    let (upper, lower) = (row(top), row(below));
    Some(std::array::from_fn(|i| {
        (upper[i] + (lower[i] - upper[i]) * share_y).round() as u8
    }))
}

/// The distance from the middle of the round corner that a place is nearest to; 0 elsewhere.
fn beyond_corner(specimen: &Specimen, at: Point) -> f32 {
    let (right, bottom) = (
        specimen.image.width() as f32,
        specimen.image.height() as f32,
    );
    let radius = specimen.corner_radius;
    let beyond_x = (radius - at.x).max(at.x - (right - radius)).max(0.0);
    let beyond_y = (radius - at.y).max(at.y - (bottom - radius)).max(0.0);
    beyond_x.hypot(beyond_y)
}

/// A table: wood, cloth or plain.
fn table(frame: &mut Canvas, dice: &mut Dice) {
    let (dark, bright) = dice.pick(&[
        ([92, 66, 46], [128, 94, 64]),
        ([52, 56, 62], [74, 78, 84]),
        ([150, 146, 138], [176, 172, 164]),
        ([40, 62, 58], [60, 86, 80]),
    ]);
    let (grain, bend, phase) = (
        dice.real(9.0..26.0),
        dice.real(200.0..420.0),
        dice.real(0.0..6.0),
    );
    frame.paint(|x, y| {
        let wave = y + 18.0 * (x / bend + phase).sin();
        let fibre = (wave / grain).sin() * 0.5 + (wave / (grain * 0.37) + x / 170.0).sin() * 0.25;
        between(dark, bright, 0.5 + 0.6 * fibre)
    });
}

fn shadow(frame: &mut Canvas, corners: [Point; 4], width: f32) {
    for step in 1..=8_u8 {
        let offset = f32::from(step) * 0.0022 * width;
        let moved = corners.map(|corner| point(corner.x + offset, corner.y + offset * 1.3));
        frame.fill(&Path::polygon(&moved), [0, 0, 0], 0.07);
    }
}

/// Uneven light over the whole frame, and a lamp's reflection on the document.
fn illuminate(frame: &mut Canvas, strength: &Strength, corners: [Point; 4], dice: &mut Dice) {
    let (width, height) = (frame.width(), frame.height());
    let direction = dice.real(0.0..std::f32::consts::TAU);
    let exposure = 1.0 + dice.real(-0.5..0.3) * strength.uneven;
    let (sin, cos) = direction.sin_cos();
    let glare = dice.real(0.4..1.0) * strength.glare;
    let across = corners[0].toward(corners[1], dice.real(0.15..0.85));
    let opposite = corners[3].toward(corners[2], dice.real(0.15..0.85));
    let lamp = across.toward(opposite, dice.real(0.1..0.8));
    let (wide, tall) = (dice.real(0.05..0.13) * width, dice.real(0.05..0.12) * width);
    for (x, y, pixel) in frame.pixels.enumerate_pixels_mut() {
        let (x, y) = (x as f32, y as f32);
        let slope = (x / width - 0.5) * cos + (y / height - 0.5) * sin;
        let factor = exposure * (1.0 + strength.uneven * slope);
        for channel in &mut pixel.0 {
            *channel = (f32::from(*channel) * factor).round().clamp(0.0, 255.0) as u8;
        }
        let distance = ((x - lamp.x) / wide).powi(2) + ((y - lamp.y) / tall).powi(2);
        if glare > 0.0 && distance < 9.0 {
            mix(
                &mut pixel.0,
                [255, 254, 250],
                glare * (-distance / 2.0).exp(),
            );
        }
    }
}

fn add_noise(image: &mut RgbImage, deviation: f32, dice: &mut Dice) {
    for pixel in image.pixels_mut() {
        // Most of a sensor's noise is in brightness, a little in colour.
        let grey = dice.gauss() * deviation;
        let tint = dice.tint().map(|step| step * deviation * 0.6);
        for (channel, step) in pixel.0.iter_mut().zip(tint) {
            *channel = (f32::from(*channel) + grey + step)
                .round()
                .clamp(0.0, 255.0) as u8;
        }
    }
}
