//! Decodes the pictures that strangers send: JPEG, PNG and WebP, told apart by content, within fixed
//! bounds of bytes, pixels and memory that are checked before a pixel is decoded.
//!
//! A file that is a picture and something else at once (a PDF, an archive, a web page) is refused.
//! Trailing data that only cameras write, such as Samsung's trailer, a motion photo's film or a
//! second picture, is legitimate and ignored; [`ImageInfo::trailing_bytes`] tells how much there is.

mod container;

use std::io::Cursor;

use ::image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage,
    error::ImageError as DecoderError,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::rotation::Rotation;

/// The most bytes an encoded picture may have: 10 MiB (spec/conventions.md, "Body limits").
pub const MAX_ENCODED_BYTES: usize = 10 * 1024 * 1024;
/// The most pixels: 50 megapixels (spec/sessions.md, uploads).
pub const MAX_PIXELS: u64 = 50_000_000;
/// The most memory one decoded picture may take: 192 MB (spec/sessions.md, uploads).
pub const MAX_DECODED_BYTES: u64 = 192_000_000;

/// Why bytes are not an acceptable picture. Messages are fit for the person who sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ImageError {
    /// Neither JPEG nor PNG nor WebP by content.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    Unsupported,
    /// More encoded bytes than [`MAX_ENCODED_BYTES`].
    #[error("the file is larger than 10 MB")]
    TooManyBytes,
    /// More pixels or decoded bytes than allowed.
    #[error("the picture has more than 50 megapixels or needs more than 192 MB when decoded")]
    TooLarge,
    /// The content is damaged, incomplete, or has no pixels.
    #[error("the picture is damaged or incomplete")]
    Malformed,
    /// The file is a picture and at the same time a document, archive, program or page.
    #[error("the file is a picture and another kind of file at once")]
    Polyglot,
}

/// The kind of a picture, decided by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    /// `image/jpeg`.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// `image/png`.
    #[serde(rename = "image/png")]
    Png,
    /// `image/webp`.
    #[serde(rename = "image/webp")]
    WebP,
}

impl MediaType {
    /// The registered media type, for example `image/jpeg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// Reads the signature at the start of the bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP)
        } else {
            None
        }
    }

    const fn format(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

/// What a picture is, known without decoding its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageInfo {
    /// The kind by content.
    pub media_type: MediaType,
    /// Width in pixels as displayed, with EXIF orientation applied.
    pub width: u32,
    /// Height in pixels as displayed, with EXIF orientation applied.
    pub height: u32,
    /// Bytes behind the picture's end, which cameras sometimes write.
    pub trailing_bytes: usize,
}

/// A picture in memory: 8-bit RGB, upright as its EXIF orientation says. `Debug` shows its size
/// only.
#[derive(Clone)]
pub struct DecodedImage {
    info: ImageInfo,
    pixels: RgbImage,
}

impl DecodedImage {
    /// Wraps pixels that were not decoded from a file, such as a drawn specimen: `width * height`
    /// triples of red, green, blue, row by row. `None` when the length differs or is zero.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        if width == 0 || height == 0 {
            return None;
        }
        let pixels = RgbImage::from_raw(width, height, rgb)
            .filter(|pixels| pixels.as_raw().len() == byte_count(width, height))?;
        let info = ImageInfo {
            media_type: MediaType::Png,
            width,
            height,
            trailing_bytes: 0,
        };
        Some(Self { info, pixels })
    }

    /// What is known of the file.
    pub fn info(&self) -> ImageInfo {
        self.info
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.pixels.height()
    }

    /// The pixels, row by row, as triples of red, green, blue.
    pub fn rgb(&self) -> &[u8] {
        self.pixels.as_raw()
    }

    /// A copy turned clockwise.
    #[must_use]
    pub fn turned(&self, rotation: Rotation) -> Self {
        use ::image::imageops;
        let pixels = match rotation {
            Rotation::None => self.pixels.clone(),
            Rotation::Clockwise90 => imageops::rotate90(&self.pixels),
            Rotation::Clockwise180 => imageops::rotate180(&self.pixels),
            Rotation::Clockwise270 => imageops::rotate270(&self.pixels),
        };
        let (width, height) = pixels.dimensions();
        Self {
            info: ImageInfo {
                width,
                height,
                ..self.info
            },
            pixels,
        }
    }
}

impl std::fmt::Debug for DecodedImage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DecodedImage")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

fn byte_count(width: u32, height: u32) -> usize {
    usize::try_from(u64::from(width) * u64::from(height) * 3).unwrap_or(usize::MAX)
}

/// Reads kind and size without decoding pixels. Refuses what [`decode`] would refuse by kind, size
/// or structure; damage inside the pixel data shows only there.
pub fn inspect(bytes: &[u8]) -> Result<ImageInfo, ImageError> {
    open(bytes).map(|(info, _)| info)
}

/// Decodes a picture in full and turns it upright.
///
/// Allocates the decoded pixels once, and a second time only when they are not 8-bit RGB or have to
/// be turned.
pub fn decode(bytes: &[u8]) -> Result<DecodedImage, ImageError> {
    let (info, mut decoder) = open(bytes)?;
    let orientation = decoder.orientation().map_err(|error| classify(&error))?;
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(|error| classify(&error))?;
    decoded.apply_orientation(orientation);
    let pixels = decoded.into_rgb8();
    if pixels.dimensions() != (info.width, info.height) {
        return Err(ImageError::Malformed);
    }
    Ok(DecodedImage { info, pixels })
}

fn open(bytes: &[u8]) -> Result<(ImageInfo, impl ImageDecoder + '_), ImageError> {
    if bytes.len() > MAX_ENCODED_BYTES {
        return Err(ImageError::TooManyBytes);
    }
    let media_type = MediaType::of(bytes).ok_or(ImageError::Unsupported)?;
    // Decoders guess the missing rest of a truncated JPEG; a grey half must not pass for a picture.
    let end = container::end_of_image(media_type, bytes).ok_or(ImageError::Malformed)?;
    let trailing = bytes.get(end..).unwrap_or_default();
    if container::is_polyglot(bytes, trailing) {
        return Err(ImageError::Polyglot);
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), media_type.format());
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| classify(&error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageError::Malformed);
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(ImageError::TooLarge);
    }
    let orientation = decoder.orientation().map_err(|error| classify(&error))?;
    // EXIF orientations 5 to 8 exchange the sides.
    let turned = orientation.to_exif() >= 5;
    let (width, height) = if turned {
        (height, width)
    } else {
        (width, height)
    };
    let info = ImageInfo {
        media_type,
        width,
        height,
        trailing_bytes: trailing.len(),
    };
    Ok((info, decoder))
}

fn classify(error: &DecoderError) -> ImageError {
    match error {
        DecoderError::Limits(_) => ImageError::TooLarge,
        _ => ImageError::Malformed,
    }
}
