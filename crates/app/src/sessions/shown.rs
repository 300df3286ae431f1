//! What of a check's details the organization lets the API show (`api_pii_fields`).

use serde_json::Value;
use verifa_core::organization::{OrganizationSettings, ZONE};

/// Details that repeat an extracted field under another name, or give it away.
const DERIVED: &[(&str, &str)] = &[
    ("age", "date_of_birth"),
    ("expiry", "document_expiration_date"),
    ("days", "document_expiration_date"),
];

/// Takes out what the filter does not name. Without a filter everything is shown: it stands in the
/// details of the check that read it, for those who may read verifications.
pub(super) fn shown_details(mut details: Value, settings: &OrganizationSettings) -> Value {
    if settings.api_pii_fields.is_none() {
        return details;
    }
    let Value::Object(map) = &mut details else {
        return details;
    };
    map.retain(|name, _| {
        let derived = DERIVED.iter().find(|(derived, _)| derived == name);
        match derived {
            Some((_, field)) => settings.shows(field),
            None => name != ZONE || settings.shows(ZONE),
        }
    });
    if let Some(Value::Object(fields)) = map.get_mut("fields") {
        fields.retain(|field, _| settings.shows(field));
    }
    details
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_filter_names_what_is_shown() {
        let details = json!({
            "fields": {"first_name": {"value": "ANNA"}, "document_number": {"value": "L01"}},
            "mrz": {"lines": ["P<UTO"]},
            "age": 44,
            "images": [],
        });
        let mut settings = OrganizationSettings::default();
        assert_eq!(shown_details(details.clone(), &settings), details);
        settings.api_pii_fields = Some(vec!["first_name".to_owned()]);
        assert_eq!(
            shown_details(details.clone(), &settings),
            json!({"fields": {"first_name": {"value": "ANNA"}}, "images": []})
        );
        settings.api_pii_fields = Some(vec!["mrz".to_owned(), "date_of_birth".to_owned()]);
        assert_eq!(
            shown_details(details, &settings),
            json!({"fields": {}, "mrz": {"lines": ["P<UTO"]}, "age": 44, "images": []})
        );
    }
}
