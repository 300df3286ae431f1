//! From an event's frozen body to the bytes that one endpoint gets.

use serde_json::{Map, Value, json};

use crate::inflection::Inflection;

/// Most bytes of a body. A larger one is sent without its data, and says so.
pub const MAXIMUM_BODY: usize = 256 * 1024;
/// The name of the event that an endpoint's owner sends to try it out.
pub const TEST_EVENT: &str = "webhook.test";

/// What every receiver needs to know what happened to what: never left out.
const ENVELOPE: &[&str] = &["event", "idempotency_key", "created_at"];
/// What stays of a body that is too large, besides [`ENVELOPE`].
const KEPT: &[&str] = &["session_id", "external_ref", "status", "is_sandbox"];
/// Longest text that is kept of a body that is too large.
const KEPT_TEXT: usize = 1_024;

/// How an endpoint wants its bodies.
#[derive(Debug, Clone, Copy)]
pub struct BodyShape<'a> {
    /// Dotted paths that are left out, in snake case; one within lists applies to each item.
    pub blocked: &'a [String],
    /// How field names are written.
    pub inflection: Inflection,
}

impl BodyShape<'_> {
    /// The bytes to send: the body without blocked attributes, in the wanted casing. A body over
    /// [`MAXIMUM_BODY`] loses its `extracted_data`, or else all but the fields that name the event
    /// and its session, and gets `payload_truncated: true`: the receiver fetches the rest by the
    /// API.
    pub fn render(&self, body: &Map<String, Value>) -> Vec<u8> {
        let mut body = body.clone();
        for path in self.blocked {
            block(&mut body, path);
        }
        let bytes = self.write(body.clone());
        if bytes.len() <= MAXIMUM_BODY {
            return bytes;
        }
        body.insert("payload_truncated".to_owned(), json!(true));
        if let Some(Value::Object(result)) = body.get_mut("result") {
            result.insert("extracted_data".to_owned(), json!({}));
        }
        let bytes = self.write(body.clone());
        if bytes.len() <= MAXIMUM_BODY {
            return bytes;
        }
        body.retain(|key, value| {
            let short = value.as_str().is_none_or(|text| text.len() <= KEPT_TEXT);
            key == "payload_truncated"
                || ENVELOPE.contains(&key.as_str())
                || (KEPT.contains(&key.as_str()) && short)
        });
        self.write(body)
    }

    fn write(&self, body: Map<String, Value>) -> Vec<u8> {
        let body = self.inflection.apply_to_keys(Value::Object(body));
        body.to_string().into_bytes()
    }
}

fn block(body: &mut Map<String, Value>, path: &str) {
    match path.split_once('.') {
        None if ENVELOPE.contains(&path) => {}
        None => {
            body.shift_remove(path);
        }
        Some((first, rest)) => {
            if let Some(value) = body.get_mut(first) {
                block_within(value, rest);
            }
        }
    }
}

fn block_within(value: &mut Value, path: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| block_within(item, path)),
        Value::Object(map) => match path.split_once('.') {
            None => {
                map.shift_remove(path);
            }
            Some((first, rest)) => {
                if let Some(value) = map.get_mut(first) {
                    block_within(value, rest);
                }
            }
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => panic!("no object"),
        }
    }

    fn rendered(shape: BodyShape<'_>, body: Value) -> Value {
        serde_json::from_slice(&shape.render(&object(body))).unwrap()
    }

    #[test]
    fn blocked_attributes_are_left_out_and_the_envelope_is_not() {
        let blocked = [
            "event",
            "result.extracted_data.ssn",
            "checks.reasons",
            "external_ref",
            "no.such",
        ]
        .map(str::to_owned);
        let shape = BodyShape {
            blocked: &blocked,
            inflection: Inflection::Camel,
        };
        let body = json!({"event": "e", "idempotency_key": "idk_1", "created_at": "t",
            "external_ref": "x", "is_sandbox": true, "checks": [{"reasons": 1, "name": "a"}],
            "result": {"extracted_data": {"ssn": "1", "first_name": "A"}}});
        assert_eq!(
            rendered(shape, body),
            json!({"event": "e", "idempotencyKey": "idk_1", "createdAt": "t", "isSandbox": true,
                "checks": [{"name": "a"}], "result": {"extractedData": {"firstName": "A"}}})
        );
    }

    #[test]
    fn a_body_is_written_in_the_order_it_was_frozen() {
        let shape = BodyShape {
            blocked: &["b".to_owned()],
            inflection: Inflection::Snake,
        };
        let bytes = shape.render(&object(json!({"event": 1, "b": 2, "z": 3, "a": 4})));
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#"{"event":1,"z":3,"a":4}"#
        );
    }

    #[test]
    fn no_body_is_larger_than_the_bound() {
        let shape = BodyShape {
            blocked: &[],
            inflection: Inflection::Snake,
        };
        let long = "x".repeat(MAXIMUM_BODY);
        let body = json!({"event": "e", "session_id": "ses_1",
            "result": {"age_check_passed": true, "extracted_data": {"note": long}}});
        assert_eq!(
            rendered(shape, body),
            json!({"event": "e", "session_id": "ses_1", "payload_truncated": true,
                "result": {"age_check_passed": true, "extracted_data": {}}})
        );
        let body = json!({"event": "e", "external_ref": long, "status": "failed", "other": long});
        assert_eq!(
            rendered(shape, body),
            json!({"event": "e", "status": "failed", "payload_truncated": true})
        );
    }
}
