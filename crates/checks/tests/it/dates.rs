//! Expiry and age, at their limits and with dates that are not whole.

use serde_json::{Value, json};
use verifa_checks::{CheckInput, ExtractedData};
use verifa_core::session::CheckStatus;
use verifa_mrz::{MrzDate, MrzFields, MrzFormat, Sex, encode};

use crate::support::{input, run, text, verdict, with_document};

fn expiring(date: &str) -> CheckInput {
    with_document(ExtractedData {
        document_expiration_date: text(date),
        ..ExtractedData::default()
    })
}

fn born(date: &str) -> CheckInput {
    with_document(ExtractedData {
        date_of_birth: text(date),
        ..ExtractedData::default()
    })
}

/// A passport of which only these parts of the dates are known.
fn incomplete(birth: MrzDate, expiry: MrzDate) -> CheckInput {
    let fields = MrzFields {
        format: MrzFormat::Td3,
        document_code: "P".into(),
        issuing_state: "UTO".into(),
        nationality: "UTO".into(),
        surname: "SPECIMEN".into(),
        given_names: "ANNA".into(),
        document_number: "L898902C3".into(),
        birth_date: birth,
        sex: Sex::Female,
        expiry_date: expiry,
        optional_data: String::new(),
        optional_data_second: String::new(),
    };
    let lines = encode(&fields).unwrap();
    with_document(ExtractedData {
        mrz: Some(lines),
        ..ExtractedData::default()
    })
}

fn partial(year: i16, month: Option<i8>) -> MrzDate {
    MrzDate::partial(Some(year), month, None).unwrap()
}

#[test]
fn a_document_is_valid_through_its_last_day() {
    let check = |date: &str, config: Value| {
        let outcome = run("document_expiration", &expiring(date), config);
        let (status, codes) = verdict(&outcome);
        (
            status,
            codes.first().map(ToString::to_string),
            outcome.result.details["days"].as_i64(),
        )
    };
    let code = |code: &str| Some(code.to_owned());
    let none = || json!({});
    assert_eq!(
        check("2026-11-21", none()),
        (CheckStatus::Passed, None, Some(0))
    );
    assert_eq!(
        check("2026-11-22", none()),
        (CheckStatus::Passed, None, Some(1))
    );
    let expired = code("document_expired");
    assert_eq!(
        check("2026-11-20", none()),
        (CheckStatus::Failed, expired.clone(), Some(-1))
    );
    assert_eq!(
        check("1999-01-01", none()),
        (CheckStatus::Failed, expired.clone(), Some(-10186))
    );

    let grace = || json!({"allow_expired_within_days": 30});
    let within = code("expired_within_allowance");
    assert_eq!(
        check("2026-10-22", grace()),
        (CheckStatus::Passed, within, Some(-30))
    );
    assert_eq!(
        check("2026-10-21", grace()),
        (CheckStatus::Failed, expired, Some(-31))
    );

    let validity = || json!({"min_validity_days": 90});
    assert_eq!(
        check("2027-02-19", validity()),
        (CheckStatus::Passed, None, Some(90))
    );
    let soon = code("expires_too_soon");
    assert_eq!(
        check("2027-02-18", validity()),
        (CheckStatus::Failed, soon, Some(89))
    );
}

#[test]
fn a_document_without_a_date_is_skipped_and_says_so() {
    let outcome = run("document_expiration", &input(), json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["no_expiry_date"])
    );
    let outcome = run("age_verification", &input(), json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["no_birth_date"])
    );
    let unknown = incomplete(MrzDate::UNKNOWN, MrzDate::UNKNOWN);
    let outcome = run("age_verification", &unknown, json!({}));
    assert_eq!(
        verdict(&outcome),
        (CheckStatus::Skipped, vec!["no_birth_date"])
    );
}

#[test]
fn age_is_counted_to_the_day() {
    let check = |date: &str, config: Value| {
        let outcome = run("age_verification", &born(date), config);
        let (status, codes) = verdict(&outcome);
        (
            status,
            codes.first().map(ToString::to_string),
            outcome.result.details["age"].as_i64(),
        )
    };
    let adult = || json!({"minimum_age": 18});
    assert_eq!(
        check("2008-11-21", adult()),
        (CheckStatus::Passed, None, Some(18))
    );
    let underage = Some("underage".to_owned());
    assert_eq!(
        check("2008-11-22", adult()),
        (CheckStatus::Failed, underage.clone(), Some(17))
    );
    assert_eq!(
        check("2008-11-22", json!({})),
        (CheckStatus::Failed, underage, Some(17))
    );
    let limits = || json!({"minimum_age": 18, "maximum_age": 65});
    assert_eq!(
        check("1960-11-22", limits()),
        (CheckStatus::Passed, None, Some(65))
    );
    let above = Some("above_maximum_age".to_owned());
    assert_eq!(
        check("1960-11-21", limits()),
        (CheckStatus::Failed, above, Some(66))
    );
}

#[test]
fn dates_with_unknown_parts_decide_only_where_they_can() {
    let whole = MrzDate::known("2030-01-01".parse().unwrap());
    let age = |birth| run("age_verification", &incomplete(birth, whole), json!({}));
    let passed = age(partial(1974, None));
    assert_eq!(verdict(&passed).0, CheckStatus::Passed);
    assert_eq!(
        passed.result.details["age"],
        json!(51),
        "nobody is made older"
    );
    assert_eq!(passed.result.details["incomplete"], json!(true));
    assert_eq!(verdict(&age(partial(2009, Some(3)))).0, CheckStatus::Failed);
    let open = age(partial(2008, Some(11)));
    assert_eq!(
        verdict(&open),
        (CheckStatus::Skipped, vec!["birth_date_incomplete"])
    );

    let birth = MrzDate::known("1974-08-12".parse().unwrap());
    let expiry = |expiry| run("document_expiration", &incomplete(birth, expiry), json!({}));
    assert_eq!(verdict(&expiry(partial(2027, None))).0, CheckStatus::Passed);
    assert_eq!(verdict(&expiry(partial(2025, None))).0, CheckStatus::Failed);
    let open = expiry(partial(2026, Some(11)));
    assert_eq!(
        verdict(&open),
        (CheckStatus::Skipped, vec!["expiry_date_incomplete"])
    );
}
