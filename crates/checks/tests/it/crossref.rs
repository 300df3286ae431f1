//! What was typed against what the document says.

use serde_json::json;
use verifa_checks::{CheckInput, ExtractedData};
use verifa_core::session::{ApplicantFields, CheckStatus};

use crate::support::{input, run, text, verdict, with_document};

fn document() -> ExtractedData {
    ExtractedData {
        first_name: text("ANNA MARIA"),
        last_name: text("MUELLER"),
        date_of_birth: text("1974-08-12"),
        document_number: text("L898902C3"),
        nationality: text("D"),
        gender: text("F"),
        ..ExtractedData::default()
    }
}

fn typed(fields: ApplicantFields) -> CheckInput {
    CheckInput {
        fields,
        ..with_document(document())
    }
}

fn all_right() -> ApplicantFields {
    ApplicantFields {
        first_name: text("Anna"),
        last_name: text("Müller"),
        date_of_birth: text("1974-08-12"),
        document_number: text("l898 902-c3"),
        nationality: text("DE"),
        gender: text("female"),
        ..ApplicantFields::default()
    }
}

#[test]
fn agreeing_fields_pass_in_their_usual_spellings() {
    let outcome = run("identity_crossref", &typed(all_right()), json!({}));
    assert_eq!(verdict(&outcome), (CheckStatus::Passed, vec![]));
    let fields = outcome.result.details["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 6);
    assert!(fields.iter().all(|field| field["matched"] == json!(true)));
    assert!(outcome.result.score.unwrap() >= 0.9);
}

#[test]
fn each_field_that_differs_is_named_without_its_value() {
    let wrong = [
        (
            "first_name",
            ApplicantFields {
                first_name: text("Boris"),
                ..all_right()
            },
        ),
        (
            "last_name",
            ApplicantFields {
                last_name: text("Schmidt"),
                ..all_right()
            },
        ),
        (
            "date_of_birth",
            ApplicantFields {
                date_of_birth: text("1974-08-13"),
                ..all_right()
            },
        ),
        (
            "document_number",
            ApplicantFields {
                document_number: text("L898902C4"),
                ..all_right()
            },
        ),
        (
            "nationality",
            ApplicantFields {
                nationality: text("FR"),
                ..all_right()
            },
        ),
        (
            "gender",
            ApplicantFields {
                gender: text("M"),
                ..all_right()
            },
        ),
    ];
    for (name, fields) in wrong {
        let outcome = run("identity_crossref", &typed(fields), json!({}));
        assert_eq!(
            verdict(&outcome),
            (CheckStatus::Failed, vec!["identity_mismatch"]),
            "{name}"
        );
        assert!(outcome.result.reasons[0].message.starts_with(name));
        let shown = format!("{} {:?}", outcome.result.details, outcome.result.reasons);
        for value in ["Boris", "Schmidt", "L898902C4", "MUELLER"] {
            assert!(!shown.contains(value), "{shown}");
        }
    }
}

#[test]
fn only_the_chosen_fields_are_compared() {
    let fields = ApplicantFields {
        last_name: text("Schmidt"),
        ..all_right()
    };
    let config = json!({"fields": ["date_of_birth", "first_name"]});
    let outcome = run("identity_crossref", &typed(fields), config);
    assert_eq!(verdict(&outcome).0, CheckStatus::Passed);
    assert_eq!(
        outcome.result.details["fields"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_stricter_threshold_refuses_a_slip_of_the_pen() {
    let slip = || {
        typed(ApplicantFields {
            last_name: text("Muellr"),
            ..ApplicantFields::default()
        })
    };
    let lenient = run("identity_crossref", &slip(), json!({}));
    assert_eq!(verdict(&lenient).0, CheckStatus::Passed);
    let strict = run(
        "identity_crossref",
        &slip(),
        json!({"name_threshold": 0.95}),
    );
    assert_eq!(verdict(&strict).0, CheckStatus::Failed);
}

#[test]
fn with_nothing_to_compare_it_is_skipped() {
    let outcome = run(
        "identity_crossref",
        &typed(ApplicantFields::default()),
        json!({}),
    );
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["nothing_to_compare"])
    );
    let outcome = run(
        "identity_crossref",
        &typed(ApplicantFields {
            email: text("anna@example.test"),
            nationality: text("Germany"),
            ..ApplicantFields::default()
        }),
        json!({}),
    );
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["nothing_to_compare"])
    );
    let unread = CheckInput {
        fields: all_right(),
        ..input()
    };
    let outcome = run("identity_crossref", &unread, json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["no_document_data"])
    );
}

#[test]
fn a_name_that_the_zone_cut_short_still_agrees() {
    // ICAO 9303-4 §4.2.3: 39 places for both names.
    let lines = vec![
        "P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K".to_owned(),
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10".to_owned(),
    ];
    let zone = verifa_mrz::parse(&lines, "2026-11-21".parse().unwrap()).unwrap();
    assert!(zone.name_truncated);
    let input = CheckInput {
        fields: ApplicantFields {
            first_name: text("Chayapa Dejthamrong Krasuang"),
            last_name: text("Nilavadhanananda"),
            ..ApplicantFields::default()
        },
        ..with_document(ExtractedData {
            first_name: text(&zone.given_names),
            last_name: text(&zone.surname),
            mrz: Some(lines),
            ..ExtractedData::default()
        })
    };
    let outcome = run("identity_crossref", &input, json!({}));
    assert_eq!(verdict(&outcome), (CheckStatus::Passed, vec![]));
}
