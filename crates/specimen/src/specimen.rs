//! The finished specimen: a picture and what it says.

use image::RgbImage;
use verifa_mrz::EncodeError;

use crate::truth::Truth;

/// One drawn side of a document, flat and undamaged, and what it says.
#[derive(Debug, Clone)]
pub struct Specimen {
    /// The picture; 1,000 to 1,600 pixels wide.
    pub image: RgbImage,
    /// What it says.
    pub truth: Truth,
    pub(crate) corner_radius: f32,
}

/// The holder's data can't be put into a machine-readable zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the zone can't carry the holder's data: {0}")]
pub struct SpecimenError(#[from] EncodeError);
