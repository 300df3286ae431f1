//! Images to hand in: good ones, and ones that somebody made to hurt.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage};

/// A small drawn picture; another seed is another picture.
pub(crate) fn picture(seed: u8) -> RgbImage {
    RgbImage::from_fn(96, 64, |x, y| {
        let shade = (x as u8).wrapping_mul(3) ^ (y as u8).wrapping_mul(5) ^ seed;
        Rgb([shade, seed, 255 - shade])
    })
}

/// Any picture in any format.
pub(crate) fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image.clone())
        .write_to(&mut bytes, format)
        .expect("an encoder");
    bytes.into_inner()
}

/// A small JPEG.
pub(crate) fn small_jpeg(seed: u8) -> Vec<u8> {
    encoded(&picture(seed), ImageFormat::Jpeg)
}

/// A small PNG.
pub(crate) fn small_png(seed: u8) -> Vec<u8> {
    encoded(&picture(seed), ImageFormat::Png)
}

/// A small WebP.
pub(crate) fn small_webp(seed: u8) -> Vec<u8> {
    encoded(&picture(seed), ImageFormat::WebP)
}

/// A PNG of pixels that no compressor makes smaller: about three bytes each.
pub(crate) fn noise_png(width: u32, height: u32) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let image = RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_le_bytes();
        Rgb([red, green, blue])
    });
    encoded(&image, ImageFormat::Png)
}

/// A few hundred kilobytes that unfold to 100 megapixels.
pub(crate) fn decompression_bomb() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::from(GrayImage::new(10_000, 10_000));
    image
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("an encoder");
    bytes.into_inner()
}

/// A PNG header that promises 60,000 × 60,000 pixels, and nothing behind it.
pub(crate) fn boasting_png() -> Vec<u8> {
    let mut bytes = small_png(1);
    // IHDR's width and height lie at 16 and 20 (RFC 2083, 4.1.1); the checksum becomes wrong too.
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes
}
