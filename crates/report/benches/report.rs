//! How long a report takes, its two images on a thread each, from the bytes of the images to the bytes of the file.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures with the clock, speaks to whoever runs it, and fails loudly"
)]

#[path = "../samples/mod.rs"]
mod samples;

use std::time::{Duration, Instant};

use verifa_report::{Picture, SessionReport};

const ROUNDS: usize = 40;

/// The passport as a phone saves it: twelve megapixels.
fn phone_photograph() -> Vec<u8> {
    let (width, height, rgb) = samples::passport();
    let image = image::RgbImage::from_raw(width, height, rgb).unwrap();
    let large =
        image::imageops::resize(&image, 4_000, 3_000, image::imageops::FilterType::Triangle);
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 88)
        .encode_image(&large)
        .unwrap();
    jpeg
}

fn camera_photograph() -> Vec<u8> {
    let (width, height, rgb) = samples::passport();
    let image = image::RgbImage::from_raw(width, height, rgb).unwrap();
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 88)
        .encode_image(&image)
        .unwrap();
    jpeg
}

/// Decodes and shrinks two images side by side, as the server does where decoding is free, puts
/// them into the report, and draws it.
fn whole(report: &mut SessionReport, jpeg: &[u8]) -> usize {
    std::thread::scope(|scope| {
        for shown in report.pictures.iter_mut().take(2) {
            scope.spawn(|| {
                let image = image::load_from_memory(jpeg).unwrap().into_rgb8();
                let (width, height) = image.dimensions();
                shown.picture = Picture::of_rgb(width, height, image.as_raw()).unwrap();
            });
        }
    });
    report.render().unwrap().len()
}

fn measure(title: &str, mut once: impl FnMut() -> usize) {
    once();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            once();
            began.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: usize| times[(ROUNDS - 1) * share / 100].as_secs_f64() * 1_000.0;
    println!("{title:<44} p50 {:6.1} ms   p99 {:6.1} ms", at(50), at(99));
}

fn main() {
    // `cargo test` runs benchmarks too, to see that they work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let simple = samples::simple();
    measure("one page, images shrunk already", || {
        simple.render().unwrap().len()
    });
    let long = samples::long();
    measure("four pages, images shrunk already", || {
        long.render().unwrap().len()
    });
    let mut report = samples::simple();
    let small = camera_photograph();
    measure("one page with two images of 1 megapixel", || {
        whole(&mut report, &small)
    });
    let large = phone_photograph();
    measure("one page with two images of 12 megapixels", || {
        whole(&mut report, &large)
    });
}
