//! Whatever a stranger's document or an operator's configuration says, a check answers, and passes
//! nobody by accident.

use proptest::prelude::*;
use serde_json::{Value, json};
use verifa_checks::{CheckInput, ExtractedData, Registry};
use verifa_core::session::{ApplicantFields, CheckStatus};

use crate::support::{input, run};

/// Small JSON values with the words that configurations use.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2.0..200.0_f64).prop_map(Value::from),
        "passport|visa|allow|reject|FR|D|last_name|[a-zA-Z`\\[\\]. ]{0,12}".prop_map(Value::from),
    ];
    let key = "rules|countries|types|mode|fields|name_threshold|minimum_age|maximum_age|\
               review_on|reject_on|min_confidence|allowed_types|min_validity_days|[a-z`.]{1,6}";
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[0-9]{4}-[0-9]{2}-[0-9]{2}|[A-Z<0-9]{0,44}|.{0,20}")
}

/// A document that says these things; eight texts and perhaps a zone.
fn document(texts: Vec<Option<String>>, mrz: Option<Vec<String>>) -> ExtractedData {
    let mut texts = texts.into_iter();
    let mut next = || texts.next().flatten();
    ExtractedData {
        first_name: next(),
        last_name: next(),
        date_of_birth: next(),
        document_number: next(),
        nationality: next(),
        document_type: next(),
        document_expiration_date: next(),
        document_issuing_country: next(),
        mrz,
        ..ExtractedData::default()
    }
}

fn any_zone() -> impl Strategy<Value = Option<Vec<String>>> {
    let line = "[A-Z0-9<]{44}|[A-Z0-9<]{30}|.{0,50}";
    prop::option::of(prop::collection::vec(line, 0..4))
}

proptest! {
    #[test]
    fn every_configuration_is_accepted_or_its_offences_are_named(config in any_json()) {
        let registry = Registry::builtin();
        for described in registry.describe() {
            let check = registry.get(described["name"].as_str().unwrap()).unwrap();
            match check.validate_config(&config) {
                Ok(()) => prop_assert!(config.is_object() || config.is_null()),
                Err(faults) => {
                    prop_assert!(!faults.is_empty());
                    // An invalid configuration that is stored all the same passes nobody.
                    let status = check.run(&input(), &config).result.status;
                    prop_assert_eq!(status, CheckStatus::Error);
                }
            }
        }
    }

    #[test]
    fn arbitrary_documents_are_judged_by_what_they_say(
        texts in prop::collection::vec(any_text(), 8),
        zone in any_zone(),
        first_name in any_text(),
        last_name in any_text(),
        date_of_birth in any_text(),
    ) {
        let document = document(texts, zone);
        let date = |text: &Option<String>| text.as_deref()?.parse::<jiff::civil::Date>().ok();
        let (birth, expiry) = (date(&document.date_of_birth), date(&document.document_expiration_date));
        let no_zone = document.mrz.is_none();
        let fields = ApplicantFields { first_name, last_name, date_of_birth, ..ApplicantFields::default() };
        let input = CheckInput { extracted: document, fields, ..input() };
        let status = |policy, config| run(policy, &input, config).result.status;

        let age = status("age_verification", json!({}));
        let adult = birth.is_some_and(|birth| birth <= jiff::civil::date(2008, 11, 21));
        prop_assert!(age != CheckStatus::Passed || adult || !no_zone);
        let validity = status("document_expiration", json!({}));
        let valid = expiry.is_some_and(|expiry| expiry >= jiff::civil::date(2026, 11, 21));
        prop_assert!(validity != CheckStatus::Passed || valid || !no_zone);
        status("identity_crossref", json!({}));
        status("id_document_filter", json!({"rules": [{"countries": ["FR"]}]}));
    }
}
