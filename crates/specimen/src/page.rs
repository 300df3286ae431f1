//! One side of a document while it is being printed; places and sizes in millimetres.

use image::RgbImage;
use jiff::civil::Date;
use verifa_mrz::Sex;

use crate::canvas::{Canvas, Colour, Path};
use crate::dice::Dice;
use crate::geometry::{Point, point};
use crate::pattern::{Palette, emblem, guilloche, rosette};
use crate::text::{Style, Typeface, draw, draw_in_cells, ocr_b_em};

/// Ten characters an inch (ICAO 9303-3 §4.1).
const ZONE_PITCH: f32 = 2.54;
/// Distance between the lines of a zone (ICAO 9303-4 §4.2, TD3: 6.35 mm).
const ZONE_LINE_DISTANCE: f32 = 6.35;

/// A side of a document.
pub(crate) struct Page {
    canvas: Canvas,
    unit: f32,
    height: f32,
    pub(crate) width: f32,
    pub(crate) palette: Palette,
}

impl Page {
    /// Blank security paper, `unit` pixels to the millimetre.
    pub(crate) fn new(
        width: f32,
        height: f32,
        unit: f32,
        palette: Palette,
        dice: &mut Dice,
    ) -> Self {
        let size = |length: f32| (length * unit).round() as u32;
        let mut canvas = Canvas::new(size(width), size(height), palette.paper_top);
        guilloche(&mut canvas, &palette, unit, dice);
        Self {
            canvas,
            unit,
            height,
            width,
            palette,
        }
    }

    fn at(&self, x: f32, y: f32) -> Point {
        point(x * self.unit, y * self.unit)
    }

    fn style(&self, typeface: Typeface, em: f32, colour: Colour) -> Style {
        Style::new(typeface, em * self.unit, colour)
    }

    /// A text with its baseline's left end at `x`, `y`. `em` in millimetres. Returns its width.
    pub(crate) fn text(&mut self, text: &str, x: f32, y: f32, em: f32, colour: Colour) -> f32 {
        let style = self.style(Typeface::Regular, em, colour);
        let origin = self.at(x, y);
        draw(&mut self.canvas, text, origin, style) / self.unit
    }

    /// A title in the accent colour.
    pub(crate) fn title(&mut self, text: &str, x: f32, y: f32, em: f32) {
        let style = self.style(Typeface::Semibold, em, self.palette.accent);
        let origin = self.at(x, y);
        draw(&mut self.canvas, text, origin, style);
    }

    /// A title that ends at `right`.
    pub(crate) fn title_to(&mut self, text: &str, right: f32, y: f32, em: f32) {
        let width = Typeface::Semibold.width(text, em);
        self.title(text, right - width, y, em);
    }

    /// A small label with its value below; `y` is the value's baseline.
    pub(crate) fn field(&mut self, label: &str, value: &str, x: f32, y: f32) {
        self.sized_field(label, value, (x, y), 3.3);
    }

    /// [`Self::field`] with the value's em in millimetres.
    pub(crate) fn sized_field(&mut self, label: &str, value: &str, (x, y): (f32, f32), em: f32) {
        self.text(label, x, y - em * 1.06, em * 0.5, self.palette.accent);
        let room = self.width - x - 3.0;
        let width = Typeface::Semibold.width(value, em).max(0.1);
        let style = self.style(
            Typeface::Semibold,
            em * (room / width).min(1.0),
            self.palette.ink,
        );
        let origin = self.at(x, y);
        draw(&mut self.canvas, value, origin, style);
    }

    /// The zone on its light ground, its last line's baseline `bottom` millimetres above the edge.
    pub(crate) fn zone(&mut self, lines: &[String], left: f32, bottom: f32) {
        let count = lines.len() as f32;
        let first = self.height - bottom - ZONE_LINE_DISTANCE * (count - 1.0);
        let (from, to) = (self.at(0.0, first - 5.2), self.at(self.width, self.height));
        self.canvas.rectangle(from, to, [252, 252, 250], 0.86);
        let pitch = ZONE_PITCH * self.unit;
        let style = Style::new(Typeface::OcrB, ocr_b_em(pitch), self.palette.ink);
        for (index, line) in lines.iter().enumerate() {
            let y = first + ZONE_LINE_DISTANCE * index as f32;
            let origin = self.at(left, y);
            draw_in_cells(&mut self.canvas, line, origin, pitch, style);
        }
    }

    /// A rosette of fine lines.
    pub(crate) fn rosette(&mut self, x: f32, y: f32, radius: f32, dice: &mut Dice) {
        let (centre, radius, colour) =
            (self.at(x, y), radius * self.unit, self.palette.second_line);
        rosette(&mut self.canvas, centre, radius, colour, dice);
    }

    /// The arms of Utopia.
    pub(crate) fn emblem(&mut self, x: f32, y: f32, radius: f32) {
        let (centre, colour) = (self.at(x, y), self.palette.accent);
        emblem(&mut self.canvas, centre, radius * self.unit, colour);
    }

    /// The portrait in a thin frame; with `ghost` a pale copy.
    pub(crate) fn portrait(
        &mut self,
        portrait: &RgbImage,
        x: f32,
        y: f32,
        width: f32,
        ghost: bool,
    ) {
        let scale = width * self.unit / portrait.width().max(1) as f32;
        let size = |length: u32| ((length as f32 * scale).round() as u32).max(1);
        let small = image::imageops::resize(
            portrait,
            size(portrait.width()),
            size(portrait.height()),
            image::imageops::FilterType::Triangle,
        );
        let corner = self.at(x, y);
        let alpha = if ghost { 0.32 } else { 1.0 };
        self.canvas
            .paste(&small, corner.x as i64, corner.y as i64, alpha);
    }

    /// A word across the visual zone, so that nobody takes the page for a real one.
    pub(crate) fn watermark(&mut self, x: f32, y: f32, em: f32) {
        let style = Style {
            alpha: 0.16,
            angle: -0.34,
            ..self.style(Typeface::Semibold, em, [190, 30, 40])
        };
        let origin = self.at(x, y);
        draw(&mut self.canvas, "SPECIMEN", origin, style);
    }

    /// A scrawl on a line.
    pub(crate) fn signature(&mut self, x: f32, y: f32, width: f32, dice: &mut Dice) {
        let mut points = Vec::new();
        let (loops, tall) = (dice.real(5.0..9.0), dice.real(1.2..2.2));
        for step in 0..=120_u8 {
            let share = f32::from(step) / 120.0;
            let swing = share * loops * std::f32::consts::TAU;
            let fade = (1.0 - 0.6 * share) * tall;
            points.push(self.at(
                x + width * share + 0.9 * (swing * 1.3).cos(),
                y - fade * swing.sin() - 0.6 * (2.7 * swing).sin() * (1.0 - share),
            ));
        }
        let path = Path::stroke(&points, 0.22 * self.unit);
        self.canvas.fill(&path, [28, 34, 96], 0.85);
    }

    /// The chip symbol of ICAO 9303-9.
    pub(crate) fn chip_symbol(&mut self, x: f32, y: f32, width: f32) {
        let height = width * 0.56;
        let colour = self.palette.accent;
        let bar = height * 0.24;
        for top in [y, y + height - bar] {
            let (from, to) = (self.at(x, top), self.at(x + width, top + bar));
            self.canvas.rectangle(from, to, colour, 0.9);
        }
        let middle = y + height / 2.0;
        let centre = self.at(x + width / 2.0, middle);
        let ring: Vec<_> = (0..=48_u8)
            .map(|step| {
                let angle = f32::from(step) / 48.0 * std::f32::consts::TAU;
                let radius = height * 0.17 * self.unit;
                point(
                    centre.x + radius * angle.cos(),
                    centre.y + radius * angle.sin(),
                )
            })
            .collect();
        self.canvas
            .fill(&Path::stroke(&ring, height * 0.08 * self.unit), colour, 0.9);
        for (from, to) in [(0.0, 0.34), (0.66, 1.0)] {
            let (from, to) = (
                self.at(x + width * from, middle),
                self.at(x + width * to, middle),
            );
            self.canvas.line(from, to, height * 0.1 * self.unit, colour);
        }
    }

    /// The finished picture.
    pub(crate) fn into_image(self) -> RgbImage {
        self.canvas.pixels
    }
}

/// `12 AUG 1983`: the order and the month's three letters leave no doubt.
pub(crate) fn printed_date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ];
    let index = usize::try_from(date.month() - 1).unwrap_or(0);
    let month = MONTHS.get(index).copied().unwrap_or_default();
    format!("{:02} {month} {:04}", date.day(), date.year())
}

/// The visual zone writes `X` where the machine-readable zone has a filler (ICAO 9303-3 §4.8).
pub(crate) const fn printed_sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "M",
        Sex::Female => "F",
        Sex::Unspecified => "X",
    }
}

/// The visual zone spells Utopia out; of other states it prints the code.
pub(crate) fn printed_nationality(code: &str) -> &str {
    if code == "UTO" { "UTOPIAN" } else { code }
}
