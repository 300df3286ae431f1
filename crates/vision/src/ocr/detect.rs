//! Text detection by differentiable binarisation (the `det` networks of PP-OCR): the network draws a
//! map of shrunken text regions; each region is boxed by the smallest rectangle and grown back.

use crate::{
    geometry::{Band, Point, smallest_band},
    image::DecodedImage,
    raster,
    runtime::{InferenceError, Network, Tensor},
};

/// A pixel belongs to text above this probability (PP-OCR's `thresh`).
const PIXEL_THRESHOLD: f32 = 0.3;
/// A region is text when its mean probability reaches this (PP-OCR's `box_thresh`).
const REGION_THRESHOLD: f32 = 0.5;
/// How much of the shrinking is undone: the offset is area times this by perimeter
/// (PP-OCR's `unclip_ratio`; 1.6 was measured best on zones, design/vision.md 3b).
const GROWTH: f32 = 1.6;
/// Regions thinner than this, in pixels of the map, are specks (PP-OCR's `min_size`).
const LEAST_THICKNESS: f32 = 3.0;
/// The most regions that are boxed (PP-OCR's `max_candidates`).
const MOST_REGIONS: usize = 1000;
/// The network halves its input five times.
const MULTIPLE: usize = 32;

pub(super) fn detect(
    network: &dyn Network,
    image: &DecodedImage,
    long_side: usize,
) -> Result<Vec<Band>, InferenceError> {
    let (width, height) = raster::size(image);
    let scale = long_side as f32 / width.max(height) as f32;
    let fit = |side: usize| {
        let scaled = (side as f32 * scale / MULTIPLE as f32).round() as usize;
        scaled.clamp(1, long_side.div_ceil(MULTIPLE)) * MULTIPLE
    };
    let (map_width, map_height) = (fit(width), fit(height));
    let input = raster::page_tensor(image, map_width, map_height);
    let map = network.run(&input)?;
    let factor = Point::new(
        width as f32 / map_width as f32,
        height as f32 / map_height as f32,
    );
    Ok(bands(&map, map_width, map_height)
        .into_iter()
        .filter_map(|band| stretched(&band, factor))
        .collect())
}

/// Maps a band to the picture, whose sides were rounded by different factors.
fn stretched(band: &Band, factor: Point) -> Option<Band> {
    let corners = band
        .corners()
        .map(|c| Point::new(c.x * factor.x, c.y * factor.y));
    smallest_band(corners.to_vec())
}

fn bands(map: &Tensor, width: usize, height: usize) -> Vec<Band> {
    let mut seen = vec![false; width * height];
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..map.values.len().min(width * height) {
        if found.len() == MOST_REGIONS {
            break;
        }
        if let Some(region) = fill(map, width, start, &mut seen, &mut stack) {
            found.extend(region.into_band());
        }
    }
    found
}

/// A connected region of text pixels: the leftmost and rightmost pixel of each row is enough for
/// its hull.
struct Region {
    /// Row, least column, greatest column.
    rows: Vec<(usize, usize, usize)>,
    pixels: usize,
    probability: f32,
}

impl Region {
    fn add(&mut self, x: usize, y: usize, probability: f32) {
        self.pixels += 1;
        self.probability += probability;
        // Filled from the topmost row downwards, so rows below the first come in any order.
        match self.rows.iter_mut().rev().find(|(row, ..)| *row == y) {
            Some((_, least, greatest)) => {
                *least = (*least).min(x);
                *greatest = (*greatest).max(x);
            }
            None => self.rows.push((y, x, x)),
        }
    }

    fn into_band(self) -> Option<Band> {
        if self.probability / (self.pixels as f32) < REGION_THRESHOLD {
            return None;
        }
        let corners = self.rows.iter().flat_map(|&(y, least, greatest)| {
            let (top, bottom) = (y as f32, (y + 1) as f32);
            let (left, right) = (least as f32, (greatest + 1) as f32);
            [(left, top), (left, bottom), (right, top), (right, bottom)]
        });
        let band = smallest_band(corners.map(|(x, y)| Point::new(x, y)).collect())?;
        if band.thickness < LEAST_THICKNESS {
            return None;
        }
        let area = band.length * band.thickness;
        let offset = area * GROWTH / (2.0 * (band.length + band.thickness));
        Some(Band {
            length: band.length + 2.0 * offset,
            thickness: band.thickness + 2.0 * offset,
            ..band
        })
    }
}

fn fill(
    map: &Tensor,
    width: usize,
    start: usize,
    seen: &mut [bool],
    stack: &mut Vec<usize>,
) -> Option<Region> {
    let probability = |at: usize| map.values.get(at).copied().unwrap_or(0.0);
    let enter = |at: usize, seen: &mut [bool]| {
        let Some(seen) = seen.get_mut(at).filter(|seen| !**seen) else {
            return false;
        };
        *seen = true;
        probability(at) > PIXEL_THRESHOLD
    };
    if !enter(start, seen) {
        return None;
    }
    let mut region = Region {
        rows: Vec::new(),
        pixels: 0,
        probability: 0.0,
    };
    stack.push(start);
    while let Some(at) = stack.pop() {
        let (x, y) = (at % width, at / width);
        region.add(x, y, probability(at));
        for row in y.saturating_sub(1)..=y + 1 {
            for column in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                let neighbour = row * width + column;
                if enter(neighbour, seen) {
                    stack.push(neighbour);
                }
            }
        }
    }
    Some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(width: usize, height: usize, text: impl Fn(usize, usize) -> f32) -> Tensor {
        let values = (0..width * height)
            .map(|at| text(at % width, at / width))
            .collect();
        Tensor {
            shape: vec![1, 1, height, width],
            values,
        }
    }

    #[test]
    fn two_lines_become_two_grown_bands() {
        let map = map(64, 32, |x, y| {
            let inside = (8..56).contains(&x) && ((4..8).contains(&y) || (20..24).contains(&y));
            if inside { 0.9 } else { 0.1 }
        });
        let found = bands(&map, 64, 32);
        assert_eq!(found.len(), 2);
        // 48 by 4: the offset is 192 * 1.6 / 104.
        let offset = 192.0 * GROWTH / 104.0;
        assert!((found[0].length - (48.0 + 2.0 * offset)).abs() < 1e-3);
        assert!((found[0].center.y - 6.0).abs() < 1e-3 && (found[1].center.y - 22.0).abs() < 1e-3);
    }

    #[test]
    fn faint_and_thin_regions_are_no_text() {
        let faint = map(64, 32, |_, y| if (4..8).contains(&y) { 0.4 } else { 0.0 });
        assert!(bands(&faint, 64, 32).is_empty());
        let thin = map(64, 32, |_, y| if y == 4 { 0.9 } else { 0.0 });
        assert!(bands(&thin, 64, 32).is_empty());
    }
}
