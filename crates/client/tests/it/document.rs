//! Walks the OpenAPI document: every operation has a method, every type reads and writes every
//! field.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use verifa_client::{OPERATIONS, Refusal, through};

/// Types of the client's own, in the place of the document's.
const BY_HAND: [&str; 2] = ["Error", "FieldError"];

fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_operation_has_a_method_and_no_method_is_of_nothing() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            described.insert((method.to_ascii_uppercase(), path.clone(), id));
        }
    }
    let known: BTreeSet<(String, String, String)> = OPERATIONS
        .iter()
        .map(|(method, path, id)| ((*method).into(), (*path).into(), (*id).into()))
        .collect();
    assert_eq!(described, known, "run: cargo xtask client");
}

/// A value that a schema describes; `whole`: with everything that may be absent or null.
fn sample(document: &Value, schema: &Value, whole: bool) -> Value {
    if let Some(place) = schema["$ref"].as_str() {
        let target = document.pointer(place.trim_start_matches('#')).unwrap();
        return sample(document, target, whole);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(options) = schema[choice].as_array() {
            let null = options.iter().any(|option| option["type"] == "null");
            if null && !whole {
                return Value::Null;
            }
            let first = options.iter().find(|option| option["type"] != "null");
            return sample(document, first.unwrap(), whole);
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return json!("anything"),
    };
    if kinds.contains(&"null") && !whole {
        return Value::Null;
    }
    let kind = kinds.iter().find(|kind| **kind != "null").unwrap();
    match *kind {
        "string" if schema["format"] == "date-time" => json!("2026-02-01T12:00:00Z"),
        "string" => json!("text"),
        "integer" => json!(7),
        "number" => json!(0.5),
        "boolean" => json!(true),
        "array" => json!([sample(document, &schema["items"], whole)]),
        "object" => object(document, schema, whole),
        other => panic!("an unknown type {other}"),
    }
}

fn object(document: &Value, schema: &Value, whole: bool) -> Value {
    let Some(properties) = schema["properties"].as_object() else {
        return match schema.get("additionalProperties") {
            Some(of) if of.is_object() => json!({"key": sample(document, of, whole)}),
            _ => json!({"key": "value"}),
        };
    };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut found = Map::new();
    for (name, property) in properties {
        if whole || required.contains(&json!(name)) {
            found.insert(name.clone(), sample(document, property, whole));
        }
    }
    Value::Object(found)
}

#[test]
fn every_type_keeps_every_field() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 40);
    for (name, schema) in schemas {
        if BY_HAND.contains(&name.as_str()) {
            continue;
        }
        for whole in [true, false] {
            let value = sample(&document, schema, whole);
            let again = through(name, value.clone());
            let again = again.unwrap_or_else(|| panic!("{name} has no type: cargo xtask client"));
            let again = again.unwrap_or_else(|error| panic!("{name}: {error}: {value}"));
            assert_eq!(again, value, "{name}");
        }
    }
}

#[test]
fn a_type_refuses_what_lacks_a_field() {
    let document = document();
    let schema = &document["components"]["schemas"]["Session"];
    let mut value = sample(&document, schema, true);
    value.as_object_mut().unwrap().shift_remove("status");
    assert!(through("Session", value).unwrap().is_err());
}

#[test]
fn a_refusal_is_read_whole() {
    let document = document();
    let schema = &document["components"]["schemas"]["Error"];
    let refusal: Refusal = serde_json::from_value(sample(&document, schema, true)).unwrap();
    assert_eq!(refusal.errors.len(), 1);
    assert_eq!(refusal.request_id.as_deref(), Some("text"));
}

#[test]
fn null_is_told_from_nothing_where_a_change_is_asked_for() {
    use verifa_client::types::SessionUpdate;
    let absent = serde_json::to_value(SessionUpdate::default()).unwrap();
    assert_eq!(absent, json!({}));
    let cleared = SessionUpdate {
        external_ref: Some(None),
        ..SessionUpdate::default()
    };
    let text = serde_json::to_value(cleared).unwrap();
    assert_eq!(text, json!({"external_ref": null}));
}
