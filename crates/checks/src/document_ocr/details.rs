//! What `document_ocr` says besides its judgement.

use std::collections::BTreeMap;

use serde::Serialize;
use verifa_core::session::DocumentType;
use verifa_mrz::repair::Repair;
use verifa_mrz::{Anomaly, CheckDigit, Mrz, MrzFormat};
use verifa_vision::{DecodedImage, FoundMrz, ImageQuality, measure_quality};

use crate::document_kind::DocumentKind;

/// The details of a reading. Holds personal data.
#[derive(Serialize, Default)]
pub(super) struct Details {
    /// What the document is; absent when none was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) classification: Option<Classification>,
    /// Each field that was read, by its name in `extracted_data`.
    pub(super) fields: BTreeMap<&'static str, Field>,
    /// The machine-readable zone, also one that could not be read right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mrz: Option<Zone>,
    /// The pictures that were looked at.
    pub(super) images: Vec<Image>,
}

#[derive(Serialize)]
pub(super) struct Classification {
    pub(super) document_type: DocumentKind,
    /// TD1, TD2, TD3, MRV-A or MRV-B.
    pub(super) format: MrzFormat,
    /// The zone's document code.
    pub(super) document_code: String,
    /// The zone's code of the issuing state.
    pub(super) issuing_state: String,
    /// The kind that the sender said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) declared: Option<DocumentKind>,
}

/// One field, where it was read and how sure that is.
#[derive(Serialize)]
pub(super) struct Field {
    pub(super) value: String,
    /// `mrz`.
    pub(super) source: &'static str,
    /// Mean probability of the zone's characters, 0 to 1.
    pub(super) confidence: f64,
    /// Whether the check digit over this field is right; absent where none covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check_digit: Option<bool>,
    /// Whether another source says the same; absent while there is no other source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agreement: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct Zone {
    /// Which picture it is on.
    pub(super) image: DocumentType,
    pub(super) format: MrzFormat,
    pub(super) lines: Vec<String>,
    pub(super) check_digits: Vec<CheckDigit>,
    pub(super) all_check_digits_valid: bool,
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) name_truncated: bool,
    /// Characters that were mended; empty for a zone that was not read right.
    pub(super) repairs: Vec<Repair>,
    /// How far the picture has to be turned clockwise to be upright, in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rotation: Option<u16>,
}

impl Zone {
    pub(super) fn read(image: DocumentType, found: &FoundMrz) -> Self {
        Self {
            repairs: found.repairs.clone(),
            rotation: Some(found.rotation.degrees()),
            ..Self::attempted(image, &found.mrz)
        }
    }

    pub(super) fn attempted(image: DocumentType, mrz: &Mrz) -> Self {
        Self {
            image,
            format: mrz.format,
            lines: mrz.lines.clone(),
            check_digits: mrz.check_digits.clone(),
            all_check_digits_valid: mrz.all_valid(),
            anomalies: mrz.anomalies.clone(),
            name_truncated: mrz.name_truncated,
            repairs: Vec::new(),
            rotation: None,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Image {
    pub(super) document_type: DocumentType,
    pub(super) media_type: &'static str,
    #[serde(flatten)]
    pub(super) quality: ImageQuality,
}

impl Image {
    pub(super) fn measured(document_type: DocumentType, image: &DecodedImage) -> Self {
        Self {
            document_type,
            media_type: image.info().media_type.as_str(),
            quality: measure_quality(image),
        }
    }
}
