//! Whether a line of text stands on its head: the `cls` network of PP-OCR, which looks at a piece of
//! a line, four times as long as high, and knows 0 and 180 degrees.

use crate::{
    geometry::Band,
    image::DecodedImage,
    raster,
    runtime::{InferenceError, Network},
};

const HEIGHT: usize = 48;
const WIDTH: usize = 192;

/// How many pieces of a long line are looked at; letters that are symmetric tell nothing, so one
/// piece is not enough.
const PIECES: usize = 3;

pub(super) fn upside_down(
    network: &dyn Network,
    image: &DecodedImage,
    band: &Band,
) -> Result<f32, InferenceError> {
    let piece_length = (band.thickness * (WIDTH / HEIGHT) as f32).min(band.length);
    let pieces = ((band.length / piece_length).floor() as usize).clamp(1, PIECES);
    let mut turned = 0.0;
    for index in 0..pieces {
        // Evenly from the start: names and numbers stand there, fillers at the end.
        let start = (band.length - piece_length) * index as f32 / PIECES as f32;
        let shift = start + piece_length / 2.0 - band.length / 2.0;
        let piece = Band {
            center: band.center.moved(band.axis, shift),
            length: piece_length,
            ..*band
        };
        let output = network.run(&raster::band_tensor(image, &piece, WIDTH, HEIGHT))?;
        turned += output.values.get(1).copied().unwrap_or(0.5);
    }
    Ok(turned / pieces as f32)
}
