//! Schemas, configurations and what operators may place.

use serde_json::{Value, json};
use verifa_checks::Registry;
use verifa_core::session::CheckStatus;
use verifa_core::workflow::{AUTO_POLICIES, PolicyCatalog};

use crate::support::{input, run, verdict};

/// The registry's answers as the workflow compiler wants them.
struct Catalog(Registry);

impl PolicyCatalog for Catalog {
    fn known(&self, name: &str) -> bool {
        self.0.operator_placeable(name).is_some()
    }

    fn validate_config(&self, name: &str, config: &Value) -> Vec<verifa_core::fault::Fault> {
        let check = self.0.operator_placeable(name);
        check
            .and_then(|check| check.validate_config(config).err())
            .unwrap_or_default()
    }
}

fn faults(policy: &str, config: &Value) -> Vec<(String, &'static str)> {
    let found = Catalog(Registry::builtin()).validate_config(policy, config);
    for fault in &found {
        assert!(
            !fault.message.contains("secret"),
            "a message repeats the value: {}",
            fault.message
        );
    }
    found
        .into_iter()
        .map(|fault| (fault.field, fault.code.as_str()))
        .collect()
}

#[test]
fn every_check_describes_itself_with_a_closed_schema() {
    let registry = Registry::builtin();
    let described = registry.describe();
    assert_eq!(described.len(), 8);
    for entry in described {
        for key in ["name", "category", "description"] {
            assert!(
                entry[key].as_str().is_some_and(|text| !text.is_empty()),
                "{entry}"
            );
        }
        let schema = &entry["config_schema"];
        assert_eq!(schema["type"], "object", "{entry}");
        assert_eq!(schema["additionalProperties"], json!(false), "{entry}");
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(
                property["description"].is_string(),
                "{} {name}",
                entry["name"]
            );
        }
    }
}

#[test]
fn every_inserted_check_is_registered_and_only_built_ones_can_be_placed() {
    let registry = Registry::builtin();
    for name in AUTO_POLICIES {
        assert!(registry.get(name).is_some(), "{name}");
    }
    for name in [
        "watchlist_screening",
        "risk_assessment",
        "face_match",
        "liveness",
        "",
    ] {
        assert!(registry.operator_placeable(name).is_none(), "{name}");
    }
    let placeable = [
        "document_ocr",
        "document_expiration",
        "id_document_filter",
        "age_verification",
        "identity_crossref",
        "auto_approve",
    ];
    for name in placeable {
        assert!(registry.operator_placeable(name).is_some(), "{name}");
    }
}

#[test]
fn checks_that_are_not_built_are_skipped_and_never_passed() {
    for name in ["watchlist_screening", "risk_assessment"] {
        let outcome = run(name, &input(), json!({}));
        assert_eq!(
            verdict(&outcome),
            (CheckStatus::Skipped, vec!["not_available"])
        );
        assert_eq!(outcome.engine, format!("{name}/1"));
    }
}

#[test]
fn the_compiler_s_own_configurations_are_valid() {
    let registry = Registry::builtin();
    let check = |name: &str, config: &Value| {
        registry.get(name).unwrap().validate_config(config).unwrap();
    };
    check("watchlist_screening", &json!({"threshold": 0.6}));
    check("risk_assessment", &json!({}));
    check("identity_crossref", &json!({}));
    for name in [
        "document_ocr",
        "document_expiration",
        "age_verification",
        "auto_approve",
    ] {
        check(name, &Value::Null);
        check(name, &json!({}));
    }
}

#[test]
fn offences_are_found_and_named_by_their_path() {
    let cases = [
        (
            "age_verification",
            json!({"minimum_age": 0}),
            "minimum_age",
            "out_of_range",
        ),
        (
            "age_verification",
            json!({"minimum_age": 121}),
            "minimum_age",
            "out_of_range",
        ),
        (
            "age_verification",
            json!({"minimum_age": "secret"}),
            "minimum_age",
            "wrong_type",
        ),
        (
            "age_verification",
            json!({"minimum_age": 21, "maximum_age": 20}),
            "maximum_age",
            "out_of_range",
        ),
        (
            "age_verification",
            json!({"minimal_age": 18}),
            "minimal_age",
            "unknown_field",
        ),
        ("age_verification", json!([]), "", "wrong_type"),
        ("age_verification", json!("secret"), "", "wrong_type"),
        (
            "document_ocr",
            json!({"min_confidence": 1.5}),
            "min_confidence",
            "out_of_range",
        ),
        (
            "document_ocr",
            json!({"allowed_types": []}),
            "allowed_types",
            "too_short",
        ),
        (
            "document_ocr",
            json!({"allowed_types": ["passport", "secret"]}),
            "allowed_types[1]",
            "unknown_value",
        ),
        (
            "document_expiration",
            json!({"min_validity_days": 4000}),
            "min_validity_days",
            "out_of_range",
        ),
        (
            "document_expiration",
            json!({"min_validity_days": -1}),
            "min_validity_days",
            "invalid",
        ),
        (
            "document_expiration",
            json!({"min_validity_days": 1, "allow_expired_within_days": 1}),
            "allow_expired_within_days",
            "invalid",
        ),
        ("id_document_filter", json!({}), "rules", "required"),
        (
            "id_document_filter",
            json!({"rules": [[["FR"], ["visa"]]]}),
            "rules[0]",
            "wrong_type",
        ),
        (
            "id_document_filter",
            json!({"rules": []}),
            "rules",
            "too_short",
        ),
        (
            "id_document_filter",
            json!({"rules": [{}]}),
            "rules[0]",
            "required",
        ),
        (
            "id_document_filter",
            json!({"rules": [{"countries": ["secret"]}]}),
            "rules[0].countries[0]",
            "unknown_value",
        ),
        (
            "id_document_filter",
            json!({"rules": [{"country": ["FR"]}]}),
            "rules[0].country",
            "unknown_field",
        ),
        (
            "id_document_filter",
            json!({"mode": "secret", "rules": [{"types": ["visa"]}]}),
            "mode",
            "unknown_value",
        ),
        (
            "identity_crossref",
            json!({"name_threshold": 2}),
            "name_threshold",
            "out_of_range",
        ),
        (
            "identity_crossref",
            json!({"fields": ["last_name", "last_name"]}),
            "fields[1]",
            "duplicate",
        ),
        (
            "identity_crossref",
            json!({"fields": ["secret"]}),
            "fields[0]",
            "unknown_value",
        ),
        (
            "auto_approve",
            json!({"review_on": ["no such thing"]}),
            "review_on[0]",
            "invalid",
        ),
    ];
    for (policy, config, field, code) in cases {
        let found = faults(policy, &config);
        assert_eq!(found, [(field.to_owned(), code)], "{policy} {config}");
    }
}
