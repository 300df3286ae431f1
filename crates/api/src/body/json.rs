//! JSON bodies: read with a limit, checked, brought to snake case, given their type.

use axum::body::Body;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use verifa_core::session::Metadata;

use super::{JSON_DEPTH, JSON_LIMIT, checks};
use crate::error::{ApiError, FieldError};
use crate::inflection::{Shape, normalise, to_snake, unwrap_envelope};

/// A type that a JSON body becomes.
pub trait RequestBody: DeserializeOwned {
    /// Where the body has keys of the caller's choosing.
    const SHAPE: Shape = Shape {
        free: &["metadata", "custom_fields"],
        keyed: &[],
    };

    /// Renames accepted aliases; the value is an object with snake-case names.
    ///
    /// # Errors
    /// When an alias and its field are both given.
    fn aliases(body: Map<String, Value>) -> Result<Map<String, Value>, FieldError> {
        Ok(body)
    }

    /// Takes `metadata` over with its text as it was sent: on its way through the parser numbers
    /// were spelled anew.
    fn keep_as_sent(&mut self, _metadata: Metadata) {}
}

/// The parameters of a call in one spelling: compact JSON, keys sorted, names in snake case.
/// Two bodies that mean the same have the same canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical(pub Vec<u8>);

/// Reads the whole body of a request within [`JSON_LIMIT`].
///
/// # Errors
/// 415 for a content type that isn't JSON, 413 over the limit, 400 when the sender breaks off.
pub async fn read_json(headers: &HeaderMap, body: Body) -> Result<bytes::Bytes, ApiError> {
    check_content_type(headers)?;
    match Limited::new(body, JSON_LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ApiError::too_large("The JSON body is larger than 1 MiB."))
        }
        Err(_) => Err(ApiError::bad_request("The request body could not be read.")),
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = value
        .to_str()
        .unwrap_or("")
        .split(';')
        .next()
        .unwrap_or("")
        .trim();
    let essence = essence.to_ascii_lowercase();
    if essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
    {
        return Ok(());
    }
    Err(ApiError::unsupported_media_type(
        "The body must be application/json.",
    ))
}

/// Gives a JSON text its type, and its canonical form for idempotency.
///
/// An empty body counts as `{}`. Unknown fields are ignored unless the type refuses them.
///
/// # Errors
/// 400 for malformed JSON; 422 for wrong shapes, with the field named.
pub fn parse_json<T: RequestBody>(text: &[u8]) -> Result<(T, Canonical), ApiError> {
    let single = |error| ApiError::invalid(vec![error]);
    let value = match normalise(checked(text)?, T::SHAPE).map_err(single)? {
        Value::Object(map) => Value::Object(T::aliases(map).map_err(single)?),
        other => other,
    };
    let canonical = Canonical(canonical_bytes(&value)?);
    let mut typed: T =
        serde_path_to_error::deserialize(value).map_err(|error| shape_error(&error))?;
    if let Some(metadata) = sent_metadata(text) {
        typed.keep_as_sent(metadata);
    }
    Ok((typed, canonical))
}

/// Reads a field that may be absent and not null: name it in `deserialize_with`, beside `default`.
///
/// # Errors
/// For null and every other wrong type.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A JSON text with its names as sent, for types that read values themselves.
///
/// # Errors
/// 400 for malformed JSON; 422 for what no body may hold.
pub fn parse_value(text: &[u8]) -> Result<(Value, Canonical), ApiError> {
    let value = checked(text)?;
    let canonical = Canonical(canonical_bytes(&value)?);
    Ok((value, canonical))
}

/// The value of a text that keeps the rules for all bodies, out of its envelope.
fn checked(text: &[u8]) -> Result<Value, ApiError> {
    let text = if text.trim_ascii().is_empty() {
        b"{}"
    } else {
        text
    };
    if checks::too_deep(text, JSON_DEPTH) {
        return Err(ApiError::invalid_field(
            "",
            "too_deep",
            "The JSON body is nested deeper than 32 levels.",
        ));
    }
    if checks::has_library_key(text) {
        return Err(ApiError::invalid_field(
            "",
            "invalid",
            "Keys that begin with $serde_json::private:: are not allowed.",
        ));
    }
    let value: Value = serde_json::from_slice(text)
        .map_err(|_| ApiError::bad_request("The request body is not well-formed JSON."))?;
    let offences = checks::offences(&value);
    if offences.is_empty() {
        Ok(unwrap_envelope(value))
    } else {
        Err(ApiError::invalid(offences))
    }
}

/// The `metadata` of a well-formed body, bare or in its envelope, as its text was sent.
fn sent_metadata(text: &[u8]) -> Option<Metadata> {
    let fields = |text: &RawValue| -> Option<IndexMap<String, Box<RawValue>>> {
        serde_json::from_str(text.get()).ok()
    };
    let body: &RawValue = serde_json::from_slice(text).ok()?;
    let mut body = fields(body)?;
    let attributes = body.get("data").and_then(|data| {
        fields(data)?
            .get("attributes")
            .and_then(|inner| fields(inner))
    });
    if let Some(attributes) = attributes {
        body = attributes;
    }
    let (_, sent) = body.iter().find(|(key, _)| to_snake(key) == "metadata")?;
    Metadata::from_text(sent.get())
}

fn canonical_bytes(value: &Value) -> Result<Vec<u8>, ApiError> {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    serde_json::to_vec(&sorted).map_err(|error| ApiError::from_fault(&error))
}

/// A 422 from what serde says, without the value it says it of.
fn shape_error(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = error.path().to_string();
    let path = if path == "." { String::new() } else { path };
    let text = error.inner().to_string();
    let field = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    if let Some(name) = quoted_after(&text, "missing field ") {
        return ApiError::invalid_field(field(name), "required", "The field is required.");
    }
    if let Some(name) = quoted_after(&text, "unknown field ") {
        // The path already ends with the unknown field.
        let place = if path.is_empty() {
            name.to_owned()
        } else {
            path
        };
        return ApiError::invalid_field(place, "unknown_field", "There is no such field.");
    }
    let expected = text
        .rsplit_once(", expected ")
        .map(|(_, expected)| expected);
    match (text.starts_with("unknown variant"), expected) {
        (true, Some(expected)) => {
            ApiError::invalid_field(path, "unknown_value", format!("Expected {expected}."))
        }
        (false, Some(expected)) => {
            ApiError::invalid_field(path, "wrong_type", format!("Expected {expected}."))
        }
        // Messages of our own types are constants of the code, never the value.
        (_, None) => ApiError::invalid_field(path, "invalid", sentence(&text)),
    }
}

fn quoted_after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix)?
        .strip_prefix('`')?
        .split('`')
        .next()
}

/// First letter upper case, full stop at the end.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    out.push_str(chars.as_str());
    if !out.ends_with('.') {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::error::Code;

    #[derive(Debug, Deserialize)]
    struct Address {
        line1: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Decision {
        Continue,
        Fail,
    }

    #[derive(Debug, Deserialize)]
    struct Sample {
        external_ref: Option<String>,
        decision: Decision,
        metadata: Option<Map<String, Value>>,
        addresses: Option<Vec<Address>>,
    }
    impl RequestBody for Sample {}

    fn refused(text: &str) -> ApiError {
        parse_json::<Sample>(text.as_bytes()).unwrap_err()
    }

    fn offence(text: &str) -> (String, String, String) {
        let error = refused(text);
        assert_eq!(error.code(), Code::ValidationError);
        let first = &error.errors()[0];
        (
            first.field.clone(),
            first.code.to_string(),
            first.message.to_string(),
        )
    }

    #[test]
    fn wrong_shapes_name_the_field_and_not_the_value() {
        assert_eq!(offence("{}").0, "decision");
        assert_eq!(offence("").1, "required");
        assert_eq!(
            offence(r#"{"decision":"secret@example.org"}"#),
            (
                "decision".to_owned(),
                "unknown_value".to_owned(),
                "Expected `continue` or `fail`.".to_owned()
            )
        );
        let wrong = offence(r#"{"decision":"fail","addresses":[{"line1":"a"},{"line1":17}]}"#);
        assert_eq!(
            wrong,
            (
                "addresses[1].line1".to_owned(),
                "wrong_type".to_owned(),
                "Expected a string.".to_owned()
            )
        );
        let missing = offence(r#"{"decision":"fail","addresses":[{}]}"#);
        assert_eq!(
            (missing.0.as_str(), missing.1.as_str()),
            ("addresses[0].line1", "required")
        );
        assert_eq!(offence("[1]").1, "wrong_type");
    }

    #[test]
    fn malformed_is_400_and_deep_is_422() {
        for text in ["{", "{'a':1}", "\u{1}", "{\"a\":1}x", "{\"a\":\u{0}1}"] {
            assert_eq!(refused(text).code(), Code::BadRequest, "{text:?}");
        }
        assert_eq!(
            parse_json::<Sample>(b"{\"a\":\"\xff\"}")
                .unwrap_err()
                .code(),
            Code::BadRequest
        );
        let deep = format!("{{\"metadata\":{}1{}}}", "[".repeat(40), "]".repeat(40));
        assert_eq!(offence(&deep).1, "too_deep");
    }

    #[test]
    fn equal_meaning_has_one_canonical_form() {
        let parse = |text: &str| parse_json::<Sample>(text.as_bytes()).unwrap();
        let (value, one) =
            parse(r#"{"decision":"fail","externalRef":"a","metadata":{"b":1,"a":{"d":1,"c":2}}}"#);
        assert_eq!(value.external_ref.as_deref(), Some("a"));
        assert!(matches!(value.decision, Decision::Fail));
        assert_eq!(value.metadata.unwrap().len(), 2);
        let (_, two) = parse(
            r#"{"data":{"attributes":{ "metadata":{"a":{"c":2,"d":1},"b":1},
                "external-ref":"a","decision":"fail"}}}"#,
        );
        assert_eq!(one, two);
        let (_, other) = parse(
            r#"{"decision":"fail","externalRef":"a","metadata":{"b":1.0,"a":{"d":1,"c":2}}}"#,
        );
        assert_ne!(one, other);
    }

    #[test]
    fn values_of_addresses_are_read() {
        let (value, _) =
            parse_json::<Sample>(br#"{"decision":"continue","addresses":[{"line1":"a"}]}"#)
                .unwrap();
        assert_eq!(value.addresses.unwrap()[0].line1, "a");
    }
}
