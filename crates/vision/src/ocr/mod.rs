//! Text recognition with the PP-OCR family of networks: one finds lines, one reads them, a small one
//! tells whether a line stands on its head.

mod ctc;
mod detect;
mod direction;
mod recognise;

use std::{fmt, sync::Arc};

pub use crate::runtime::ModelSource;
pub(crate) use recognise::MrzLine;

use crate::{
    geometry::Band,
    image::DecodedImage,
    raster,
    runtime::{InferenceError, ModelError, Network, Runtime},
};

/// The most lines [`read_text`] reads on one picture.
const MOST_LINES: usize = 96;

/// The three networks that read text, loaded once and shared: cloning is cheap, and all methods may
/// be called from many threads.
#[derive(Clone)]
pub struct OcrModels {
    detection: Arc<dyn Network>,
    recognition: Arc<recognise::Recogniser>,
    direction: Arc<dyn Network>,
}

impl OcrModels {
    /// Loads text detection (PP-OCR `det`), recognition (`rec`, which carries its alphabet as
    /// metadata) and line direction (`cls`). Takes tens of milliseconds and holds about 60 MB.
    pub fn load(
        runtime: &Runtime,
        detection: impl Into<ModelSource>,
        recognition: impl Into<ModelSource>,
        direction: impl Into<ModelSource>,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            detection: runtime.load("text detection", detection.into())?,
            recognition: Arc::new(recognise::Recogniser::new(
                runtime.load(recognise::NAME, recognition.into())?,
            )?),
            direction: runtime.load("line direction", direction.into())?,
        })
    }

    /// Finds lines of text at any angle; `long_side` is the picture's longer side, in pixels, as
    /// the network sees it.
    pub(crate) fn detect(
        &self,
        image: &DecodedImage,
        long_side: usize,
    ) -> Result<Vec<Band>, InferenceError> {
        detect::detect(self.detection.as_ref(), image, long_side)
    }

    /// Reads a line in the alphabet of machine-readable zones. The network sees it at most so many
    /// pixels wide: less is faster, more tells close characters apart.
    pub(crate) fn read_mrz_line(
        &self,
        image: &DecodedImage,
        band: &Band,
        widest: usize,
    ) -> Result<MrzLine, InferenceError> {
        self.recognition.mrz_line(image, band, widest)
    }

    /// The probability, 0 to 1, that a line is to be read from its other end.
    pub(crate) fn upside_down(
        &self,
        image: &DecodedImage,
        band: &Band,
    ) -> Result<f32, InferenceError> {
        direction::upside_down(self.direction.as_ref(), image, band)
    }
}

impl fmt::Debug for OcrModels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OcrModels").finish_non_exhaustive()
    }
}

/// A line of text as read from the visual zone. `Debug` does not show the text.
#[derive(Clone, PartialEq)]
pub struct TextLine {
    /// The text, with spaces.
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f32,
    /// The corners in pixels of the picture, clockwise from the start of the line.
    pub corners: [(f32, f32); 4],
}

impl fmt::Debug for TextLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TextLine")
            .field("confidence", &self.confidence)
            .finish_non_exhaustive()
    }
}

/// Reads all lines of an upright picture, from top to bottom, in any script the recogniser knows.
/// Turn the picture first, by the rotation that [`read_mrz`](crate::read_mrz) reports.
///
/// Costs one detection and about 50 ms per line on one core; of a picture with more than `most`
/// lines the largest are read, and never more than 96.
pub fn read_text(
    models: &OcrModels,
    image: &DecodedImage,
    most: usize,
) -> Result<Vec<TextLine>, InferenceError> {
    let (width, height) = raster::size(image);
    let mut bands = models.detect(image, width.max(height).clamp(640, 1280))?;
    bands.retain(|band| !band.is_upright() || band.aspect() < 1.5);
    bands.sort_by(|a, b| (b.length * b.thickness).total_cmp(&(a.length * a.thickness)));
    bands.truncate(most.min(MOST_LINES));
    bands.sort_by(|a, b| a.center.y.total_cmp(&b.center.y));
    let mut lines = Vec::with_capacity(bands.len());
    for band in bands {
        let line = models.recognition.text_line(image, &band)?;
        lines.extend((!line.text.is_empty()).then_some(line));
    }
    Ok(lines)
}
