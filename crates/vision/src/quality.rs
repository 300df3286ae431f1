//! How good a picture is: sharpness, glare, exposure and resolution, measured on brightness values.
//! The figures are reported with a reading; whoever judges them sets the thresholds.

use serde::{Deserialize, Serialize};

use crate::{image::DecodedImage, raster};

/// The longer side at which sharpness is measured, so that pictures of all sizes compare.
const MEASURED_SIDE: usize = 512;
/// Brightness above which a colourless pixel counts as glare, 0 to 255.
const GLARE: f32 = 250.0;
/// Brightness below which a pixel counts as dark.
const DARK: f32 = 40.0;

/// Measurements of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageQuality {
    /// Variance of the Laplacian of brightness at a longer side of 512 pixels. Sharp portraits
    /// measure above 100, blurred ones below 40 (design/vision.md 3e).
    pub sharpness: f32,
    /// Share of pixels that are nearly white and colourless, 0 to 1. White pages have much of it
    /// without any glare.
    pub glare: f32,
    /// Mean brightness, 0 to 255.
    pub brightness: f32,
    /// Standard deviation of brightness, 0 to 127.5.
    pub contrast: f32,
    /// Share of dark pixels, 0 to 1.
    pub dark: f32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Measures a picture; takes a few milliseconds, mostly for scaling it down.
pub fn measure_quality(image: &DecodedImage) -> ImageQuality {
    let (width, height) = raster::size(image);
    let scale = (MEASURED_SIDE as f32 / width.max(height) as f32).min(1.0);
    let fit = |side: usize| ((side as f32 * scale).round() as usize).max(1);
    let (width, height) = (fit(width), fit(height));
    let tensor = raster::page_tensor(image, width, height);
    let plane = width * height;
    let colour = |channel: usize, at: usize| {
        let value = tensor
            .values
            .get(channel * plane + at)
            .copied()
            .unwrap_or(0.0);
        (value + 1.0) * 127.5
    };
    let mut brightness = Vec::with_capacity(plane);
    let mut glaring = 0_usize;
    for at in 0..plane {
        let (blue, green, red) = (colour(0, at), colour(1, at), colour(2, at));
        // ITU-R BT.601 luma.
        brightness.push(0.299 * red + 0.587 * green + 0.114 * blue);
        glaring += usize::from(blue.min(green).min(red) >= GLARE);
    }
    let (mean, variance) = mean_and_variance(brightness.iter().copied());
    let dark = brightness.iter().filter(|value| **value < DARK).count();
    let (_, sharpness) = mean_and_variance(laplacian(&brightness, width));
    ImageQuality {
        sharpness,
        glare: glaring as f32 / plane as f32,
        brightness: mean,
        contrast: variance.sqrt(),
        dark: dark as f32 / plane as f32,
        width: image.width(),
        height: image.height(),
    }
}

fn mean_and_variance(values: impl Iterator<Item = f32>) -> (f32, f32) {
    let (mut count, mut sum, mut squares) = (0_u32, 0.0_f64, 0.0_f64);
    for value in values {
        let value = f64::from(value);
        count += 1;
        sum += value;
        squares += value * value;
    }
    let count = f64::from(count.max(1));
    let mean = sum / count;
    (mean as f32, (squares / count - mean * mean).max(0.0) as f32)
}

/// Four times the pixel minus its four neighbours, over the inner pixels.
fn laplacian(brightness: &[f32], width: usize) -> impl Iterator<Item = f32> + '_ {
    let rows = brightness.chunks_exact(width.max(1));
    let above = rows.clone();
    let middle = rows.clone().skip(1);
    let below = rows.skip(2);
    above
        .zip(middle)
        .zip(below)
        .flat_map(|((above, middle), below)| {
            let neighbours = above.iter().zip(below).skip(1);
            middle
                .windows(3)
                .zip(neighbours)
                .filter_map(|(window, (up, down))| match window {
                    [left, centre, right] => Some(4.0 * centre - left - right - up - down),
                    _ => None,
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkered(cell: u32) -> DecodedImage {
        let pixels = (0..128_u32 * 128).flat_map(|at| {
            let (x, y) = (at % 128, at / 128);
            [if (x / cell + y / cell).is_multiple_of(2) {
                255
            } else {
                0
            }; 3]
        });
        DecodedImage::from_rgb(128, 128, pixels.collect()).unwrap()
    }

    #[test]
    fn more_edges_are_sharper() {
        let (fine, coarse) = (
            measure_quality(&checkered(2)),
            measure_quality(&checkered(32)),
        );
        assert!(fine.sharpness > 4.0 * coarse.sharpness);
        assert!((fine.glare - 0.5).abs() < 1e-3 && (fine.dark - 0.5).abs() < 1e-3);
        assert!((fine.contrast - 127.5).abs() < 0.5);
        let flat = DecodedImage::from_rgb(8, 8, vec![128; 192]).unwrap();
        let flat = measure_quality(&flat);
        assert!(flat.sharpness < 1e-3 && flat.contrast < 1e-3 && flat.glare < 1e-6);
    }
}
