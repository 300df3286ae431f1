//! Reading drawn documents with the real models, and what happens without them.

use std::sync::Arc;

use serde_json::{Value, json};
use verifa_checks::{CheckInput, CheckOutcome, DocumentImage};
use verifa_core::session::{CheckStatus, DocumentType, IdKind};
use verifa_models::{ModelName, ModelStore};
use verifa_specimen::{
    Damage, Holder, PictureKind, QuarterTurns, Specimen, Truth, jpeg, not_documents,
};
use verifa_vision::{OcrModels, Runtime};

use crate::support::{input, run, verdict};

/// The models, or nothing, said aloud.
fn models() -> Option<Arc<OcrModels>> {
    let directory = verifa_testkit::installed_models()?;
    let store = ModelStore::in_data_directory(directory.parent().unwrap());
    let bytes = |name| store.load(name).unwrap();
    let models = OcrModels::load(
        &Runtime::with_threads(2),
        bytes(ModelName::OcrDetection),
        bytes(ModelName::OcrRecognition),
        bytes(ModelName::OcrOrientation),
    );
    Some(Arc::new(models.unwrap()))
}

fn image(document_type: DocumentType, bytes: Vec<u8>) -> DocumentImage {
    DocumentImage {
        document_type,
        bytes: bytes.into(),
        id_kind: None,
    }
}

fn pictures(models: &Arc<OcrModels>, documents: Vec<DocumentImage>) -> CheckInput {
    let models = Arc::clone(models);
    CheckInput {
        documents,
        models: Arc::new(move || Ok(Arc::clone(&models))),
        ..input()
    }
}

fn holder() -> Holder {
    Holder::example(11, "2026-11-21".parse().unwrap())
}

fn assert_reads(outcome: &CheckOutcome, truth: &Truth, kind: &str) {
    assert_eq!(verdict(outcome), (CheckStatus::Passed, vec![]), "{kind}");
    let extracted = outcome.extracted.as_ref().unwrap();
    assert_eq!(extracted.document_type.as_deref(), Some(kind));
    assert_eq!(
        extracted.document_number.as_deref(),
        Some(truth.document_number.as_str())
    );
    assert_eq!(extracted.date_of_birth, Some(truth.birth_date.to_string()));
    assert_eq!(
        extracted.document_expiration_date,
        Some(truth.expiry_date.to_string())
    );
    assert_eq!(extracted.document_issuing_state.as_deref(), Some("UTO"));
    assert_eq!(extracted.nationality.as_deref(), Some("UTO"));
    assert_eq!(extracted.mrz.as_deref(), Some(truth.mrz.as_slice()));
    let details = &outcome.result.details;
    assert_eq!(details["mrz"]["all_check_digits_valid"], json!(true));
    assert_eq!(details["mrz"]["format"], truth.format.as_str());
    let number = &details["fields"]["document_number"];
    assert_eq!(
        (&number["source"], &number["check_digit"]),
        (&json!("mrz"), &json!(true))
    );
    assert!(details["images"][0]["sharpness"].as_f64().is_some());
    assert!((0.5..=1.0).contains(&outcome.result.score.unwrap()));
    assert!(
        outcome.engine.contains("ocr.detection@sha256:090f04ab"),
        "{}",
        outcome.engine
    );
}

#[test]
fn every_format_is_read_as_the_truth_says() {
    let Some(models) = models() else { return };
    let kinds = [
        "passport",
        "national_id",
        "residence_permit",
        "visa",
        "visa",
    ];
    let turns = QuarterTurns::ALL.into_iter().cycle();
    let specimens = Specimen::one_of_each(11, &holder()).unwrap();
    for ((specimen, kind), turns) in specimens.into_iter().zip(kinds).zip(turns) {
        let photograph = specimen.photograph(3, Damage::Light, turns).jpeg().unwrap();
        let input = pictures(&models, vec![image(DocumentType::IdFront, photograph)]);
        assert_reads(
            &run("document_ocr", &input, json!({})),
            &specimen.truth,
            kind,
        );
    }
}

#[test]
fn a_card_is_read_from_its_back_and_asks_for_it() {
    let Some(models) = models() else { return };
    let [front, back] = Specimen::identity_card(11, &holder()).unwrap();
    let front = jpeg(&front.image, 90).unwrap();
    let sides = vec![
        image(DocumentType::IdFront, front.clone()),
        image(DocumentType::IdBack, jpeg(&back.image, 90).unwrap()),
    ];
    let outcome = run("document_ocr", &pictures(&models, sides), json!({}));
    assert_reads(&outcome, &back.truth, "national_id");
    assert_eq!(outcome.result.details["mrz"]["image"], "id_back");

    let alone = vec![image(DocumentType::IdFront, front.clone())];
    let outcome = run("document_ocr", &pictures(&models, alone), json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Failed, vec!["back_required"])
    );
    assert!(outcome.extracted.is_none());

    let mut told = pictures(&models, vec![image(DocumentType::IdFront, front)]);
    told.id_kind = Some(IdKind::NationalId);
    let outcome = run("document_ocr", &told, json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Failed, vec!["back_required"])
    );
}

#[test]
fn what_is_no_document_is_unreadable() {
    let Some(models) = models() else { return };
    let hard = [
        PictureKind::FalseZone,
        PictureKind::LoyaltyCard,
        PictureKind::Letter,
    ];
    for picture in not_documents(11, 12).filter(|picture| hard.contains(&picture.kind)) {
        let bytes = jpeg(&picture.image, 85).unwrap();
        let input = pictures(&models, vec![image(DocumentType::IdFront, bytes)]);
        let outcome = run("document_ocr", &input, json!({}));
        let expected = (CheckStatus::Failed, vec!["document_unreadable"]);
        assert_eq!(verdict(&outcome), expected, "{:?}", picture.kind);
        assert!(outcome.extracted.is_none());
    }
}

#[test]
fn types_and_confidence_are_demanded_as_configured() {
    let Some(models) = models() else { return };
    let passport = Specimen::passport(11, &holder()).unwrap();
    let bytes = jpeg(&passport.image, 90).unwrap();
    let mut input = pictures(&models, vec![image(DocumentType::IdFront, bytes)]);
    let codes = |input: &CheckInput, config: Value| {
        let outcome = run("document_ocr", input, config);
        assert!(outcome.extracted.is_some(), "what was read is kept");
        let (status, codes) = verdict(&outcome);
        (status, codes.join(" "))
    };
    let refused = (CheckStatus::Failed, "document_type_not_allowed".to_owned());
    assert_eq!(
        codes(&input, json!({"allowed_types": ["national_id", "visa"]})),
        refused
    );
    let unsure = (CheckStatus::Failed, "document_unreadable".to_owned());
    assert_eq!(codes(&input, json!({"min_confidence": 1.0})), unsure);
    input.id_kind = Some(IdKind::ResidencePermit);
    let noted = (CheckStatus::Passed, "document_type_differs".to_owned());
    assert_eq!(codes(&input, json!({"allowed_types": ["passport"]})), noted);
}

#[test]
fn without_models_or_pictures_nobody_passes() {
    let nothing = run("document_ocr", &input(), json!({}));
    assert_eq!(
        verdict(&nothing),
        (CheckStatus::Skipped, vec!["no_document"])
    );
    let passport = Specimen::passport(11, &holder()).unwrap();
    let bytes = jpeg(&passport.image, 90).unwrap();
    let documents = vec![image(DocumentType::IdFront, bytes)];
    let outcome = run(
        "document_ocr",
        &CheckInput {
            documents,
            ..input()
        },
        json!({}),
    );
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Error, vec!["model_missing"])
    );
    assert_eq!(
        outcome.result.reasons[0].message,
        "The models that read documents are missing or have been altered.",
        "what the loader says names files of the server"
    );
}

#[test]
fn a_stored_picture_that_is_broken_is_an_error() {
    let Some(models) = models() else { return };
    let documents = vec![image(
        DocumentType::IdFront,
        b"\xff\xd8\xff no picture".to_vec(),
    )];
    let outcome = run("document_ocr", &pictures(&models, documents), json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Error, vec!["image_broken"])
    );
}
