//! What the operator already knows about the person, and the other platforms' names for it
//! (spec/sessions.md, "Create").
//!
//! All of it is personal data: `Debug` shows which fields are there, never a value.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::input::check_text;
use crate::fault::{Fault, FaultCode};
use crate::object::{Object, snake_case};

/// Most characters of one applicant field.
pub const MAXIMUM_FIELD: usize = 255;

macro_rules! personal_fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)+ } $(nested $nested:ident: $type:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<String>,)+
            $(/// Where the person lives.
            #[serde(skip_serializing_if = "Option::is_none")] pub $nested: Option<$type>,)?
        }

        impl $name {
            /// The names of the text fields, in order.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field),)+];

            /// A text field by its name.
            pub fn field(&self, name: &str) -> Option<&str> {
                match name { $(stringify!($field) => self.$field.as_deref(),)+ _ => None }
            }

            fn read_fields(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Self {
                Self {
                    $($field: read_field(object, stringify!($field), faults),)+
                    $($nested: None,)?
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut shown = f.debug_set();
                $(if self.$field.is_some() { shown.entry(&format_args!(stringify!($field))); })+
                $(if let Some(nested) = &self.$nested { shown.entry(nested); })?
                shown.finish()
            }
        }
    };
}

personal_fields! {
    /// A postal address in parts.
    Address {
        /// Street and number.
        line1,
        /// Second line.
        line2,
        /// Town.
        city,
        /// State, province or region.
        state,
        /// Postal code.
        zip,
        /// Country.
        country,
    }
}

personal_fields! {
    /// Known data of the applicant; each field may be absent.
    ApplicantFields {
        /// Given name.
        first_name,
        /// Middle names.
        middle_name,
        /// Family name.
        last_name,
        /// Birth date, `YYYY-MM-DD`.
        date_of_birth,
        /// E-mail address.
        email,
        /// Telephone number.
        phone,
        /// Social security number.
        ssn,
        /// Nationality.
        nationality,
        /// Gender.
        gender,
        /// Number of the identity document.
        document_number,
    } nested address: Address
}

impl ApplicantFields {
    /// Reads the `fields` of a request; unknown keys are ignored, wrong types and bad dates are
    /// offences under `path`. The values of an offence are never repeated.
    pub fn parse(path: &str, value: &Value) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fields = Self::default();
        if let Some(mut object) = Object::open(path, value, &mut faults) {
            fields = Self::read_fields(&mut object, &mut faults);
            if let Some(value) = object.get("address") {
                let address = object.at("address");
                fields.address = Object::open(&address, value, &mut faults)
                    .map(|mut object| Address::read_fields(&mut object, &mut faults));
            }
        }
        if let Some(text) = &fields.date_of_birth
            && !is_date(text)
        {
            faults.push(Fault::new(
                format_args!("{path}.date_of_birth"),
                FaultCode::Invalid,
                "Must be a date as YYYY-MM-DD.",
            ));
        }
        if fields.email.as_deref().is_some_and(|text| !is_email(text)) {
            faults.push(Fault::new(
                format_args!("{path}.email"),
                FaultCode::Invalid,
                "Must be an e-mail address.",
            ));
        }
        if faults.is_empty() {
            Ok(fields)
        } else {
            Err(faults)
        }
    }

    /// Whether a required field is there: a name of [`Self::FIELDS`], `address`, or a part of it
    /// such as `address.city`.
    pub fn has(&self, name: &str) -> bool {
        match (name.split_once('.'), &self.address) {
            (Some(("address", part)), Some(address)) => address.field(part).is_some(),
            (None, address) if name == "address" => address.is_some(),
            _ => self.field(name).is_some(),
        }
    }

    /// These fields with those of `newer` over them, part by part.
    #[must_use]
    pub fn overlaid(&self, newer: &Self) -> Self {
        let merged = |lower: &Value, upper: Value| -> Value {
            let mut map = lower.as_object().cloned().unwrap_or_default();
            for (key, value) in upper.as_object().cloned().unwrap_or_default() {
                let kept = map.get(&key).cloned();
                let value = match (kept, value) {
                    (Some(Value::Object(mut kept)), Value::Object(parts)) => {
                        kept.extend(parts);
                        Value::Object(kept)
                    }
                    (_, value) => value,
                };
                map.insert(key, value);
            }
            Value::Object(map)
        };
        let (Ok(lower), Ok(upper)) = (serde_json::to_value(self), serde_json::to_value(newer))
        else {
            return newer.clone();
        };
        serde_json::from_value(merged(&lower, upper)).unwrap_or_else(|_| newer.clone())
    }
}

fn read_field(
    object: &mut Object<'_>,
    name: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<String> {
    let text = object.text(name, faults)?;
    // An empty field of a form is a field left out.
    if text.is_empty() {
        return None;
    }
    match check_text(&object.at(name), text, MAXIMUM_FIELD) {
        Ok(()) => Some(text.to_owned()),
        Err(fault) => {
            faults.push(fault);
            None
        }
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// Whether a text has the shape of an e-mail address: one `@` with something on both sides, a dot
/// or a bare host behind it, at most 254 bytes (RFC 5321 §4.5.3.1.3), no blanks or controls.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let clean = |part: &str| !part.chars().any(|c| c.is_whitespace() || c.is_control());
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && !local.contains('@')
        && !domain.is_empty()
        && domain.split('.').all(|label| !label.is_empty())
        && clean(local)
        && clean(domain)
}

/// Other platforms' names of create's fields, and where each belongs.
pub const ALIASES: &[(&str, &[&str])] = &[
    ("reference-id", &["external_ref"]),
    ("inquiry-template-id", &["workflow_id"]),
    ("template-id", &["workflow_id"]),
    ("redirect-uri", &["redirect_url"]),
    ("country-code", &["country"]),
    ("name-first", &["fields", "first_name"]),
    ("name-middle", &["fields", "middle_name"]),
    ("name-last", &["fields", "last_name"]),
    ("birthdate", &["fields", "date_of_birth"]),
    ("email-address", &["fields", "email"]),
    ("phone-number", &["fields", "phone"]),
    ("social-security-number", &["fields", "ssn"]),
    ("address-street-1", &["fields", "address", "line1"]),
    ("address-street-2", &["fields", "address", "line2"]),
    ("address-city", &["fields", "address", "city"]),
    ("address-subdivision", &["fields", "address", "state"]),
    ("address-postal-code", &["fields", "address", "zip"]),
    ("address-country-code", &["fields", "address", "country"]),
    ("identification-number", &["fields", "document_number"]),
];

/// The place that an alias stands for, in any of the three casings; `None` for other keys.
pub fn alias_target(key: &str) -> Option<&'static [&'static str]> {
    // Digits make their own word in `address-street-1` and in camelCase `addressStreet1` do not.
    let plain = |text: &str| -> String { snake_case(text).replace('_', "") };
    let wanted = plain(key);
    ALIASES
        .iter()
        .find(|(alias, _)| plain(alias) == wanted)
        .map(|(_, target)| *target)
}

/// Moves aliased keys of a create body, and of the `fields` in it, to where they belong. A key
/// given under its own name wins over its alias, unless it is null.
pub fn apply_aliases(body: &mut Map<String, Value>) {
    move_aliases(body, Some);
    if let Some(Value::Object(fields)) = body.get_mut("fields") {
        move_aliases(fields, |target| target.strip_prefix(&["fields"]));
    }
}

fn move_aliases(
    map: &mut Map<String, Value>,
    place: impl Fn(&'static [&'static str]) -> Option<&'static [&'static str]>,
) {
    let found: Vec<(String, &'static [&'static str])> = map
        .keys()
        .filter_map(|key| Some((key.clone(), alias_target(key).and_then(&place)?)))
        .collect();
    for (key, target) in found {
        if let Some(value) = map.shift_remove(&key) {
            insert_at(map, target, value);
        }
    }
}

fn insert_at(map: &mut Map<String, Value>, target: &[&str], value: Value) {
    match target {
        [] => {}
        [last] => {
            let place = map.entry(*last).or_insert(Value::Null);
            if place.is_null() {
                *place = value;
            }
        }
        [first, rest @ ..] => {
            let inner = map.entry(*first).or_insert(Value::Null);
            if inner.is_null() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                insert_at(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn debug_names_fields_and_hides_values() {
        let fields = ApplicantFields::parse(
            "fields",
            &json!({"firstName": "Jane", "address": {"city": "Springfield"}, "shoe_size": 7}),
        )
        .unwrap();
        let shown = format!("{fields:?}");
        assert!(
            shown.contains("first_name") && shown.contains("city"),
            "{shown}"
        );
        assert!(
            !shown.contains("Jane") && !shown.contains("Springfield"),
            "{shown}"
        );
        assert!(fields.has("first_name") && fields.has("address.city") && fields.has("address"));
        assert!(!fields.has("last_name") && !fields.has("address.zip") && !fields.has("x.y"));
    }

    #[test]
    fn offences_name_the_field() {
        let faults = ApplicantFields::parse(
            "fields",
            &json!({"first_name": 1, "date_of_birth": "2020-02-30", "email": "a@", "address": {"city": []}}),
        )
        .unwrap_err();
        let mut fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "fields.address.city",
                "fields.date_of_birth",
                "fields.email",
                "fields.first_name"
            ]
        );
        assert!(ApplicantFields::parse("fields", &json!([])).is_err());
    }

    #[test]
    fn aliases_in_every_casing_reach_their_place() {
        let mut body = json!({
            "referenceId": "r", "address_street_1": "A 1", "addressStreet2": "B",
            "name-first": "alias", "fields": {"first_name": "own", "nameLast": "L", "reference-id": "x"},
        });
        let map = body.as_object_mut().unwrap();
        apply_aliases(map);
        assert_eq!(
            body,
            json!({
                "external_ref": "r",
                "fields": {
                    "first_name": "own",
                    "reference-id": "x",
                    "address": {"line1": "A 1", "line2": "B"},
                    "last_name": "L",
                },
            })
        );
    }

    #[test]
    fn null_counts_as_absent_beside_an_alias() {
        for (mut body, wanted) in [
            (
                json!({"external_ref": null, "reference-id": "r"}),
                json!({"external_ref": "r"}),
            ),
            (
                json!({"external_ref": "own", "reference-id": null}),
                json!({"external_ref": "own"}),
            ),
            (
                json!({"template-id": null, "inquiry-template-id": "w"}),
                json!({"workflow_id": "w"}),
            ),
            (
                json!({"fields": null, "name-first": "A", "address-city": "B"}),
                json!({"fields": {"first_name": "A", "address": {"city": "B"}}}),
            ),
            (
                json!({"address-city": "B", "fields": {"address": null, "nameLast": "L",
                    "last_name": null}}),
                json!({"fields": {"address": {"city": "B"}, "last_name": "L"}}),
            ),
            // What is there and wrong stays, to be refused.
            (
                json!({"fields": [], "name-first": "A"}),
                json!({"fields": []}),
            ),
        ] {
            apply_aliases(body.as_object_mut().unwrap());
            assert_eq!(body, wanted);
        }
    }

    #[test]
    fn newer_fields_lie_over_older_ones() {
        let older = ApplicantFields::parse(
            "f",
            &json!({"email": "a@b.c", "address": {"city": "X", "zip": "1"}}),
        );
        let newer = ApplicantFields::parse("f", &json!({"address": {"city": "Y"}}));
        let merged = older.unwrap().overlaid(&newer.unwrap());
        assert_eq!(
            serde_json::to_value(merged).unwrap(),
            json!({"email": "a@b.c", "address": {"city": "Y", "zip": "1"}})
        );
    }
}
