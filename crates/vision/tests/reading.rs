//! Zones are read on pictures of many kinds, whichever way up, and nowhere else.
//! Needs the OCR models (`VERIFA_TEST_MODELS`); see support.

mod support;

use std::time::Duration;

use jiff::civil::{Date, date};
use verifa_specimen::{Damage, Holder, QuarterTurns, Specimen, not_documents};
use verifa_vision::{
    DecodedImage, MrzOptions, MrzOutcome, MrzReading, OcrModels, Rotation, read_mrz, read_text,
};

const TODAY: Date = date(2026, 11, 21);

#[expect(clippy::expect_used, reason = "inference that fails fails the test")]
fn read(models: &OcrModels, picture: &DecodedImage) -> MrzReading {
    read_mrz(models, picture, MrzOptions::default(), TODAY).expect("inference runs")
}

#[expect(clippy::expect_used, reason = "a drawn picture has pixels")]
fn drawn(picture: impl Into<(u32, u32, Vec<u8>)>) -> DecodedImage {
    let (width, height, rgb) = picture.into();
    DecodedImage::from_rgb(width, height, rgb).expect("a drawn picture has pixels")
}

/// At least nine tenths of the development set in one rotation, and the rotation told rightly.
fn development_set(rotation: Rotation) {
    let (Some(models), Some(folder)) = (support::models(), support::shared_data("vision/mrz"))
    else {
        return;
    };
    let mut with_zone = 0;
    let mut read_well = 0;
    for (name, picture) in support::pictures(&folder) {
        let reading = read(&models, &picture.turned(rotation));
        if name == "nomrz.jpg" {
            assert!(reading.found().is_none(), "{name} has no zone");
            continue;
        }
        with_zone += 1;
        let Some(found) = reading.found() else {
            continue;
        };
        assert!(
            found.mrz.all_valid() && found.mrz.is_well_formed(),
            "{name}"
        );
        read_well += 1;
        // One picture of the set lies on its side to begin with.
        let upright = if name == "0_pass-lva.jpg" { 270 } else { 0 };
        let turn = rotation.then(found.rotation).degrees();
        assert_eq!(turn, upright, "{name}: the rotation is told wrongly");
    }
    assert!(with_zone >= 20, "the development set is incomplete");
    assert!(
        read_well * 10 >= with_zone * 9,
        "only {read_well} of {with_zone} were read"
    );
}

#[test]
fn the_development_set_upright() {
    development_set(Rotation::None);
}

#[test]
fn the_development_set_turned_clockwise() {
    development_set(Rotation::Clockwise90);
}

#[test]
fn the_development_set_upside_down() {
    development_set(Rotation::Clockwise180);
}

#[test]
fn the_development_set_turned_counter_clockwise() {
    development_set(Rotation::Clockwise270);
}

/// The ICAO specimens' print is known, so here every character counts.
#[test]
fn the_icao_specimens_are_read_to_the_letter() {
    let (Some(models), Some(folder)) = (support::models(), support::shared_data("vision/mrz"))
    else {
        return;
    };
    let truth: [(&str, &[&str]); 3] = [
        (
            "td1.jpg",
            &[
                "I<UTOD231458907<<<<<<<<<<<<<<<",
                "7408122F1204159UTO<<<<<<<<<<<6",
                "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
            ],
        ),
        (
            "td3.jpg",
            &[
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
            ],
        ),
        (
            "mrvb.jpg",
            &[
                "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
                "L8988901C4XXX4009078F9612109<<<<<<<<",
            ],
        ),
    ];
    for (name, picture) in support::pictures(&folder) {
        let Some((_, lines)) = truth.iter().find(|(file, _)| *file == name) else {
            continue;
        };
        let reading = read(&models, &picture);
        assert_eq!(reading.found().unwrap().mrz.lines, *lines, "{name}");
    }
}

/// Documents drawn and photographed by our own generator, against its truth.
#[test]
fn drawn_documents_are_read_to_the_letter() {
    let Some(models) = support::models() else {
        return;
    };
    let turns = QuarterTurns::ALL;
    let (mut cases, mut exact) = (0, 0);
    for seed in 0..3 {
        let holder = Holder::example(seed, TODAY);
        for (index, specimen) in Specimen::one_of_each(seed, &holder)
            .unwrap()
            .into_iter()
            .enumerate()
        {
            let damage = Damage::ALL[(index + usize::try_from(seed).unwrap()) % 3];
            let image = specimen.photograph(seed, damage, turns[index % 4]).image;
            let picture = drawn((image.width(), image.height(), image.into_raw()));
            let reading = read(&models, &picture);
            cases += 1;
            exact += usize::from(
                reading
                    .found()
                    .is_some_and(|found| found.mrz.lines == specimen.truth.mrz),
            );
        }
    }
    assert_eq!(cases, 15);
    assert!(
        exact >= 14,
        "only {exact} of {cases} were read to the letter"
    );
}

/// The flattest pictures there are: cards of the smallest size, each in another rotation. The card
/// of seed 7 is known not to be found; no other may be lost.
#[test]
fn scans_of_cards_are_read_but_for_one() {
    let Some(models) = support::models() else {
        return;
    };
    let mut unread = Vec::new();
    for seed in 4..10 {
        let [_, back] = Specimen::identity_card(seed, &Holder::example(seed, TODAY)).unwrap();
        let turns = QuarterTurns::ALL[usize::try_from(seed).unwrap() % 4];
        let image = back.photograph(seed, Damage::Scan, turns).image;
        let picture = drawn((image.width(), image.height(), image.into_raw()));
        let reading = read(&models, &picture);
        let lines = reading.found().map(|found| &found.mrz.lines);
        if lines != Some(&back.truth.mrz) {
            unread.push(seed);
        }
    }
    assert!(unread.iter().all(|seed| *seed == 7), "{unread:?}");
}

/// Five drawn pictures of each of twelve kinds, from noise to lines that imitate a zone; the example
/// `eval_drawn` does the same with hundreds.
#[test]
fn no_zone_is_read_on_drawn_pictures_without_one() {
    let Some(models) = support::models() else {
        return;
    };
    for (index, picture) in not_documents(7, 60).enumerate() {
        let kind = picture.kind;
        let (width, height) = picture.image.dimensions();
        let reading = read(&models, &drawn((width, height, picture.image.into_raw())));
        assert!(
            reading.found().is_none(),
            "picture {index}, {kind:?}, was taken for a document"
        );
    }
}

#[test]
fn no_zone_is_read_on_faces() {
    let (Some(models), Some(folder)) = (support::models(), support::shared_data("vision/faces"))
    else {
        return;
    };
    let faces = support::pictures(&folder);
    assert!(faces.len() >= 50);
    for (name, picture) in faces {
        let reading = read(&models, &picture);
        assert!(matches!(reading.outcome, MrzOutcome::NotFound), "{name}");
        // A face is dismissed cheaply: a search or two, hardly anything to read.
        assert!(
            reading.timings.recognitions <= 6,
            "{name}: {}",
            reading.timings
        );
    }
}

#[test]
fn two_readings_of_one_picture_agree() {
    let Some(models) = support::models() else {
        return;
    };
    let specimen = Specimen::passport(11, &Holder::example(11, TODAY)).unwrap();
    let image = specimen
        .photograph(11, Damage::Medium, QuarterTurns::None)
        .image;
    let picture = drawn((image.width(), image.height(), image.into_raw()));
    let (first, second) = (read(&models, &picture), read(&models, &picture));
    assert_eq!(first.found().unwrap().mrz, second.found().unwrap().mrz);
}

#[test]
fn without_time_only_one_search_is_made() {
    let Some(models) = support::models() else {
        return;
    };
    let specimen = Specimen::passport(5, &Holder::example(5, TODAY)).unwrap();
    let (width, height) = specimen.image.dimensions();
    let picture = drawn((width, height, specimen.image.into_raw()));
    let options = MrzOptions {
        time_limit: Duration::ZERO,
    };
    let reading = read_mrz(&models, &picture, options, TODAY).unwrap();
    assert_eq!(reading.timings.detections, 1);
}

/// The visual zone repeats the names, which no check digit covers.
#[test]
fn the_visual_zone_is_read() {
    let Some(models) = support::models() else {
        return;
    };
    let specimen = Specimen::passport(3, &Holder::example(3, TODAY)).unwrap();
    let (width, height) = specimen.image.dimensions();
    let picture = drawn((width, height, specimen.image.into_raw()));
    let lines = read_text(&models, &picture, 96).unwrap();
    let has = |text: &str| {
        lines
            .iter()
            .any(|line| line.text.to_uppercase().contains(&text.to_uppercase()))
    };
    assert!(has(&specimen.truth.surname) && has(&specimen.truth.document_number));
    let in_order = lines
        .windows(2)
        .all(|pair| pair[0].corners[0].1 <= pair[1].corners[2].1 + 50.0);
    assert!(in_order, "lines come from top to bottom");
}
