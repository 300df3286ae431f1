//! Text recognition (the `rec` networks of PP-OCR): a line, scaled to a height of 48, becomes a
//! sequence of class probabilities, one step per eight columns.

use std::sync::Arc;

use verifa_mrz::repair::{ReadCharacter, ReadLine};

use super::{TextLine, ctc};
use crate::{
    geometry::Band,
    image::DecodedImage,
    raster,
    runtime::{InferenceError, ModelError, Network, Tensor},
};

pub(super) const NAME: &str = "text recognition";

/// The height the network was trained on.
const HEIGHT: usize = 48;
/// Columns per time step; widths are multiples of it.
const STEP: usize = 8;
/// The widest input for ordinary text; longer lines are squeezed.
const WIDEST_TEXT: usize = 1280;
const NARROWEST: usize = 64;

/// Alternatives that are kept per character.
const MOST_ALTERNATIVES: usize = 4;
/// Alternatives below this share are noise.
const LEAST_SHARE: f32 = 0.002;

/// A line of a zone, as read.
#[derive(Clone, Debug, Default)]
pub(crate) struct MrzLine {
    /// The characters, from the alphabet of zones only.
    pub(crate) line: ReadLine,
    /// Mean probability of the characters among everything the network knows, 0 to 1. Low when
    /// the line holds other characters than a zone's.
    pub(crate) confidence: f32,
}

pub(super) struct Recogniser {
    network: Arc<dyn Network>,
    /// Text of each class; the first is the blank.
    alphabet: Vec<String>,
    /// Classes of the characters that a zone may have.
    mrz_classes: Vec<usize>,
}

impl Recogniser {
    pub(super) fn new(network: Arc<dyn Network>) -> Result<Self, ModelError> {
        let invalid = |reason: &str| ModelError::Invalid {
            name: NAME,
            reason: reason.to_owned(),
        };
        let characters = network
            .metadata("character")
            .ok_or_else(|| invalid("it carries no alphabet under the key `character`"))?;
        // Blank first, then the alphabet, then the space: PP-OCR's order.
        let alphabet: Vec<String> = std::iter::once("")
            .chain(characters.lines())
            .chain(std::iter::once(" "))
            .map(str::to_owned)
            .collect();
        let is_mrz = |text: &str| matches!(text.as_bytes(), [c] if c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'<');
        let mrz_classes: Vec<usize> = alphabet
            .iter()
            .enumerate()
            .filter(|(_, text)| is_mrz(text))
            .map(|(class, _)| class)
            .collect();
        // 26 letters, 10 digits and the filler.
        if mrz_classes.len() < 37 {
            return Err(invalid(
                "its alphabet lacks characters of machine-readable zones",
            ));
        }
        Ok(Self {
            network,
            alphabet,
            mrz_classes,
        })
    }

    pub(super) fn mrz_line(
        &self,
        image: &DecodedImage,
        band: &Band,
        widest: usize,
    ) -> Result<MrzLine, InferenceError> {
        let output = self.run(image, band, widest)?;
        let classes = self.classes(&output)?;
        let symbols = ctc::decode(&output.values, classes, Some(&self.mrz_classes));
        let total: f32 = symbols.iter().map(|symbol| symbol.probability).sum();
        let confidence = if symbols.is_empty() {
            0.0
        } else {
            total / symbols.len() as f32
        };
        let characters = symbols
            .iter()
            .filter_map(|symbol| {
                let start = symbol.step * classes;
                let row = output.values.get(start..start + classes)?;
                self.character(row, symbol.class)
            })
            .collect();
        Ok(MrzLine {
            line: ReadLine { characters },
            confidence,
        })
    }

    /// The likeliest characters of one time step, their probabilities made to sum to one.
    fn character(&self, row: &[f32], best: usize) -> Option<ReadCharacter> {
        let sum: f32 = self
            .mrz_classes
            .iter()
            .filter_map(|class| row.get(*class))
            .sum();
        let share = |class: usize| row.get(class).map_or(0.0, |value| value / sum.max(1e-9));
        let character = |class: usize| self.alphabet.get(class)?.chars().next();
        let mut alternatives: Vec<(char, f32)> = self
            .mrz_classes
            .iter()
            .filter(|class| **class != best && share(**class) > LEAST_SHARE)
            .filter_map(|class| Some((character(*class)?, share(*class))))
            .collect();
        alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
        alternatives.truncate(MOST_ALTERNATIVES);
        Some(ReadCharacter {
            value: character(best)?,
            confidence: share(best),
            alternatives,
        })
    }

    pub(super) fn text_line(
        &self,
        image: &DecodedImage,
        band: &Band,
    ) -> Result<TextLine, InferenceError> {
        let output = self.run(image, band, WIDEST_TEXT)?;
        let classes = self.classes(&output)?;
        let symbols = ctc::decode(&output.values, classes, None);
        let text: String = symbols
            .iter()
            .filter_map(|symbol| self.alphabet.get(symbol.class).map(String::as_str))
            .collect();
        let total: f32 = symbols.iter().map(|symbol| symbol.probability).sum();
        Ok(TextLine {
            text: text.trim().to_owned(),
            confidence: total / symbols.len().max(1) as f32,
            corners: band.corners().map(|corner| (corner.x, corner.y)),
        })
    }

    fn run(
        &self,
        image: &DecodedImage,
        band: &Band,
        widest: usize,
    ) -> Result<Tensor, InferenceError> {
        let natural = (band.aspect() * HEIGHT as f32) as usize;
        let width = natural.clamp(NARROWEST, widest).div_ceil(STEP) * STEP;
        self.network
            .run(&raster::band_tensor(image, band, width, HEIGHT))
    }

    /// The number of classes per step, which has to be the alphabet's.
    fn classes(&self, output: &Tensor) -> Result<usize, InferenceError> {
        let classes = output.shape.last().copied().unwrap_or(0);
        if classes == self.alphabet.len() {
            Ok(classes)
        } else {
            let reason = format!(
                "it answers with {classes} classes for an alphabet of {}",
                self.alphabet.len()
            );
            Err(InferenceError { name: NAME, reason })
        }
    }
}
