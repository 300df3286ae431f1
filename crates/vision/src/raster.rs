//! Turns pictures, or slanted bands cut out of them, into the number grids that networks read:
//! planes of blue, green and red, each value mapped from 0..=255 to -1..=1.

use crate::{
    geometry::{Band, Point},
    image::DecodedImage,
    runtime::Tensor,
};

/// Maps a colour value to the range the PP-OCR networks were trained on: (v / 255 - 0.5) / 0.5.
fn normalised(value: f32) -> f32 {
    value / 127.5 - 1.0
}

/// The whole picture at another size. Shrinks by averaging areas, enlarges by interpolation.
///
/// Allocates the tensor and two rows; each source pixel is read once when shrinking.
pub(crate) fn page_tensor(image: &DecodedImage, width: usize, height: usize) -> Tensor {
    let (source_width, source_height) = size(image);
    let columns = taps(source_width, width);
    let rows = taps(source_height, height);
    let plane = width * height;
    let mut values = vec![0.0_f32; plane * 3];
    let mut blended = vec![0.0_f32; source_width * 3];
    let stride = source_width * 3;
    for (y, row) in rows.iter().enumerate() {
        blended.fill(0.0);
        for (offset, weight) in row.weights.iter().enumerate() {
            let start = (row.first + offset) * stride;
            let source = image.rgb().get(start..start + stride).unwrap_or_default();
            for (sum, value) in blended.iter_mut().zip(source) {
                *sum += f32::from(*value) * weight;
            }
        }
        for (x, column) in columns.iter().enumerate() {
            let mut colour = [0.0_f32; 3];
            let start = column.first * 3;
            let end = start + column.weights.len() * 3;
            let pixels = blended.get(start..end).unwrap_or_default().chunks_exact(3);
            for (pixel, weight) in pixels.zip(&column.weights) {
                for (sum, value) in colour.iter_mut().zip(pixel) {
                    *sum += value * weight;
                }
            }
            put(&mut values, plane, y * width + x, colour);
        }
    }
    Tensor {
        shape: vec![1, 3, height, width],
        values,
    }
}

/// Writes red, green, blue into the planes blue, green, red.
fn put(values: &mut [f32], plane: usize, at: usize, colour: [f32; 3]) {
    for (channel, value) in colour.into_iter().rev().enumerate() {
        if let Some(place) = values.get_mut(channel * plane + at) {
            *place = normalised(value);
        }
    }
}

/// Which source pixels make up one target pixel, with weights that sum to one.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

fn taps(source: usize, target: usize) -> Vec<Tap> {
    let scale = source as f32 / target.max(1) as f32;
    let last = source.saturating_sub(1);
    (0..target)
        .map(|index| {
            if scale > 1.0 {
                area_tap(index as f32 * scale, (index + 1) as f32 * scale, last)
            } else {
                let position = ((index as f32 + 0.5) * scale - 0.5).clamp(0.0, last as f32);
                let first = position.floor();
                let share = position - first;
                let first = first as usize;
                let weights = if first < last {
                    vec![1.0 - share, share]
                } else {
                    vec![1.0]
                };
                Tap { first, weights }
            }
        })
        .collect()
}

fn area_tap(from: f32, to: f32, last: usize) -> Tap {
    let first = (from.floor() as usize).min(last);
    let end = (to.ceil() as usize).clamp(first + 1, last + 1);
    let covered = |pixel: usize| (to.min((pixel + 1) as f32) - from.max(pixel as f32)).max(0.0);
    let mut weights: Vec<f32> = (first..end).map(covered).collect();
    let sum: f32 = weights.iter().sum();
    for weight in &mut weights {
        *weight = if sum > 0.0 { *weight / sum } else { 1.0 };
    }
    Tap { first, weights }
}

/// A band of the picture, laid flat: its axis runs along the rows of the tensor.
pub(crate) fn band_tensor(
    image: &DecodedImage,
    band: &Band,
    width: usize,
    height: usize,
) -> Tensor {
    let plane = width * height;
    let mut values = vec![0.0_f32; plane * 3];
    let across = band.across();
    let (step_along, step_across) = (band.length / width as f32, band.thickness / height as f32);
    // When several source pixels fall into one, as many samples are averaged in each direction.
    let samples = |step: f32| (step.round() as usize).clamp(1, 4);
    let (samples_along, samples_across) = (samples(step_along), samples(step_across));
    let share = 1.0 / (samples_along * samples_across) as f32;
    let origin = band
        .center
        .moved(band.axis, -band.length / 2.0)
        .moved(across, -band.thickness / 2.0);
    for y in 0..height {
        for x in 0..width {
            let mut colour = [0.0_f32; 3];
            for sample_y in 0..samples_across {
                let down = y as f32 + (sample_y as f32 + 0.5) / samples_across as f32;
                let row = origin.moved(across, down * step_across);
                for sample_x in 0..samples_along {
                    let right = x as f32 + (sample_x as f32 + 0.5) / samples_along as f32;
                    let sampled = sample(image, row.moved(band.axis, right * step_along));
                    for (sum, value) in colour.iter_mut().zip(sampled) {
                        *sum += value * share;
                    }
                }
            }
            put(&mut values, plane, y * width + x, colour);
        }
    }
    Tensor {
        shape: vec![1, 3, height, width],
        values,
    }
}

/// The colour at a point between pixels; beyond the edge, that of the edge.
fn sample(image: &DecodedImage, at: Point) -> [f32; 3] {
    let (width, height) = size(image);
    let clamp = |value: f32, size: usize| (value - 0.5).clamp(0.0, size.saturating_sub(1) as f32);
    let (x, y) = (clamp(at.x, width), clamp(at.y, height));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (share_x, share_y) = (x - left as f32, y - top as f32);
    let pixel = |x: usize, y: usize| {
        let start = (y * width + x) * 3;
        match image.rgb().get(start..start + 3) {
            Some(&[red, green, blue]) => [red, green, blue].map(f32::from),
            _ => [0.0; 3],
        }
    };
    let corners = [
        pixel(left, top),
        pixel(right, top),
        pixel(left, bottom),
        pixel(right, bottom),
    ];
    let weights = [
        (1.0 - share_x) * (1.0 - share_y),
        share_x * (1.0 - share_y),
        (1.0 - share_x) * share_y,
        share_x * share_y,
    ];
    let mut colour = [0.0_f32; 3];
    for (corner, weight) in corners.iter().zip(weights) {
        for (sum, value) in colour.iter_mut().zip(corner) {
            *sum += value * weight;
        }
    }
    colour
}

/// Width and height as indices; a decoded picture has at least one pixel.
pub(crate) fn size(image: &DecodedImage) -> (usize, usize) {
    (image.width() as usize, image.height() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half black, right half white, 8 by 4.
    fn halves() -> DecodedImage {
        let row: Vec<u8> = (0..8)
            .flat_map(|x| [if x < 4 { 0 } else { 255 }; 3])
            .collect();
        DecodedImage::from_rgb(8, 4, row.repeat(4)).unwrap()
    }

    #[test]
    fn shrinking_averages_and_enlarging_interpolates() {
        let tensor = page_tensor(&halves(), 2, 1);
        assert_eq!(tensor.shape, [1, 3, 1, 2]);
        assert_eq!(tensor.values, [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0]);
        let tensor = page_tensor(&halves(), 1, 1);
        assert!(tensor.values.iter().all(|value| value.abs() < 1e-6));
        let tensor = page_tensor(&halves(), 16, 8);
        assert!((tensor.values[0] + 1.0).abs() < 1e-6 && (tensor.values[15] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn planes_are_blue_green_red() {
        let image = DecodedImage::from_rgb(1, 1, vec![255, 127, 0]).unwrap();
        let values = page_tensor(&image, 1, 1).values;
        assert!((values[0] + 1.0).abs() < 1e-6 && (values[2] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_band_read_from_the_other_end_is_reversed() {
        let band = Band {
            center: Point::new(4.0, 2.0),
            axis: Point::new(1.0, 0.0),
            length: 8.0,
            thickness: 4.0,
        };
        let forward = band_tensor(&halves(), &band, 8, 4).values;
        let backward = band_tensor(&halves(), &band.reversed(), 8, 4).values;
        assert!(forward[0] < -0.9 && forward[7] > 0.9);
        assert!(backward[0] > 0.9 && backward[7] < -0.9);
    }
}
