//! Security printing: wavy line fields and rosettes, as guilloche machines draw them.

use std::f32::consts::TAU;

use crate::canvas::{Canvas, Colour, Path, between};
use crate::dice::Dice;
use crate::geometry::{Point, point};

/// The inks of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    /// Paper at the top.
    pub(crate) paper_top: Colour,
    /// Paper at the bottom.
    pub(crate) paper_bottom: Colour,
    /// Fine lines.
    pub(crate) line: Colour,
    /// Second set of fine lines, and rosettes.
    pub(crate) second_line: Colour,
    /// Titles and labels.
    pub(crate) accent: Colour,
    /// Values and the machine-readable zone.
    pub(crate) ink: Colour,
}

impl Palette {
    /// One of a few plausible colour schemes.
    pub(crate) fn pick(dice: &mut Dice) -> Self {
        const INK: Colour = [24, 24, 30];
        let schemes = [
            (
                [226, 236, 246],
                [244, 228, 236],
                [120, 160, 200],
                [205, 140, 170],
                [34, 62, 120],
            ),
            (
                [240, 234, 216],
                [222, 236, 222],
                [190, 150, 100],
                [110, 165, 130],
                [98, 42, 36],
            ),
            (
                [224, 240, 232],
                [238, 238, 218],
                [110, 170, 150],
                [190, 170, 100],
                [20, 84, 70],
            ),
            (
                [236, 228, 242],
                [224, 234, 246],
                [160, 130, 190],
                [110, 150, 200],
                [70, 36, 110],
            ),
        ];
        let index = dice.whole(0..4);
        let scheme = schemes.into_iter().nth(usize::try_from(index).unwrap_or(0));
        let (paper_top, paper_bottom, line, second_line, accent) =
            scheme.unwrap_or(([240; 3], [230; 3], [150; 3], [170; 3], [40; 3]));
        Self {
            paper_top,
            paper_bottom,
            line,
            second_line,
            accent,
            ink: INK,
        }
    }
}

/// Paper with two crossing fields of wavy lines. `unit` is the number of pixels in a millimetre.
pub(crate) fn guilloche(canvas: &mut Canvas, palette: &Palette, unit: f32, dice: &mut Dice) {
    let height = canvas.height();
    let (phase, second_phase) = (dice.real(0.0..TAU), dice.real(0.0..TAU));
    let wave = dice.real(9.0..14.0) * unit;
    let second_wave = dice.real(17.0..27.0) * unit;
    let spacing = 1.15 * unit;
    canvas.paint(|x, y| {
        let paper = between(palette.paper_top, palette.paper_bottom, y / height);
        let bend = 2.2 * (x / wave * TAU + phase).sin() + 3.1 * (x / second_wave * TAU).cos();
        let first = thin_line(y + bend * unit, spacing);
        let bend =
            0.9 * (y / wave * TAU).sin() + 1.6 * (x / second_wave * TAU + second_phase).sin();
        let second = thin_line(0.42 * x - y + bend * unit, 1.4 * spacing);
        let tinted = between(paper, palette.line, 0.34 * first);
        between(tinted, palette.second_line, 0.28 * second)
    });
}

/// How much ink a field of parallel lines leaves at a phase: 1 in a line's middle, 0 between.
fn thin_line(phase: f32, spacing: f32) -> f32 {
    let distance = (phase / spacing).rem_euclid(1.0) - 0.5;
    (1.0 - distance.abs() * 6.0).clamp(0.0, 1.0)
}

/// A rosette of interlaced closed curves.
pub(crate) fn rosette(
    canvas: &mut Canvas,
    centre: Point,
    radius: f32,
    colour: Colour,
    dice: &mut Dice,
) {
    let petals = f32::from(u8::try_from(dice.whole(7..13)).unwrap_or(9));
    let width = (radius / 70.0).max(0.8);
    for ring in 0..7_u8 {
        let base = radius * (0.35 + 0.09 * f32::from(ring));
        let turn = f32::from(ring) * 0.19;
        let curve: Vec<_> = (0..=360_u16)
            .map(|step| {
                let angle = f32::from(step) / 360.0 * TAU;
                let r = base * (1.0 + 0.16 * (petals * angle + turn * petals).cos());
                point(centre.x + r * angle.cos(), centre.y + r * angle.sin())
            })
            .collect();
        canvas.fill(&Path::stroke(&curve, width), colour, 0.5);
    }
}

/// The arms of a land that doesn't exist: a sun over waves in a ring.
pub(crate) fn emblem(canvas: &mut Canvas, centre: Point, radius: f32, colour: Colour) {
    let at = |share: f32, angle: f32| {
        point(
            centre.x + radius * share * angle.cos(),
            centre.y + radius * share * angle.sin(),
        )
    };
    let ring: Vec<_> = (0..=72_u8)
        .map(|step| at(0.95, f32::from(step) / 72.0 * TAU))
        .collect();
    canvas.fill(&Path::stroke(&ring, radius * 0.07), colour, 0.9);
    let sun = point(centre.x, centre.y + radius * 0.08);
    let rise: Vec<_> = (0..=24_u8)
        .map(|step| {
            let angle = TAU * (0.5 + 0.5 * f32::from(step) / 24.0);
            point(
                sun.x + radius * 0.34 * angle.cos(),
                sun.y + radius * 0.34 * angle.sin(),
            )
        })
        .collect();
    canvas.fill(&Path::polygon(&rise), colour, 0.9);
    for ray in 0..9_u8 {
        let angle = TAU * (0.5 + 0.5 * (f32::from(ray) + 0.5) / 9.0);
        let reach = |share: f32| {
            point(
                sun.x + radius * share * angle.cos(),
                sun.y + radius * share * angle.sin(),
            )
        };
        canvas.fill(
            &Path::stroke(&[reach(0.44), reach(0.66)], radius * 0.06),
            colour,
            0.9,
        );
    }
    for wave in 0..3_u8 {
        let y = sun.y + radius * (0.14 + 0.17 * f32::from(wave));
        let half = radius * (0.68 - 0.14 * f32::from(wave));
        let curve: Vec<_> = (0..=40_u8)
            .map(|step| {
                let share = f32::from(step) / 40.0;
                let x = centre.x + half * (2.0 * share - 1.0);
                point(x, y + radius * 0.04 * (share * 3.0 * TAU).sin())
            })
            .collect();
        canvas.fill(&Path::stroke(&curve, radius * 0.06), colour, 0.9);
    }
}
