//! The matrix of countries and types.

use serde_json::{Value, json};
use verifa_checks::ExtractedData;
use verifa_core::session::CheckStatus;

use crate::support::{input, run, text, verdict, with_document};

fn check(country: &str, kind: &str, config: &Value) -> (CheckStatus, Option<u64>) {
    let input = with_document(ExtractedData {
        document_issuing_country: text(country),
        document_type: text(kind),
        ..ExtractedData::default()
    });
    let outcome = run("id_document_filter", &input, config.clone());
    (
        outcome.result.status,
        outcome.result.details["matched_rule"].as_u64(),
    )
}

#[test]
fn allow_passes_what_matches_in_any_spelling_of_the_country() {
    let config = json!({"rules": [
        {"countries": ["de", "FRA"], "types": ["passport", "national_id"]},
        {"types": ["residence_permit"]},
    ]});
    assert_eq!(
        check("D", "passport", &config),
        (CheckStatus::Passed, Some(0))
    );
    assert_eq!(
        check("DEU", "national_id", &config),
        (CheckStatus::Passed, Some(0))
    );
    assert_eq!(
        check("UTO", "residence_permit", &config),
        (CheckStatus::Passed, Some(1))
    );
    assert_eq!(check("FRA", "visa", &config), (CheckStatus::Failed, None));
    assert_eq!(
        check("UTO", "passport", &config),
        (CheckStatus::Failed, None)
    );
}

#[test]
fn reject_fails_what_matches() {
    let config = json!({"mode": "reject", "rules": [{"countries": ["UTO"]}]});
    assert_eq!(
        check("UTO", "passport", &config),
        (CheckStatus::Failed, Some(0))
    );
    assert_eq!(
        check("FRA", "passport", &config),
        (CheckStatus::Passed, None)
    );
}

#[test]
fn a_country_that_nobody_lists_matches_no_country() {
    let allow = json!({"rules": [{"countries": ["FR"]}]});
    assert_eq!(
        check("QQQ", "passport", &allow),
        (CheckStatus::Failed, None)
    );
}

#[test]
fn without_a_document_it_is_skipped() {
    let outcome = run(
        "id_document_filter",
        &input(),
        json!({"rules": [{"types": ["passport"]}]}),
    );
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["no_document_data"])
    );
}
