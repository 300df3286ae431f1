//! A drawn portrait: nobody's face, put together from shapes.

use image::RgbImage;
use verifa_mrz::Sex;

use crate::canvas::{Canvas, Colour, Path, between};
use crate::dice::Dice;
use crate::geometry::{Point, point};

/// 35 : 45, as ICAO 9303-3 §3.9 asks of portraits.
const WIDTH: u32 = 420;
const HEIGHT: u32 = 540;

struct Features {
    skin: Colour,
    hair: Colour,
    eyes: Colour,
    clothes: Colour,
    long_hair: bool,
    glasses: bool,
    face_width: f32,
    eye_distance: f32,
    brow: f32,
    mouth: f32,
    lip_colour: f32,
    parting: f32,
}

/// A portrait with the proportions of a passport photograph: face centred, eyes at 43 % of the
/// height, plain light ground.
pub(crate) fn draw(seed: u64, sex: Sex) -> RgbImage {
    let mut dice = Dice::new(seed, 2);
    let features = Features {
        skin: dice.pick(&[
            [238, 205, 180],
            [224, 184, 152],
            [198, 150, 112],
            [156, 108, 76],
            [112, 74, 52],
        ]),
        hair: dice.pick(&[
            [42, 30, 24],
            [24, 20, 20],
            [96, 62, 34],
            [160, 118, 66],
            [128, 128, 130],
        ]),
        eyes: dice.pick(&[[70, 48, 30], [60, 90, 120], [70, 96, 60], [40, 28, 20]]),
        clothes: dice.pick(&[
            [46, 58, 84],
            [82, 44, 52],
            [60, 66, 62],
            [34, 34, 40],
            [92, 80, 62],
        ]),
        long_hair: match sex {
            Sex::Female => dice.chance(0.8),
            Sex::Male => dice.chance(0.08),
            Sex::Unspecified => dice.chance(0.5),
        },
        glasses: dice.chance(0.15),
        face_width: dice.real(92.0..106.0),
        eye_distance: dice.real(42.0..48.0),
        brow: dice.real(4.5..8.0),
        mouth: dice.real(32.0..40.0),
        lip_colour: if sex == Sex::Female { 0.5 } else { 0.26 },
        parting: dice.real(-0.5..0.5),
    };
    let mut canvas = Canvas::new(WIDTH, HEIGHT, [222, 226, 230]);
    canvas.paint(|x, y| {
        let distance = ((x - 210.0) / 300.0).hypot((y - 240.0) / 380.0);
        between([232, 235, 238], [196, 202, 208], distance)
    });
    let middle = WIDTH as f32 / 2.0;
    hair_behind(&mut canvas, &features, middle);
    shoulders(&mut canvas, &features, middle);
    head(&mut canvas, &features, middle);
    hair_above(&mut canvas, &features, middle);
    for side in [-1.0, 1.0] {
        eye(
            &mut canvas,
            &features,
            point(middle + side * features.eye_distance, 236.0),
            side,
        );
    }
    nose_and_mouth(&mut canvas, &features, middle);
    if features.glasses {
        glasses(&mut canvas, &features, middle);
    }
    image::imageops::fast_blur(&canvas.pixels, 1.2)
}

fn shade(colour: Colour, share: f32) -> Colour {
    between(colour, [20, 10, 10], share)
}

fn light(colour: Colour, share: f32) -> Colour {
    between(colour, [255, 250, 244], share)
}

fn curve(points: impl IntoIterator<Item = (f32, f32)>) -> Vec<Point> {
    points.into_iter().map(|(x, y)| point(x, y)).collect()
}

/// An outline through an arch: `y` as a function of the share from left to right.
fn arch(from: f32, to: f32, y: impl Fn(f32) -> f32) -> Vec<Point> {
    let step = (to - from) / 40.0;
    curve((0..=40_u8).map(|i| (from + step * f32::from(i), y(f32::from(i) / 40.0))))
}

fn hair_behind(canvas: &mut Canvas, features: &Features, middle: f32) {
    if features.long_hair {
        let width = features.face_width + 30.0;
        canvas.fill(
            &Path::ellipse(point(middle, 250.0), width, 172.0, 0.0),
            features.hair,
            1.0,
        );
        let fall = Path::rounded(middle - width, 250.0, 2.0 * width, 200.0, 50.0);
        canvas.fill(&fall, features.hair, 1.0);
    }
}

fn shoulders(canvas: &mut Canvas, features: &Features, middle: f32) {
    let mut body = arch(middle - 250.0, middle + 250.0, |share| {
        let x = 2.0 * share - 1.0;
        424.0 + 130.0 * x.abs().powf(2.2)
    });
    body.push(point(middle + 250.0, 640.0));
    body.push(point(middle - 250.0, 640.0));
    canvas.fill(&Path::polygon(&body), features.clothes, 1.0);
    let neck = Path::rounded(middle - 47.0, 330.0, 94.0, 126.0, 40.0);
    canvas.fill(&neck, shade(features.skin, 0.16), 1.0);
    let collar = curve([
        (middle - 64.0, 436.0),
        (middle, 505.0),
        (middle + 64.0, 436.0),
        (middle + 92.0, 452.0),
        (middle + 16.0, 545.0),
        (middle - 16.0, 545.0),
        (middle - 92.0, 452.0),
    ]);
    canvas.fill(&Path::polygon(&collar), light(features.clothes, 0.28), 1.0);
    let shirt = curve([
        (middle - 46.0, 444.0),
        (middle, 500.0),
        (middle + 46.0, 444.0),
    ]);
    canvas.fill(&Path::polygon(&shirt), shade(features.skin, 0.1), 1.0);
}

fn head(canvas: &mut Canvas, features: &Features, middle: f32) {
    let width = features.face_width;
    for side in [-1.0, 1.0] {
        let ear = point(middle + side * (width - 1.0), 250.0);
        canvas.fill(
            &Path::ellipse(ear, 15.0, 29.0, side * 0.12),
            shade(features.skin, 0.12),
            1.0,
        );
        canvas.fill(
            &Path::ellipse(ear, 8.0, 18.0, side * 0.12),
            shade(features.skin, 0.24),
            0.7,
        );
    }
    // Skull and jaw: an egg that narrows towards the chin.
    let outline: Vec<_> = (0..96_u8)
        .map(|step| {
            let angle = f32::from(step) / 96.0 * std::f32::consts::TAU;
            let (sin, cos) = angle.sin_cos();
            let narrowing = if sin > 0.0 {
                1.0 - 0.24 * sin.powi(2)
            } else {
                1.0
            };
            point(
                middle + width * cos * narrowing,
                242.0 + if sin > 0.0 { 142.0 } else { 134.0 } * sin,
            )
        })
        .collect();
    canvas.fill(&Path::polygon(&outline), features.skin, 1.0);
    // Soft light from the left, in rings because the shapes are flat.
    for ring in 0..10_u8 {
        let share = f32::from(ring) / 10.0;
        let radius = width * (0.86 - 0.5 * share);
        let centre = point(middle - 12.0 - 8.0 * share, 230.0);
        canvas.fill(
            &Path::ellipse(centre, radius, radius * 1.25, 0.0),
            light(features.skin, 0.5),
            0.05,
        );
    }
    for side in [-1.0, 1.0] {
        for ring in 0..6_u8 {
            let size = 26.0 - 3.5 * f32::from(ring);
            let cheek = point(middle + side * 56.0, 292.0);
            let blush = between(features.skin, [214, 96, 88], 0.5);
            canvas.fill(&Path::ellipse(cheek, size, size * 0.8, 0.0), blush, 0.05);
        }
    }
}

fn hair_above(canvas: &mut Canvas, features: &Features, middle: f32) {
    let width = features.face_width + if features.long_hair { 18.0 } else { 7.0 };
    let parting = features.parting;
    let mut outline = arch(middle - width, middle + width, |share| {
        let x = 2.0 * share - 1.0;
        let tuft = 5.0 * (x * 9.0 + parting).sin() * (1.0 - x * x);
        262.0 - (168.0 + tuft) * (1.0 - x.abs().powf(2.3)).max(0.0).sqrt()
    });
    // The hairline runs from temple to temple, highest at the parting.
    let mut hairline = arch(middle - width + 9.0, middle + width - 9.0, |share| {
        let x = 2.0 * share - 1.0;
        let temple = 104.0 * x.abs().powf(3.4);
        150.0 + temple + 26.0 * (x - parting).abs().min(0.8) + 2.5 * (x * 31.0).sin()
    });
    hairline.reverse();
    outline.extend(hairline);
    canvas.fill(&Path::polygon(&outline), features.hair, 1.0);
    let root = point(middle + parting * width * 0.8, 104.0);
    for strand in 0..36_u8 {
        let x = 2.0 * (f32::from(strand) + 0.5) / 36.0 - 1.0;
        let fall = 158.0 + 84.0 * x.abs().powf(3.0);
        let tip = point(middle + x * (width - 6.0), fall.min(244.0));
        let lift = point(
            f32::midpoint(root.x, tip.x) + x * 26.0,
            118.0 + 26.0 * x * x,
        );
        let lock: Vec<_> = (0..=12_u8)
            .map(|step| {
                let t = f32::from(step) / 12.0;
                root.toward(lift, t).toward(lift.toward(tip, t), t)
            })
            .collect();
        let tone = if strand % 3 == 0 {
            light(features.hair, 0.24)
        } else {
            shade(features.hair, 0.3)
        };
        canvas.fill(&Path::stroke(&lock, 2.6), tone, 0.3);
    }
}

fn eye(canvas: &mut Canvas, features: &Features, at: Point, side: f32) {
    canvas.fill(
        &Path::ellipse(point(at.x, at.y + 2.0), 25.0, 15.0, 0.0),
        shade(features.skin, 0.3),
        0.3,
    );
    canvas.fill(
        &Path::ellipse(at, 19.0, 9.5, side * 0.06),
        [246, 244, 240],
        1.0,
    );
    canvas.fill(&Path::ellipse(at, 8.6, 9.0, 0.0), features.eyes, 1.0);
    canvas.fill(&Path::ellipse(at, 4.2, 4.4, 0.0), [12, 10, 10], 1.0);
    canvas.fill(
        &Path::ellipse(point(at.x - 2.6, at.y - 3.0), 1.9, 1.9, 0.0),
        [255; 3],
        0.95,
    );
    let lid = arch(at.x - 21.0, at.x + 21.0, |share| {
        let x = 2.0 * share - 1.0;
        at.y + 1.0 - 11.5 * (1.0 - x * x)
    });
    canvas.fill(&Path::stroke(&lid, 3.4), shade(features.skin, 0.72), 0.9);
    let brow = arch(at.x - 28.0, at.x + 28.0, |share| {
        let x = 2.0 * share - 1.0;
        at.y - 27.0 - 7.0 * (1.0 - x * x) + 3.0 * x * side
    });
    canvas.fill(
        &Path::stroke(&brow, features.brow),
        shade(features.hair, 0.2),
        0.85,
    );
}

fn nose_and_mouth(canvas: &mut Canvas, features: &Features, middle: f32) {
    let dark = shade(features.skin, 0.42);
    let bridge = curve([
        (middle + 9.0, 232.0),
        (middle + 12.0, 268.0),
        (middle + 18.0, 290.0),
        (middle + 10.0, 298.0),
    ]);
    canvas.fill(&Path::stroke(&bridge, 3.0), dark, 0.4);
    for side in [-1.0, 1.0] {
        canvas.fill(
            &Path::ellipse(point(middle + side * 9.0, 299.0), 5.4, 3.2, 0.0),
            dark,
            0.75,
        );
    }
    canvas.fill(
        &Path::ellipse(point(middle - 3.0, 284.0), 8.0, 10.0, 0.0),
        light(features.skin, 0.6),
        0.3,
    );
    let lips = between(features.skin, [176, 60, 66], features.lip_colour);
    let half = features.mouth;
    let mut upper = arch(middle - half, middle + half, |share| {
        let x = 2.0 * share - 1.0;
        338.0 - 3.0 * x * x - 8.0 * (1.0 - x * x) * (0.7 + 0.6 * x.abs())
    });
    upper.extend(arch(middle + half, middle - half, |share| {
        let x = 2.0 * share - 1.0;
        338.0 - 3.0 * x * x + 12.0 * (1.0 - x * x)
    }));
    canvas.fill(&Path::polygon(&upper), lips, 1.0);
    let line = arch(middle - half, middle + half, |share| {
        let x = 2.0 * share - 1.0;
        338.0 - 4.0 * x * x + 1.5 * (1.0 - x * x)
    });
    canvas.fill(&Path::stroke(&line, 2.4), shade(lips, 0.45), 0.9);
    let chin = arch(middle - 16.0, middle + 16.0, |share| {
        let x = 2.0 * share - 1.0;
        362.0 - 3.0 * (1.0 - x * x)
    });
    canvas.fill(&Path::stroke(&chin, 3.0), dark, 0.25);
}

fn glasses(canvas: &mut Canvas, features: &Features, middle: f32) {
    let frame = [38, 36, 40];
    for side in [-1.0, 1.0] {
        let centre = point(middle + side * features.eye_distance, 238.0);
        let ring: Vec<_> = (0..=48_u8)
            .map(|step| {
                let angle = f32::from(step) / 48.0 * std::f32::consts::TAU;
                point(centre.x + 33.0 * angle.cos(), centre.y + 25.0 * angle.sin())
            })
            .collect();
        canvas.fill(&Path::stroke(&ring, 4.0), frame, 0.95);
        let temple = curve([
            (centre.x + side * 32.0, 234.0),
            (middle + side * features.face_width, 240.0),
        ]);
        canvas.fill(&Path::stroke(&temple, 4.0), frame, 0.95);
    }
    let bridge = curve([
        (middle - features.eye_distance + 33.0, 236.0),
        (middle, 230.0),
        (middle + features.eye_distance - 33.0, 236.0),
    ]);
    canvas.fill(&Path::stroke(&bridge, 4.0), frame, 0.95);
}
