//! What can be found in a report.

use verifa_report::model::PersonalData;

use crate::poppler::text;
use crate::samples;

/// Checks that a text has each of these, whatever spaces and line ends the page put in.
#[track_caller]
fn assert_found(text: &str, wanted: &[&str]) {
    let squeezed: String = text.split_whitespace().collect();
    for one in wanted {
        let one: String = one.split_whitespace().collect();
        assert!(squeezed.contains(&one), "{one} is not in the text");
    }
}

#[test]
fn a_decision_and_what_it_rests_on() {
    let Some(text) = text(&samples::simple()) else {
        return;
    };
    assert_found(
        &text,
        &[
            "Example Bank AG",
            "Approved",
            "Decided by the workflow",
            samples::SESSION,
            "customer-4711",
            "Eriksson",
            "L898902C3",
            "Identity document, front",
            "Document reading",
            "Check digits: 5 of 5",
            "427 ms",
            "Operator decided · continue",
            // The hash and the signature, whole.
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "Verifa 0.1.0",
            "Confidential",
        ],
    );
    assert!(!text.contains("Screening hits"), "there are none");
    assert!(!text.contains("SANDBOX"));
}

#[test]
fn a_rejection_says_why_and_names_the_hits() {
    let Some(text) = text(&samples::long()) else {
        return;
    };
    assert_found(
        &text,
        &[
            "SANDBOX",
            "Rejected",
            "face_mismatch",
            "The face of the person is not the face on the document",
            "Decided by a reviewer",
            "Failed",
            "Attempt 2",
            "Could not be",
            "Screening hits",
            "ERIKSON, Anna M. (5)",
            "Case rejected",
        ],
    );
}

#[test]
fn names_from_right_to_left_are_found_as_they_are_written() {
    let Some(text) = text(&samples::right_to_left()) else {
        return;
    };
    assert_found(
        &text,
        &[
            "الخوارزمي",
            "محمد بن موسى",
            "Nguyễn Łódź Žižková Ελλάδα Україна",
            // No font here has these letters; the text has.
            "王小明 A123",
        ],
    );
}

#[test]
fn images_are_shown_even_if_nothing_was_read_from_them() {
    let mut report = samples::simple();
    report.person.clear();
    let bytes = report.render().unwrap();
    let images = bytes.windows(10).filter(|part| *part == b"/DCTDecode");
    assert_eq!(images.count(), 2);
    let Some(text) = text(&report) else { return };
    assert_found(
        &text,
        &[
            "Nothing was read from a document",
            "Identity document, front",
        ],
    );
}

#[test]
fn nothing_personal_remains_of_an_erased_session() {
    let report = samples::redacted();
    let bytes = report.render().unwrap();
    assert!(
        !bytes.windows(10).any(|part| part == b"/DCTDecode"),
        "an image"
    );
    let Some(text) = text(&report) else { return };
    assert_found(
        &text,
        &[
            "Approved",
            "Personal data was erased",
            "Personal data erased",
            "Document reading",
        ],
    );
    for gone in ["Eriksson", "L898902C3", "1974", "Confidential"] {
        assert!(!text.contains(gone), "{gone} is still there");
    }
}

#[test]
fn data_whose_time_is_over_is_not_drawn_even_if_it_is_given() {
    let mut report = samples::simple();
    report.personal_data = PersonalData::Expired;
    let bytes = report.render().unwrap();
    assert!(
        !bytes.windows(10).any(|part| part == b"/DCTDecode"),
        "an image"
    );
    let Some(text) = text(&report) else { return };
    assert!(!text.contains("Eriksson"));
    assert_found(
        &text,
        &["The time for which personal data may be read is over"],
    );
}
