//! Pictures that are no identity documents, from blank walls to lines that imitate a zone.
//!
//! They prove that a reader refuses; some are meant to be hard to refuse.

use image::RgbImage;
use verifa_mrz::Sex;

use crate::canvas::{Canvas, Colour, Path, between};
use crate::dice::Dice;
use crate::geometry::point;
use crate::portrait;
use crate::text::{Style, Typeface, draw, draw_in_cells, ocr_b_em};

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureKind {
    /// Nearly one colour.
    Blank,
    /// Random pixels, coarse or fine.
    Noise,
    /// A smooth gradient.
    Gradient,
    /// Circles, boxes and lines.
    Shapes,
    /// A checkerboard or stripes.
    Checkerboard,
    /// Hills and a sun.
    Landscape,
    /// A drawn face.
    Face,
    /// A page of prose.
    Letter,
    /// A till receipt.
    Receipt,
    /// Columns of numbers.
    Table,
    /// A loyalty card: laid out like an identity card, without a zone.
    LoyaltyCard,
    /// Lines in OCR-B with fillers and the lengths of a zone, whose content is no zone.
    FalseZone,
}

impl PictureKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::Blank,
        Self::Noise,
        Self::Gradient,
        Self::Shapes,
        Self::Checkerboard,
        Self::Landscape,
        Self::Face,
        Self::Letter,
        Self::Receipt,
        Self::Table,
        Self::LoyaltyCard,
        Self::FalseZone,
    ];
}

/// A picture that is no document.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What it shows.
    pub kind: PictureKind,
    /// The picture; 480 to 1,400 pixels wide.
    pub image: RgbImage,
}

/// `count` pictures, each kind in turn, drawn one at a time as they are asked for.
pub fn not_documents(seed: u64, count: usize) -> impl Iterator<Item = Picture> {
    PictureKind::ALL
        .into_iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(move |(index, kind)| {
            let mut dice = Dice::new(seed, 1_000 + index as u64);
            Picture {
                kind,
                image: paint(kind, seed.wrapping_add(index as u64), &mut dice),
            }
        })
}

fn paint(kind: PictureKind, seed: u64, dice: &mut Dice) -> RgbImage {
    match kind {
        PictureKind::Blank => blank(dice),
        PictureKind::Noise => noise(dice),
        PictureKind::Gradient => gradient(dice),
        PictureKind::Shapes => shapes(dice),
        PictureKind::Checkerboard => checkerboard(dice),
        PictureKind::Landscape => landscape(dice),
        PictureKind::Face => face(seed, dice),
        PictureKind::Letter => letter(dice),
        PictureKind::Receipt => receipt(dice),
        PictureKind::Table => table(dice),
        PictureKind::LoyaltyCard => loyalty_card(seed, dice),
        PictureKind::FalseZone => false_zone(dice),
    }
}

const INK: Colour = [30, 30, 34];
const WORDS: &[&str] = &[
    "harbour", "morning", "the", "of", "and", "window", "letter", "quiet", "river", "a", "paper",
    "to", "garden", "seven", "winter", "in", "bridge", "old", "market", "with", "stone", "light",
    "from", "travel", "book", "under", "slowly", "rain", "north", "coffee",
];

fn colour(dice: &mut Dice) -> Colour {
    std::array::from_fn(|_| dice.real(20.0..240.0) as u8)
}

fn size(dice: &mut Dice) -> (u32, u32) {
    dice.pick(&[(800, 600), (600, 800), (1200, 900), (640, 480), (900, 900)])
}

fn blank(dice: &mut Dice) -> RgbImage {
    let ((width, height), base) = (size(dice), colour(dice));
    let mut canvas = Canvas::new(width, height, base);
    for pixel in canvas.pixels.pixels_mut() {
        let step = dice.gauss() * 2.0;
        pixel.0 = pixel
            .0
            .map(|part| (f32::from(part) + step).clamp(0.0, 255.0) as u8);
    }
    canvas.pixels
}

fn noise(dice: &mut Dice) -> RgbImage {
    let grain: u32 = dice.pick(&[1, 2, 6, 16]);
    let (width, height) = (640_u32.div_ceil(grain), 480_u32.div_ceil(grain));
    let mut small = RgbImage::new(width, height);
    for pixel in small.pixels_mut() {
        pixel.0 = std::array::from_fn(|_| dice.real(0.0..255.0) as u8);
    }
    let filter = image::imageops::FilterType::Nearest;
    image::imageops::resize(&small, width * grain, height * grain, filter)
}

fn gradient(dice: &mut Dice) -> RgbImage {
    let ((width, height), first, second) = (size(dice), colour(dice), colour(dice));
    let angle = dice.real(0.0..std::f32::consts::TAU);
    let mut canvas = Canvas::new(width, height, first);
    canvas.paint(|x, y| {
        let along =
            (x / width as f32 - 0.5) * angle.cos() + (y / height as f32 - 0.5) * angle.sin();
        between(first, second, along + 0.5)
    });
    canvas.pixels
}

fn shapes(dice: &mut Dice) -> RgbImage {
    let ((width, height), ground) = (size(dice), colour(dice));
    let mut canvas = Canvas::new(width, height, ground);
    for _ in 0..dice.whole(8..40) {
        let (x, y) = (dice.real(0.0..width as f32), dice.real(0.0..height as f32));
        let (wide, tall) = (dice.real(8.0..220.0), dice.real(8.0..220.0));
        let paint = colour(dice);
        let path = match dice.whole(0..3) {
            0 => Path::ellipse(point(x, y), wide, tall, dice.real(0.0..3.0)),
            1 => Path::rounded(x, y, wide, tall, wide.min(tall) * 0.2),
            _ => Path::stroke(
                &[point(x, y), point(x + wide, y + tall)],
                dice.real(1.0..12.0),
            ),
        };
        canvas.fill(&path, paint, dice.real(0.4..1.0));
    }
    canvas.pixels
}

fn checkerboard(dice: &mut Dice) -> RgbImage {
    let ((width, height), first, second) = (size(dice), colour(dice), colour(dice));
    let (wide, tall) = (dice.real(6.0..90.0), dice.pick(&[10_000.0, 40.0, 12.0]));
    let mut canvas = Canvas::new(width, height, first);
    canvas.paint(|x, y| {
        let square = (x / wide).floor() + (y / tall).floor();
        if square.rem_euclid(2.0) < 1.0 {
            first
        } else {
            second
        }
    });
    canvas.pixels
}

fn landscape(dice: &mut Dice) -> RgbImage {
    let mut canvas = Canvas::new(1200, 800, [0; 3]);
    let (zenith, horizon) = ([70, 120, 190], [236, 210, 180]);
    canvas.paint(|_, y| between(zenith, horizon, y / 560.0));
    let sun = point(dice.real(150.0..1050.0), dice.real(90.0..320.0));
    canvas.fill(&Path::ellipse(sun, 58.0, 58.0, 0.0), [255, 244, 200], 0.95);
    for ridge in 0..4_u8 {
        let base = 420.0 + 90.0 * f32::from(ridge);
        let (wave, phase) = (dice.real(90.0..260.0), dice.real(0.0..6.0));
        let mut outline: Vec<_> = (0..=120_u16)
            .map(|step| {
                let x = f32::from(step) * 10.0;
                let hill = (x / wave + phase).sin() + 0.4 * (x / (wave * 0.31)).sin();
                point(x, base - 42.0 * hill)
            })
            .collect();
        outline.extend([point(1200.0, 800.0), point(0.0, 800.0)]);
        let green = between([96, 140, 130], [34, 70, 44], f32::from(ridge) / 3.0);
        canvas.fill(&Path::polygon(&outline), green, 1.0);
    }
    canvas.pixels
}

fn face(seed: u64, dice: &mut Dice) -> RgbImage {
    let sex = dice
        .pick(&[Some(Sex::Female), Some(Sex::Male)])
        .unwrap_or(Sex::Unspecified);
    let mut canvas = Canvas::new(720, 900, colour(dice));
    canvas.paste(&portrait::draw(seed, sex), 150, 180, 1.0);
    canvas.pixels
}

fn sentence(dice: &mut Dice, words: i32) -> String {
    let mut text = String::new();
    for index in 0..words {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(dice.pick(WORDS));
    }
    text
}

fn letter(dice: &mut Dice) -> RgbImage {
    let mut canvas = Canvas::new(1000, 1400, [250, 249, 246]);
    let em = dice.real(20.0..32.0);
    let style = Style::new(Typeface::Regular, em, INK);
    let title = Style::new(Typeface::Semibold, em * 1.7, INK);
    draw(&mut canvas, &sentence(dice, 3), point(90.0, 130.0), title);
    let mut y = 220.0;
    while y < 1300.0 {
        if dice.chance(0.12) {
            y += em;
        }
        let words = dice.whole(6..9);
        draw(&mut canvas, &sentence(dice, words), point(90.0, y), style);
        y += em * 1.55;
    }
    canvas.pixels
}

fn amount(dice: &mut Dice) -> String {
    format!("{}.{:02}", dice.whole(1..400), dice.whole(0..100))
}

fn receipt(dice: &mut Dice) -> RgbImage {
    let mut canvas = Canvas::new(520, 1100, [246, 246, 242]);
    let style = Style::new(Typeface::Regular, 24.0, INK);
    let title = Style::new(Typeface::Semibold, 36.0, INK);
    draw(&mut canvas, "CORNER SHOP", point(120.0, 90.0), title);
    draw(
        &mut canvas,
        "--------------------------------------",
        point(40.0, 140.0),
        style,
    );
    let mut y = 190.0;
    for _ in 0..dice.whole(8..20) {
        draw(&mut canvas, dice.pick(WORDS), point(40.0, y), style);
        let price = amount(dice);
        draw(&mut canvas, &price, point(400.0, y), style);
        y += 36.0;
    }
    draw(&mut canvas, "TOTAL", point(40.0, y + 30.0), title);
    let total = amount(dice);
    draw(&mut canvas, &total, point(380.0, y + 30.0), title);
    let code: String = (0..32)
        .map(|_| dice.pick(&['0', '3', '5', '8', '9']))
        .collect();
    draw(&mut canvas, &code, point(40.0, y + 100.0), style);
    canvas.pixels
}

fn table(dice: &mut Dice) -> RgbImage {
    let mut canvas = Canvas::new(1200, 800, [255; 3]);
    let style = Style::new(Typeface::Regular, 24.0, INK);
    for row in 0..18_u8 {
        let y = 60.0 + 40.0 * f32::from(row);
        canvas.line(
            point(40.0, y + 10.0),
            point(1160.0, y + 10.0),
            1.5,
            [190; 3],
        );
        for column in 0..6_u8 {
            let cell = if column == 0 {
                dice.pick(WORDS).to_owned()
            } else {
                amount(dice)
            };
            draw(
                &mut canvas,
                &cell,
                point(50.0 + 185.0 * f32::from(column), y),
                style,
            );
        }
    }
    canvas.pixels
}

fn loyalty_card(seed: u64, dice: &mut Dice) -> RgbImage {
    let mut canvas = Canvas::new(1000, 640, [70, 70, 74]);
    let (first, second) = (colour(dice), colour(dice));
    canvas.fill(&Path::rounded(40.0, 40.0, 920.0, 560.0, 36.0), first, 1.0);
    canvas.fill(&Path::rounded(40.0, 420.0, 920.0, 180.0, 36.0), second, 0.8);
    let white = [250; 3];
    draw(
        &mut canvas,
        "READERS' CLUB",
        point(90.0, 140.0),
        Style::new(Typeface::Semibold, 64.0, white),
    );
    let filter = image::imageops::FilterType::Triangle;
    let member = portrait::draw(seed, Sex::Unspecified);
    let member = image::imageops::resize(&member, 252, 324, filter);
    canvas.paste(&member, 90, 190, 0.95);
    let style = Style::new(Typeface::Regular, 40.0, white);
    draw(&mut canvas, "MEMBER SINCE 2019", point(400.0, 270.0), style);
    let number = format!(
        "{:04} {:04} {:04}",
        dice.whole(0..9999),
        dice.whole(0..9999),
        17
    );
    draw(&mut canvas, &number, point(400.0, 350.0), style);
    canvas.pixels
}

fn false_zone(dice: &mut Dice) -> RgbImage {
    const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<<<<<<<<";
    let mut canvas = Canvas::new(1300, 860, [238, 238, 232]);
    let prose = Style::new(Typeface::Regular, 30.0, INK);
    for row in 0..10_u8 {
        let words = dice.whole(4..9);
        let text = sentence(dice, words);
        draw(
            &mut canvas,
            &text,
            point(70.0, 90.0 + 52.0 * f32::from(row)),
            prose,
        );
    }
    let (lines, length) = dice.pick(&[(2, 44), (2, 36), (3, 30), (2, 40), (1, 44), (5, 44)]);
    let pitch = 1160.0 / 44.0;
    let style = Style::new(Typeface::OcrB, ocr_b_em(pitch), INK);
    for line in 0..lines {
        let text: String = match dice.whole(0..3) {
            0 => "<".repeat(length),
            1 => (0..length)
                .map(|_| char::from(dice.pick(&CHARACTERS[..26])))
                .collect(),
            _ => (0..length)
                .map(|_| char::from(dice.pick(CHARACTERS)))
                .collect(),
        };
        let y = 640.0 + 66.0 * line as f32;
        draw_in_cells(&mut canvas, &text, point(70.0, y), pitch, style);
    }
    canvas.pixels
}
