//! `document_ocr`: finds the identity document's machine-readable zone and reads it.
//!
//! The zone is looked for on the front, then on the back (cards of size TD1 carry it there). Only
//! a zone with every check digit right counts as read; anything else fails, and says why.

mod card_front;
mod details;

use std::fmt::Write;
use std::sync::LazyLock;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::{DocumentType, IdKind, Reason};
use verifa_models::Pack;
use verifa_models::manifest::PACKAGES;
use verifa_mrz::{CheckField, Mrz, Sex};
use verifa_vision::{
    DecodedImage, FoundMrz, InferenceError, MrzOptions, MrzOutcome, OcrModels, decode, read_mrz,
};

use crate::check::{CheckInput, CheckOutcome, Descriptor, DocumentImage};
use crate::document_kind::DocumentKind;
use crate::extracted::ExtractedData;
use crate::state_code;
use crate::typed::{TypedCheck, error, judged, skipped};
use card_front::looks_like_card_front;
use details::{Classification, Details, Field, Image, Zone};

/// Configuration of `document_ocr`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The least mean probability of the zone's characters, 0 to 1. A zone below it fails although
    /// its check digits are right: they don't cover names, and can't see every misreading.
    #[schemars(range(min = 0.0, max = 1.0))]
    min_confidence: f64,
    /// The types of document that are accepted; absent: every type that can be read.
    allowed_types: Option<Vec<DocumentKind>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            // Right readings measured 0.97 to 1.0 on 22 development pictures and 40 drawn ones.
            min_confidence: 0.7,
            allowed_types: None,
        }
    }
}

pub(crate) struct DocumentOcr;

impl TypedCheck for DocumentOcr {
    type Config = Config;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "document_ocr",
        category: "extraction",
        description: "Reads the identity document's machine-readable zone, verifies its check digits and classifies the document.",
        inputs: &["id_front", "id_back", "models.ocr"],
        outputs: &["extracted", "score", "details"],
        prerequisites: &[],
        placeable: true,
    };

    fn check_config(config: &Config, faults: &mut Vec<Fault>) {
        if !(0.0..=1.0).contains(&config.min_confidence) {
            let message = "Must be from 0 to 1.";
            faults.push(Fault::new("min_confidence", FaultCode::OutOfRange, message));
        }
        if config.allowed_types.as_ref().is_some_and(Vec::is_empty) {
            let message = "Must name at least one type; leave it out to accept all.";
            faults.push(Fault::new("allowed_types", FaultCode::TooShort, message));
        }
    }

    fn judge(input: &CheckInput, config: &Config) -> CheckOutcome {
        let Some(front) = document(input, DocumentType::IdFront) else {
            return skipped(
                "no_document",
                "No front of an identity document was uploaded.",
            );
        };
        // Why is the operator's business, and in the log: it names files of the server.
        let Ok(models) = (input.models)() else {
            return error(
                "model_missing",
                "The models that read documents are missing or have been altered.",
            );
        };
        let search = Search {
            models: &models,
            today: input.now.date(),
            declared: front.id_kind.or(input.id_kind),
            details: Details::default(),
        };
        let back = document(input, DocumentType::IdBack);
        let mut outcome = match search.run(front, back, config) {
            Ok(outcome) => outcome,
            Err(Trouble::Image) => error("image_broken", "A stored picture can't be decoded."),
            Err(Trouble::Inference(trouble)) => error("inference_failed", &trouble.to_string()),
        };
        ENGINE.clone_into(&mut outcome.engine);
        outcome
    }
}

/// The models that read, by hash: loading verifies each against the compiled-in manifest.
static ENGINE: LazyLock<String> = LazyLock::new(|| {
    let mut engine = String::new();
    let packages = PACKAGES.iter().filter(|package| package.pack == Pack::Ocr);
    for model in packages.flat_map(|package| package.models) {
        let space = if engine.is_empty() { "" } else { " " };
        // Writing to a text can't fail.
        let _ = write!(engine, "{space}{}@sha256:{}", model.name, model.file.sha256);
    }
    engine
});

fn document(input: &CheckInput, wanted: DocumentType) -> Option<&DocumentImage> {
    input
        .documents
        .iter()
        .find(|document| document.document_type == wanted)
}

enum Trouble {
    Image,
    Inference(InferenceError),
}

impl From<InferenceError> for Trouble {
    fn from(error: InferenceError) -> Self {
        Self::Inference(error)
    }
}

struct Search<'a> {
    models: &'a OcrModels,
    today: Date,
    declared: Option<IdKind>,
    details: Details,
}

impl Search<'_> {
    fn run(
        mut self,
        front: &DocumentImage,
        back: Option<&DocumentImage>,
        config: &Config,
    ) -> Result<CheckOutcome, Trouble> {
        let front_image = self.decoded(front)?;
        if let Some(found) = self.read(front, &front_image)? {
            return Ok(self.conclude(front.document_type, &found, config));
        }
        let Some(back) = back else {
            let lacks_back = self.details.mrz.is_none() && self.needs_back(&front_image)?;
            return Ok(self.fail(lacks_back));
        };
        let back_image = self.decoded(back)?;
        match self.read(back, &back_image)? {
            Some(found) => Ok(self.conclude(back.document_type, &found, config)),
            None => Ok(self.fail(false)),
        }
    }

    fn decoded(&mut self, document: &DocumentImage) -> Result<DecodedImage, Trouble> {
        let image = decode(&document.bytes).map_err(|_| Trouble::Image)?;
        self.details
            .images
            .push(Image::measured(document.document_type, &image));
        Ok(image)
    }

    /// Reads the zone of one picture; notes a zone that can't be read right.
    fn read(
        &mut self,
        document: &DocumentImage,
        image: &DecodedImage,
    ) -> Result<Option<FoundMrz>, Trouble> {
        let reading = read_mrz(self.models, image, MrzOptions::default(), self.today)?;
        match reading.outcome {
            MrzOutcome::Found(found) => return Ok(Some(*found)),
            MrzOutcome::Unreadable(attempt) => {
                self.details.mrz = Some(Zone::attempted(document.document_type, &attempt));
            }
            MrzOutcome::NotFound => {}
        }
        Ok(None)
    }

    /// Whether the front belongs to a card whose zone is on the back that nobody sent.
    fn needs_back(&self, front: &DecodedImage) -> Result<bool, Trouble> {
        match self.declared {
            Some(kind) => Ok(kind.is_two_sided()),
            None => Ok(looks_like_card_front(self.models, front)?),
        }
    }

    fn fail(self, lacks_back: bool) -> CheckOutcome {
        let reason = if lacks_back {
            Reason::new(
                "back_required",
                "The machine-readable zone of this card is on its back, which was not uploaded.",
            )
        } else if let Some(zone) = &self.details.mrz {
            let wrong = zone
                .check_digits
                .iter()
                .filter(|digit| !digit.valid)
                .count();
            let message = format!(
                "The machine-readable zone can't be read: {wrong} of {} check digits are wrong.",
                zone.check_digits.len()
            );
            Reason::new("document_unreadable", message)
        } else {
            Reason::new("document_unreadable", "No machine-readable zone was found.")
        };
        judged(vec![reason], Vec::new(), &self.details)
    }

    fn conclude(mut self, image: DocumentType, found: &FoundMrz, config: &Config) -> CheckOutcome {
        let kind = DocumentKind::of_zone(&found.mrz);
        let confidence = rounded(found.confidence);
        let declared = self.declared.map(DocumentKind::of_declared);
        self.details.classification = Some(Classification {
            document_type: kind,
            format: found.mrz.format,
            document_code: found.mrz.document_code.clone(),
            issuing_state: found.mrz.issuing_state.clone(),
            declared,
        });
        self.details.mrz = Some(Zone::read(image, found));
        let extracted = extracted(&found.mrz, kind);
        self.details.fields = fields(&extracted, &found.mrz, confidence);

        let mut blame = Vec::new();
        if config
            .allowed_types
            .as_ref()
            .is_some_and(|types| !types.contains(&kind))
        {
            let message = "This type of document is not accepted.";
            blame.push(Reason::new("document_type_not_allowed", message));
        }
        if confidence < config.min_confidence {
            let message = "The zone was read with less confidence than is demanded.";
            blame.push(Reason::new("document_unreadable", message));
        }
        let mut notes = Vec::new();
        if declared.is_some_and(|declared| declared != kind) {
            let message = "The document is of another type than was said.";
            notes.push(Reason::new("document_type_differs", message));
        }
        let mut outcome = judged(blame, notes, &self.details);
        outcome.result.score = Some(confidence);
        outcome.extracted = Some(extracted);
        outcome
    }
}

/// Three decimals: more would promise what a mean probability can't hold.
fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 1_000.0).round() / 1_000.0
}

fn extracted(mrz: &Mrz, kind: DocumentKind) -> ExtractedData {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ExtractedData {
        first_name: text(&mrz.given_names),
        last_name: text(&mrz.surname),
        date_of_birth: mrz.birth_date.to_date().map(|date| date.to_string()),
        document_number: text(&mrz.document_number),
        nationality: text(&mrz.nationality),
        gender: Some(
            match mrz.sex {
                Sex::Male => "M",
                Sex::Female => "F",
                Sex::Unspecified => "X",
            }
            .to_owned(),
        ),
        document_type: Some(kind.as_str().to_owned()),
        document_expiration_date: mrz.expiry_date.to_date().map(|date| date.to_string()),
        document_issuing_state: text(&mrz.issuing_state),
        document_issuing_country: text(state_code::alpha3(&mrz.issuing_state)),
        mrz: Some(mrz.lines.clone()),
        ..ExtractedData::default()
    }
}

fn fields(
    extracted: &ExtractedData,
    mrz: &Mrz,
    confidence: f64,
) -> std::collections::BTreeMap<&'static str, Field> {
    let digit = |field| mrz.check(field).map(|digit| digit.valid);
    let entries = [
        ("first_name", &extracted.first_name, None),
        ("last_name", &extracted.last_name, None),
        (
            "date_of_birth",
            &extracted.date_of_birth,
            digit(CheckField::BirthDate),
        ),
        (
            "document_number",
            &extracted.document_number,
            digit(CheckField::DocumentNumber),
        ),
        ("nationality", &extracted.nationality, None),
        ("gender", &extracted.gender, None),
        ("document_type", &extracted.document_type, None),
        (
            "document_expiration_date",
            &extracted.document_expiration_date,
            digit(CheckField::ExpiryDate),
        ),
        (
            "document_issuing_state",
            &extracted.document_issuing_state,
            None,
        ),
        (
            "document_issuing_country",
            &extracted.document_issuing_country,
            None,
        ),
    ];
    let read = entries
        .into_iter()
        .filter_map(|(name, value, check_digit)| {
            let value = value.clone()?;
            let field = Field {
                value,
                source: "mrz",
                confidence,
                check_digit,
                agreement: None,
            };
            Some((name, field))
        });
    read.collect()
}
