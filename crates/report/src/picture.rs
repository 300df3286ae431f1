//! Images for paper: shrunk to what a page shows, as JPEG.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::ReportError;

/// Most pixels of the longer side: a document drawn 8 cm wide then has 200 dots per inch.
const LONGER_SIDE: u32 = 640;
/// At this quality the small print of a document stays legible on paper.
const QUALITY: u8 = 82;

/// A small picture as a JPEG file. Personal data: not `Debug`.
#[derive(Clone)]
pub struct Picture {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Picture {
    /// Shrinks a picture: `width * height` triples of red, green, blue, row by row, upright.
    ///
    /// Allocates for the small picture only.
    ///
    /// # Errors
    /// [`ReportError::Picture`] when the pixels are not that many.
    pub fn of_rgb(width: u32, height: u32, rgb: &[u8]) -> Result<Self, ReportError> {
        if width == 0 || height == 0 {
            return Err(ReportError::Picture);
        }
        let whole =
            ImageRef::new(width, height, rgb, PixelType::U8x3).map_err(|_| ReportError::Picture)?;
        let (width, height) = shrunk(width, height);
        let mut small = Image::new(width, height, PixelType::U8x3);
        // Each small pixel is the mean of those it stands for.
        let mean = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
        Resizer::new()
            .resize(&whole, &mut small, &mean)
            .map_err(|_| ReportError::Picture)?;
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .encode(small.buffer(), width, height, ExtendedColorType::Rgb8)
            .map_err(|_| ReportError::Picture)?;
        Ok(Self {
            jpeg,
            width,
            height,
        })
    }
}

/// The same proportions within the longest side; never enlarged, never without a pixel.
fn shrunk(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= LONGER_SIDE {
        return (width, height);
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(LONGER_SIDE) / u64::from(longer);
        u32::try_from(side).unwrap_or(LONGER_SIDE).max(1)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::shrunk;

    #[test]
    fn proportions_stay_and_nothing_vanishes() {
        assert_eq!(shrunk(640, 480), (640, 480));
        assert_eq!(shrunk(6400, 4800), (640, 480));
        assert_eq!(shrunk(3000, 4000), (480, 640));
        assert_eq!(shrunk(50_000, 1), (640, 1));
    }
}
