//! Pictures that are no documents: none is approved, each is called unreadable, none crashes.

use serde_json::{Value, json};
use verifa_specimen::{jpeg, not_documents};
use verifa_testkit::{Client, Options, TestServer};

use crate::mrz_images::{asked_for_all, reads_here};
use crate::support::VERIFA;

/// In CI each kind once; `VERIFA_FULL_VISION` asks for the 200 of the acceptance list. A picture
/// without a zone costs the most: everything is tried on it.
const SOME: usize = 12;
const ALL: usize = 200;

async fn assert_unreadable(live: &Client, what: &str, image: Vec<u8>) {
    let session = live.session(json!({})).await;
    let uploaded = live.upload(&session, "id_front", image).await;
    if uploaded.status == 400 {
        // Too small or too plain to be looked at is a refusal as well.
        return;
    }
    uploaded.ok(201);
    live.run_until(&session, "under_review").await;
    let result = live.part(&session, "result").await;
    assert_eq!(result["status"], "needs_review", "{what}");
    let checks = live.part(&session, "verifications").await;
    let checks = checks["data"].as_array().unwrap();
    let ocr = checks
        .iter()
        .find(|check| check["policy"] == "document_ocr")
        .unwrap();
    assert_eq!(ocr["status"], "failed", "{what}: {ocr}");
    let reasons = ocr["reasons"].as_array().unwrap();
    let unreadable = |reason: &Value| reason["code"] == "document_unreadable";
    assert!(reasons.iter().any(unreadable), "{what}: {reasons:?}");
    let extracted = result["extracted_data"].as_object().unwrap();
    let read = extracted.values().filter(|value| !value.is_null());
    assert_eq!(read.count(), 0, "{what}: {extracted:?}");
}

#[tokio::test]
async fn no_document_is_ever_made_of_another_picture() {
    if !reads_here() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let count = if asked_for_all() { ALL } else { SOME };
    for (number, picture) in not_documents(7, count).enumerate() {
        let image = jpeg(&picture.image, 88).unwrap();
        assert_unreadable(&live, &format!("{number}: {:?}", picture.kind), image).await;
    }
}

#[tokio::test]
async fn no_document_in_photographs_of_people_and_pages() {
    let data = std::path::Path::new(crate::mrz_images::DATA);
    if !reads_here() || !crate::mrz_images::data_is_there() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let bytes = std::fs::read(data.join("mrz/nomrz.jpg")).unwrap();
    assert_unreadable(&live, "nomrz.jpg", bytes).await;
    let people = if asked_for_all() { 5 } else { 2 };
    for person in data.join("faces").read_dir().unwrap().take(people) {
        let mut faces: Vec<_> = person
            .unwrap()
            .path()
            .read_dir()
            .unwrap()
            .map(|face| face.unwrap().path())
            .collect();
        faces.sort();
        let bytes = std::fs::read(&faces[0]).unwrap();
        assert_unreadable(&live, &faces[0].display().to_string(), bytes).await;
    }
}
