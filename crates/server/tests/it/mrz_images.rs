//! The specimens of ../shared/data/vision/mrz through HTTP in four rotations, and drawn ones.

use std::path::Path;

use image::{DynamicImage, ImageFormat};
use jiff::civil::date;
use serde_json::{Value, json};
use verifa_specimen::{Damage, Holder, QuarterTurns, Specimen};
use verifa_testkit::{Client, DatabaseKind, Options, TestServer, installed_models};

use crate::support::VERIFA;

/// Where the development images lie; nothing of them is in the repository.
pub(crate) const DATA: &str = "/work/shared/data/vision";

/// Whether this machine has them; said aloud where not.
pub(crate) fn data_is_there() -> bool {
    let there = Path::new(DATA).is_dir();
    if !there {
        eprintln!("!!! SKIPPED: no development images in {DATA}");
    }
    there
}

/// Whether the whole acceptance list is asked for, which takes minutes.
pub(crate) fn asked_for_all() -> bool {
    std::env::var_os("VERIFA_FULL_VISION").is_some()
}

/// Whether documents are read here: with models, and on one database, because reading is the same
/// on both.
pub(crate) fn reads_here() -> bool {
    let again = DatabaseKind::of_this_run() == DatabaseKind::Postgres && !asked_for_all();
    !again && installed_models().is_some()
}

/// A drawn passport of an adult, as a PNG.
pub(crate) fn drawn_passport(seed: u64) -> Vec<u8> {
    let mut holder = Holder::example(seed, date(2026, 6, 1));
    holder.birth_date = date(1988, 2, 29);
    let specimen = Specimen::passport(seed, &holder).unwrap();
    verifa_specimen::png(&specimen.image).unwrap()
}

/// File, document number, date of birth, last name: read by eye from the zone of each specimen.
const SPECIMENS: &[(&str, &str, &str, &str)] = &[
    ("0_pass-lva.jpg", "LT0000000", "1986-05-10", "MOHAMADA"),
    ("100_id-mac.jpg", "12281507", "1961-06-22", "CHONG"),
    ("100_id-si.jpg", "099991001", "1966-06-07", "VZOREC"),
    ("100_pass-bdr.jpg", "CA000000", "1964-08-12", "MUSTERMANN"),
    ("100_pass-chn.jpg", "000000000", "1976-01-01", "LIN"),
    // Printed 1911; the zone says 11, which the century rule reads as the newest past date.
    ("100_pass-cze.jpg", "99003853", "2011-01-01", "SPECIMEN"),
    ("100_pass-hrv.jpg", "007007007", "1982-12-25", "SPECIMEN"),
    (
        "100_pass-ltu.jpg",
        "00000000",
        "1959-11-23",
        "BASANAVICIENE",
    ),
    ("100_pass2-uto.jpg", "D23145890", "1974-08-12", "ERIKSSON"),
    (
        "100_visa-polx.jpg",
        "PL0000000",
        "1960-02-08",
        "KOWALSKA KWIATKOWSKA",
    ),
    ("100_visa-usa.jpg", "555123ABC", "1965-02-05", "TRAVELER"),
    ("24_pass-egy.jpg", "A00051376", "1960-02-20", "MABROUK"),
    ("43_pass-fra.jpg", "08CD50338", "1960-04-10", "ULYSSE"),
    ("43_pass-twn.jpg", "M00000426", "1968-03-02", "LIN"),
    ("53_id-d.jpg", "T22000129", "1964-08-12", "MUSTERMANN"),
    ("62_pass-aus.png", "PA0940409", "1984-06-07", "CITIZEN"),
    ("62_pass-pol.png", "ZS0000177", "1972-03-30", "KOWALSKA"),
    ("98_pass-nld.jpg", "XA0000014", "1971-10-19", "MEULENDIJK"),
    ("mrva.jpg", "L8988901C", "1940-09-07", "ERIKSSON"),
    ("mrvb.jpg", "L8988901C", "1940-09-07", "ERIKSSON"),
    ("td1.jpg", "D23145890", "1974-08-12", "ERIKSSON"),
    ("td2.jpg", "D23145890", "1974-08-12", "ERIKSSON"),
    ("td3.jpg", "L898902C3", "1974-08-12", "ERIKSSON"),
];

/// A workflow that reads and asks no more: what is tested is the reading.
async fn reading_workflow(live: &Client) -> String {
    let words = json!("continue");
    live.workflow(
        json!([{"id": "scan", "policy": "document_ocr", "on_fail": words,
        "on_skipped": words}]),
    )
    .await
}

/// Hands an image in and waits for the end: what was extracted, and the attempt of `document_ocr`.
async fn read(live: &Client, workflow: &str, image: Vec<u8>) -> (Value, Value) {
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.upload(&session, "id_front", image).await.ok(201);
    live.act(&session, "submit").await.ok(200);
    live.until(&session, "completed").await;
    let result = live.part(&session, "result").await;
    let checks = live.part(&session, "verifications").await;
    let checks = checks["data"].as_array().unwrap();
    let ocr = checks
        .iter()
        .find(|check| check["policy"] == "document_ocr")
        .unwrap();
    (result["extracted_data"].clone(), ocr.clone())
}

fn turned(image: &DynamicImage, quarter_turns: usize) -> Vec<u8> {
    let turned = match quarter_turns % 4 {
        0 => image.clone(),
        1 => image.rotate90(),
        2 => image.rotate180(),
        _ => image.rotate270(),
    };
    // Lossless: what is measured is the reading, not a second compression.
    crate::images::encoded(&turned.to_rgb8(), ImageFormat::Png)
}

#[tokio::test]
async fn mrz_images_are_read_in_any_of_four_rotations() {
    if !reads_here() || !data_is_there() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let workflow = reading_workflow(&live).await;
    let (mut tried, mut missed) = (0_usize, Vec::new());
    for (number, (file, document_number, birth, name)) in SPECIMENS.iter().enumerate() {
        let image = image::open(Path::new(DATA).join("mrz").join(file)).expect("a specimen");
        // In CI each in one rotation, all four of them in turn.
        let turns = if asked_for_all() {
            0..4
        } else {
            number % 4..number % 4 + 1
        };
        for turn in turns {
            tried += 1;
            let (extracted, ocr) = read(&live, &workflow, turned(&image, turn)).await;
            let valid = ocr["details"]["mrz"]["all_check_digits_valid"] == true;
            let same_name = extracted["last_name"]
                .as_str()
                .is_some_and(|last_name| last_name.to_uppercase() == *name);
            let same = extracted["document_number"] == *document_number
                && extracted["date_of_birth"] == *birth;
            if !(valid && same && same_name && ocr["status"] == "passed") {
                missed.push(format!("{file} turned {turn}: {}", ocr["status"]));
            }
            // Whatever is read is right: a wrong number is worse than none.
            if ocr["status"] == "passed" {
                assert!(same, "{file} turned {turn} was misread");
            }
        }
    }
    eprintln!(
        "{} of {tried} read; missed: {missed:#?}",
        tried - missed.len()
    );
    assert!(
        missed.len() * 10 <= tried,
        "{} of {tried} were missed",
        missed.len()
    );
}

#[tokio::test]
async fn drawn_specimens_are_read_to_the_letter() {
    if !reads_here() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let workflow = reading_workflow(&live).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    let seeds = if asked_for_all() { 8 } else { 2 };
    for seed in 0..seeds {
        let holder = Holder::example(seed, date(2026, 6, 1));
        let turns = QuarterTurns::ALL[seed as usize % 4];
        for specimen in Specimen::one_of_each(seed, &holder).expect("specimens") {
            tried += 1;
            let truth = &specimen.truth;
            let photograph = specimen
                .photograph(seed, Damage::ALL[1], turns)
                .jpeg()
                .unwrap();
            let (extracted, ocr) = read(&live, &workflow, photograph).await;
            let right = ocr["status"] == "passed"
                && extracted["document_number"] == truth.document_number
                && extracted["date_of_birth"] == truth.birth_date.to_string()
                && extracted["document_expiration_date"] == truth.expiry_date.to_string()
                && extracted["document_issuing_country"] == truth.issuing_state
                && ocr["details"]["mrz"]["lines"] == json!(truth.mrz);
            if !right {
                wrong.push(format!(
                    "{:?} of seed {seed}: {}",
                    truth.kind, ocr["status"]
                ));
            }
        }
    }
    assert!(
        wrong.len() * 10 <= tried,
        "{} of {tried}: {wrong:#?}",
        wrong.len()
    );
}

#[tokio::test]
async fn a_specimen_passport_is_approved_by_the_default_workflow() {
    if !reads_here() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let mut holder = Holder::example(3, date(2026, 6, 1));
    holder.birth_date = date(1988, 2, 29);
    let adult = Specimen::passport(3, &holder).unwrap();
    let approve = async |specimen: &Specimen, status: &str| {
        let session = live.session(json!({"country": "DE"})).await;
        let image = verifa_specimen::png(&specimen.image).unwrap();
        live.upload(&session, "id_front", image).await.ok(201);
        live.run_until(&session, status).await;
        live.part(&session, "result").await
    };
    let result = approve(&adult, "completed").await;
    assert_eq!(result["status"], "approved", "{}", result["check_results"]);
    assert_eq!(result["age_check_passed"], true);
    assert_eq!(result["extracted_age"], 38);
    assert_eq!(result["processing_mode"], "workflow");
    assert_eq!(result["extracted_data"]["date_of_birth"], "1988-02-29");
    assert_eq!(result["extracted_data"]["document_type"], "passport");
    assert_eq!(result["sensitive_data_expired"], false);
    for check in [
        "document_ocr",
        "document_expiration",
        "age_verification",
        "auto_approve",
    ] {
        assert_eq!(
            result["check_results"][check]["status"], "passed",
            "{check}"
        );
    }

    holder.birth_date = date(2012, 5, 1);
    let child = Specimen::passport(4, &holder).unwrap();
    let result = approve(&child, "under_review").await;
    assert_eq!(result["age_check_passed"], false);
    assert_eq!(
        result["check_results"]["age_verification"]["status"],
        "failed"
    );

    holder.birth_date = date(1970, 1, 1);
    holder.expiry_date = date(2024, 12, 31);
    let expired = Specimen::passport(5, &holder).unwrap();
    let result = approve(&expired, "under_review").await;
    assert_eq!(
        result["check_results"]["document_expiration"]["status"],
        "failed"
    );
}
