//! Requests in any casing, bare or in a JSON:API envelope, brought to snake-case names.

use serde_json::{Map, Value};

use super::to_snake;
use crate::error::FieldError;

/// Which parts of a body carry keys that the caller chose.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Fields whose value stays exactly as sent.
    pub free: &'static [&'static str],
    /// Fields whose value is a map with the caller's keys over objects with the API's names.
    pub keyed: &'static [&'static str],
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            free: &["metadata", "custom_fields"],
            keyed: &[],
        }
    }
}

/// Takes the attributes out of `{"data": {"attributes": {…}}}`; any other value stays.
pub fn unwrap_envelope(value: Value) -> Value {
    let Value::Object(mut map) = value else {
        return value;
    };
    if let Some(Value::Object(data)) = map.get_mut("data")
        && matches!(data.get("attributes"), Some(Value::Object(_)))
        && let Some(attributes) = data.remove("attributes")
    {
        return attributes;
    }
    Value::Object(map)
}

/// Renames the API's own keys to snake case.
///
/// # Errors
/// When one name is given twice in different casings.
pub fn normalise(value: Value, shape: Shape) -> Result<Value, FieldError> {
    walk(value, shape, &mut Vec::new(), false)
}

fn walk(
    value: Value,
    shape: Shape,
    path: &mut Vec<String>,
    keep_keys: bool,
) -> Result<Value, FieldError> {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| walk(item, shape, path, false))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array),
        Value::Object(map) => walk_object(map, shape, path, keep_keys).map(Value::Object),
        other => Ok(other),
    }
}

fn walk_object(
    map: Map<String, Value>,
    shape: Shape,
    path: &mut Vec<String>,
    keep_keys: bool,
) -> Result<Map<String, Value>, FieldError> {
    let mut renamed = Map::with_capacity(map.len());
    for (key, value) in map {
        let name = if keep_keys {
            key
        } else {
            to_snake(&key).into_owned()
        };
        path.push(name);
        let name = path.last().cloned().unwrap_or_default();
        let value = if !keep_keys && shape.free.contains(&name.as_str()) {
            value
        } else {
            let keyed = !keep_keys && shape.keyed.contains(&name.as_str());
            walk(value, shape, path, keyed)?
        };
        if renamed.insert(name, value).is_some() {
            return Err(FieldError::new(
                path.join("."),
                "duplicate",
                "The field is given twice.",
            ));
        }
        path.pop();
    }
    Ok(renamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn any_casing_and_the_envelope() {
        let shape = Shape {
            free: &["metadata"],
            keyed: &["nodes"],
        };
        let body = json!({"data": {"type": "session", "attributes": {
            "externalRef": "x", "redirect-url": null,
            "metadata": {"camelKey": {"deep-key": 1}},
            "graph": {"nodes": {"myNode": {"nextNode": [{"onFail": 1}]}}},
        }}});
        assert_eq!(
            normalise(unwrap_envelope(body), shape).unwrap(),
            json!({"external_ref": "x", "redirect_url": null,
                "metadata": {"camelKey": {"deep-key": 1}},
                "graph": {"nodes": {"myNode": {"next_node": [{"on_fail": 1}]}}}})
        );
    }

    #[test]
    fn a_field_in_two_casings_is_refused() {
        let body = json!({"fields": {"firstName": 1, "first_name": 2}});
        let error = normalise(body, Shape::default()).unwrap_err();
        assert_eq!(error.field, "fields.first_name");
    }

    #[test]
    fn data_without_attributes_is_no_envelope() {
        let body = json!({"data": [1]});
        assert_eq!(unwrap_envelope(body.clone()), body);
    }
}
