//! What of a body is about the process and not about a person.

use serde_json::{Map, Value};

use super::catalogue::payload;
use super::shape::{Field, Kind};
use crate::session::WebhookEvent;

/// A body as it stays after a redaction: described fields only, those about a person empty.
/// `external_ref` is the operator's own key, which the session's record keeps too.
pub fn impersonal(event: WebhookEvent, body: Map<String, Value>) -> Map<String, Value> {
    within(&payload(event).fields, body)
}

fn within(fields: &[Field], mut body: Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    for field in fields {
        let Some(value) = body.remove(field.name) else {
            continue;
        };
        let value = if field.personal {
            emptied(&value)
        } else {
            cleaned(field.kind, value)
        };
        kept.insert(field.name.to_owned(), value);
    }
    kept
}

/// Nothing, in the shape of what was there.
fn emptied(value: &Value) -> Value {
    match value {
        Value::Object(_) => Value::Object(Map::new()),
        Value::Array(_) => Value::Array(Vec::new()),
        _ => Value::Null,
    }
}

fn cleaned(kind: Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Object(fields), Value::Object(object)) => Value::Object(within(fields, object)),
        (Kind::List(of), Value::Array(items)) => {
            Value::Array(items.into_iter().map(|item| cleaned(*of, item)).collect())
        }
        // An object where none is described may hold anything.
        (_, value @ (Value::Object(_) | Value::Array(_))) => emptied(&value),
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(event: WebhookEvent, body: Value) -> Value {
        let Value::Object(body) = body else {
            panic!("no object")
        };
        Value::Object(impersonal(event, body))
    }

    #[test]
    fn what_is_about_the_person_goes() {
        let body = json!({
            "event": "session.approved", "session_id": "ses_1", "external_ref": "customer-1",
            "status": "approved", "surprise": "Jane", "identity_id": null,
            "result": {"face_match_passed": true, "age_check_passed": null, "surprise": "Jane",
                "extracted_data": {"first_name": "Jane"}},
        });
        assert_eq!(
            kept(WebhookEvent::SessionApproved, body),
            json!({
                "event": "session.approved", "session_id": "ses_1", "external_ref": "customer-1",
                "status": "approved", "identity_id": null,
                "result": {"face_match_passed": true, "age_check_passed": null,
                    "extracted_data": {}},
            })
        );
    }

    #[test]
    fn a_surprising_shape_is_emptied() {
        let body = json!({"session_id": {"name": "Jane"}, "result": ["Jane"], "status": ["Jane"]});
        assert_eq!(
            kept(WebhookEvent::SessionApproved, body),
            json!({"session_id": {}, "status": [], "result": []})
        );
    }

    #[test]
    fn lists_keep_what_is_impersonal() {
        let body = json!({"reasons": [{"node": "a", "code": "x", "name": "Jane"}]});
        assert_eq!(
            kept(WebhookEvent::SessionFailed, body),
            json!({"reasons": [{"node": "a", "code": "x"}]})
        );
    }
}
