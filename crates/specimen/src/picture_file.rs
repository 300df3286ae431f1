//! A picture as the bytes of a file.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs};

/// A picture can't be written as a file.
#[derive(Debug, thiserror::Error)]
#[error("the picture can't be encoded: {0}")]
pub struct EncodeImageError(#[from] image::ImageError);

/// A picture as PNG.
pub fn png(image: &RgbImage) -> Result<Vec<u8>, EncodeImageError> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(
        image,
        image.width(),
        image.height(),
        ExtendedColorType::Rgb8,
    )?;
    Ok(bytes.into_inner())
}

/// A picture as JPEG; `quality` 1–100.
pub fn jpeg(image: &RgbImage, quality: u8) -> Result<Vec<u8>, EncodeImageError> {
    let mut bytes = Vec::new();
    let encoder = codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
    encoder.write_image(
        image,
        image.width(),
        image.height(),
        ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}
