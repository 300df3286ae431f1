//! What a check measured or compared, in a few facts. Values read from documents stay out of it:
//! they stand among the person's data, where the filter of the organization rules.

use serde_json::{Map, Value};
use verifa_report::model::Fact;

/// Most facts of a check that this file does not know.
const UNKNOWN: usize = 8;

/// Whether the organization shows a field of the extracted data.
type Shows<'a> = &'a dyn Fn(&str) -> bool;

/// The evidence of one check; `details` are typed per check (spec/checks.md).
pub(super) fn of(policy: &str, details: &Map<String, Value>, shows: Shows<'_>) -> Vec<Fact> {
    match policy {
        "document_ocr" => document_ocr(details),
        "document_expiration" if shows("document_expiration_date") => {
            facts(details, &[("days", "days_until_expiry")])
        }
        "document_expiration" => Vec::new(),
        "age_verification" => age(details, shows),
        "id_document_filter" => facts(
            details,
            &[("country", "country"), ("document_type", "document_type")],
        ),
        "identity_crossref" => crossref(details),
        "auto_approve" => decision(details),
        _ => measured(details),
    }
}

/// A value as a word; nothing for what is no single value.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(fraction) if number.as_i64().is_none() => format!("{fraction:.3}"),
            _ => number.to_string(),
        }),
        _ => None,
    }
}

/// The named values, under the names that the report uses.
fn facts(details: &Map<String, Value>, names: &[(&str, &str)]) -> Vec<Fact> {
    names
        .iter()
        .filter_map(|(name, shown)| Some(Fact::new(*shown, word(details.get(*name)?)?)))
        .collect()
}

fn document_ocr(details: &Map<String, Value>) -> Vec<Fact> {
    let mut found = Vec::new();
    if let Some(Value::Object(class)) = details.get("classification") {
        found.extend(facts(
            class,
            &[("format", "zone"), ("issuing_state", "issued_by")],
        ));
    }
    if let Some(Value::Object(zone)) = details.get("mrz") {
        found.extend(check_digits(zone));
        let repairs = zone.get("repairs").and_then(Value::as_array);
        if let Some(repairs) = repairs.filter(|repairs| !repairs.is_empty()) {
            found.push(Fact::new("mended_characters", repairs.len().to_string()));
        }
    }
    found.extend(confidence(details));
    found
}

/// `check digits: 5 of 5 right`.
fn check_digits(zone: &Map<String, Value>) -> Option<Fact> {
    let digits = zone.get("check_digits")?.as_array()?;
    let right = digits
        .iter()
        .filter(|digit| digit.get("valid") == Some(&Value::Bool(true)))
        .count();
    let text = format!("{right} of {} right", digits.len());
    Some(Fact::new("check_digits", text))
}

/// The least sure field.
fn confidence(details: &Map<String, Value>) -> Option<Fact> {
    let fields = details.get("fields")?.as_object()?;
    let least = fields
        .values()
        .filter_map(|field| field.get("confidence")?.as_f64())
        .min_by(f64::total_cmp)?;
    Some(Fact::new("least_confidence", format!("{least:.3}")))
}

fn age(details: &Map<String, Value>, shows: Shows<'_>) -> Vec<Fact> {
    let mut found = Vec::new();
    if shows("date_of_birth") {
        found.extend(facts(details, &[("age", "age")]));
    }
    found.extend(facts(
        details,
        &[
            ("minimum_age", "minimum_age"),
            ("maximum_age", "maximum_age"),
            ("birth_date_source", "source"),
        ],
    ));
    found
}

fn crossref(details: &Map<String, Value>) -> Vec<Fact> {
    let fields = details.get("fields").and_then(Value::as_array);
    fields
        .into_iter()
        .flatten()
        .filter_map(|compared| {
            let field = compared.get("field")?.as_str()?;
            let matched = compared.get("matched")?.as_bool()?;
            let score = compared.get("score")?.as_f64()?;
            let verdict = if matched { "agrees" } else { "differs" };
            Some(Fact::new(field, format!("{verdict} ({score:.2})")))
        })
        .collect()
}

fn decision(details: &Map<String, Value>) -> Vec<Fact> {
    let mut found = facts(details, &[("considered", "checks_considered")]);
    let grounds = details.get("decided_by").and_then(Value::as_array);
    let policies: Vec<&str> = grounds
        .into_iter()
        .flatten()
        .filter_map(|ground| ground.get("policy")?.as_str())
        .collect();
    if !policies.is_empty() {
        found.push(Fact::new("decided_by", policies.join(", ")));
    }
    found
}

/// Of a check that this file does not know: numbers and yes-or-no, which name nobody.
fn measured(details: &Map<String, Value>) -> Vec<Fact> {
    details
        .iter()
        .filter(|(_, value)| value.is_number() || value.is_boolean())
        .filter_map(|(name, value)| Some(Fact::new(name, word(value)?)))
        .take(UNKNOWN)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(policy: &str, details: &Value, shows: Shows<'_>) -> Vec<String> {
        let facts = of(policy, details.as_object().unwrap(), shows);
        let text = |fact: &Fact| format!("{}={}", fact.name, fact.value);
        facts.iter().map(text).collect()
    }

    #[test]
    fn values_from_the_document_stay_out() {
        let details = json!({
            "classification": {"document_type": "passport", "format": "TD3", "issuing_state": "UTO"},
            "fields": {"last_name": {"value": "ERIKSSON", "confidence": 0.991},
                       "first_name": {"value": "ANNA", "confidence": 0.97}},
            "mrz": {"lines": ["P<UTOERIKSSON"], "repairs": [],
                    "check_digits": [{"valid": true}, {"valid": false}]}
        });
        let all = shown("document_ocr", &details, &|_| true);
        let wanted = [
            "zone=TD3",
            "issued_by=UTO",
            "check_digits=1 of 2 right",
            "least_confidence=0.970",
        ];
        assert_eq!(all, wanted);
    }

    #[test]
    fn the_filter_of_the_organization_rules_here_too() {
        let age = json!({"age": 29, "minimum_age": 18, "birth_date_source": "mrz"});
        let open = shown("age_verification", &age, &|_| true);
        assert_eq!(open, ["age=29", "minimum_age=18", "source=mrz"]);
        let closed = shown("age_verification", &age, &|field| field != "date_of_birth");
        assert_eq!(closed, ["minimum_age=18", "source=mrz"]);
        let expiry = json!({"expiry": "2030-01-01", "days": 1200});
        assert!(shown("document_expiration", &expiry, &|_| false).is_empty());
    }

    #[test]
    fn an_unknown_check_tells_numbers_only() {
        let details = json!({"similarity": 0.8731, "faces": 1, "live": true, "name": "Doe"});
        let all = shown("face_match", &details, &|_| true);
        assert_eq!(all, ["similarity=0.873", "faces=1", "live=yes"]);
    }
}
