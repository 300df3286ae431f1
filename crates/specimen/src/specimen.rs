//! The finished specimen, and its picture as a file.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs};
use verifa_mrz::{EncodeError, MrzDate, MrzFields, MrzFormat, encode};

use crate::camera::{self, Damage, Photograph, QuarterTurns};
use crate::holder::Holder;
use crate::truth::{DocumentKind, Side, Truth};
use crate::{card, passport, td2, visa};

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

/// A picture can't be written as a file.
#[derive(Debug, thiserror::Error)]
#[error("the picture can't be encoded: {0}")]
pub struct EncodeImageError(#[from] image::ImageError);

impl Specimen {
    /// The data page of a passport (TD3).
    pub fn passport(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        passport::draw(seed, holder)
    }

    /// An identity card (TD1): front with the portrait, back with the zone.
    pub fn identity_card(seed: u64, holder: &Holder) -> Result<[Self; 2], SpecimenError> {
        card::draw(seed, holder)
    }

    /// A residence permit of size ID-2 (TD2).
    pub fn residence_permit(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        td2::draw(seed, holder)
    }

    /// A full-page visa (MRV-A).
    pub fn visa_a(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        visa::draw(seed, holder, MrzFormat::MrvA)
    }

    /// A smaller visa (MRV-B).
    pub fn visa_b(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        visa::draw(seed, holder, MrzFormat::MrvB)
    }

    /// One document of each format with a zone; of the identity card the back.
    pub fn one_of_each(seed: u64, holder: &Holder) -> Result<[Self; 5], SpecimenError> {
        let [_, card_back] = Self::identity_card(seed, holder)?;
        Ok([
            Self::passport(seed, holder)?,
            card_back,
            Self::residence_permit(seed, holder)?,
            Self::visa_a(seed, holder)?,
            Self::visa_b(seed, holder)?,
        ])
    }

    /// A photograph of it: another seed gives another hand, table and light.
    pub fn photograph(&self, seed: u64, damage: Damage, turns: QuarterTurns) -> Photograph {
        camera::photograph(self, seed, damage, turns)
    }
}

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

/// What tells one kind of document from another.
pub(crate) struct Form {
    pub(crate) kind: DocumentKind,
    pub(crate) format: MrzFormat,
    pub(crate) document_code: &'static str,
    pub(crate) optional_data: String,
}

impl Form {
    /// The truth of the side that carries the zone.
    pub(crate) fn truth(self, holder: &Holder, side: Side) -> Result<Truth, SpecimenError> {
        let mrz = encode(&MrzFields {
            format: self.format,
            document_code: self.document_code.to_owned(),
            issuing_state: holder.issuing_state.clone(),
            nationality: holder.nationality.clone(),
            surname: holder.surname.clone(),
            given_names: holder.given_names.clone(),
            document_number: holder.document_number.clone(),
            birth_date: MrzDate::known(holder.birth_date),
            sex: holder.sex,
            expiry_date: MrzDate::known(holder.expiry_date),
            optional_data: self.optional_data.clone(),
            optional_data_second: String::new(),
        })?;
        Ok(Truth {
            kind: self.kind,
            side,
            format: self.format,
            document_code: self.document_code.to_owned(),
            issuing_state: holder.issuing_state.clone(),
            surname: holder.surname.clone(),
            given_names: holder.given_names.clone(),
            nationality: holder.nationality.clone(),
            birth_date: holder.birth_date,
            sex: holder.sex,
            document_number: holder.document_number.clone(),
            issue_date: holder.issue_date(),
            expiry_date: holder.expiry_date,
            optional_data: self.optional_data,
            mrz,
        })
    }
}
