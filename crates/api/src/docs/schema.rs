//! Reads schemas of the document: types as words, rows of fields, examples.

use serde_json::{Map, Value, json};

/// Deepest nesting that is shown; schemas may refer to themselves.
const DEPTH: usize = 6;

/// The document with its references.
#[derive(Clone, Copy)]
pub(super) struct Document<'a>(pub(super) &'a Value);

/// One field of an object, flattened for a table.
pub(super) struct FieldRow {
    /// Path such as `pagination.total`.
    pub(super) name: String,
    /// Its type in words.
    pub(super) kind: String,
    /// Whether it must be there.
    pub(super) required: bool,
    /// What it means.
    pub(super) description: String,
}

impl<'a> Document<'a> {
    /// The value that a `$ref` leads to, or the value itself.
    pub(super) fn resolve(self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..8 {
            let target = value.get("$ref").and_then(Value::as_str);
            let found = target.and_then(|t| self.0.pointer(t.strip_prefix('#')?));
            match found {
                Some(found) => value = found,
                None => break,
            }
        }
        value
    }

    /// A schema's type in words, such as `string (date-time) or null`.
    pub(super) fn kind(self, schema: &'a Value) -> String {
        let schema = self.resolve(schema);
        if let Some(options) = alternatives(schema) {
            let mut words: Vec<_> = options.iter().map(|option| self.kind(option)).collect();
            words.dedup();
            return words.join(" or ");
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let word = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
            return values.iter().map(word).collect::<Vec<_>>().join(" · ");
        }
        let names: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => vec!["any"],
        };
        let words = names.iter().map(|name| match (*name, schema.get("items")) {
            ("array", Some(items)) => format!("list of {}", self.kind(items)),
            ("object", _) if schema.get("properties").is_none() => "map".to_owned(),
            ("string", _) => match schema.get("format").and_then(Value::as_str) {
                Some(format) => format!("string ({format})"),
                None => "string".to_owned(),
            },
            (name, _) => name.to_owned(),
        });
        words.collect::<Vec<_>>().join(" or ")
    }

    /// The fields of a schema, nested objects in place.
    pub(super) fn fields(self, schema: &'a Value) -> Vec<FieldRow> {
        let mut rows = Vec::new();
        self.walk(schema, "", 0, &mut rows);
        rows
    }

    fn walk(self, schema: &'a Value, prefix: &str, depth: usize, rows: &mut Vec<FieldRow>) {
        let schema = self.resolve(schema);
        if depth >= DEPTH {
            return;
        }
        for part in alternatives(schema).into_iter().flatten() {
            self.walk(part, prefix, depth + 1, rows);
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, field) in properties {
                let path = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                if rows.iter().any(|row| row.name == path) {
                    continue;
                }
                rows.push(FieldRow {
                    kind: self.kind(field),
                    required: required.contains(&name.as_str()),
                    description: self.description(field),
                    name: path.clone(),
                });
                self.walk(field, &path, depth + 1, rows);
            }
        }
        if let Some(items) = schema.get("items") {
            self.walk(items, &format!("{prefix}[]"), depth + 1, rows);
        }
    }

    fn description(self, schema: &'a Value) -> String {
        let own = schema
            .get("description")
            .or_else(|| self.resolve(schema).get("description"));
        own.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A value that fits the schema.
    pub(super) fn example(self, schema: &'a Value) -> Value {
        self.example_at(schema, 0)
    }

    fn example_at(self, schema: &'a Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        let given = schema
            .get("example")
            .or_else(|| schema.get("examples").and_then(|all| all.get(0)))
            .or_else(|| schema.get("default"))
            .or_else(|| schema.get("enum").and_then(|all| all.get(0)));
        if let Some(given) = given {
            return given.clone();
        }
        if depth >= DEPTH {
            return Value::Null;
        }
        if let Some(options) = alternatives(schema) {
            let first = options
                .iter()
                .find(|option| option.get("type") != Some(&json!("null")));
            return first.map_or(Value::Null, |option| self.example_at(option, depth + 1));
        }
        let names = schema.get("type");
        let is = |name: &str| match names {
            Some(Value::String(own)) => own == name,
            Some(Value::Array(all)) => all.iter().any(|own| own == name),
            _ => false,
        };
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let fields = properties
                .iter()
                .map(|(name, field)| (name.clone(), self.example_at(field, depth + 1)));
            return Value::Object(fields.collect());
        }
        if schema.get("format") == Some(&json!("date-time")) {
            return json!("2026-02-01T12:00:00.000Z");
        }
        if is("null") {
            return Value::Null;
        }
        match () {
            () if is("array") => {
                let item = schema
                    .get("items")
                    .map(|items| self.example_at(items, depth + 1));
                Value::Array(item.into_iter().collect())
            }
            () if is("object") => Value::Object(Map::new()),
            () if is("boolean") => json!(true),
            () if is("integer") => json!(1),
            () if is("number") => json!(0.5),
            () => json!("string"),
        }
    }
}

fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|key| schema.get(*key)?.as_array())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_nulls_and_cycles() {
        let root = json!({"components": {"schemas": {
            "Node": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string", "example": "a", "description": "Its name."},
                "at": {"type": ["string", "null"], "format": "date-time"},
                "child": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Node"}]},
                "tags": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}}
            }}
        }}});
        let document = Document(&root);
        let node = json!({"$ref": "#/components/schemas/Node"});
        let rows = document.fields(&node);
        let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
        assert!(row("name").required && !row("at").required);
        assert_eq!(row("name").description, "Its name.");
        assert_eq!(row("at").kind, "string (date-time) or null");
        assert_eq!(row("tags").kind, "list of x · y");
        assert!(rows.iter().any(|row| row.name == "child.name"));
        assert_eq!(document.example(&node)["child"]["name"], json!("a"));
        assert_eq!(
            document.example(&node)["at"],
            json!("2026-02-01T12:00:00.000Z")
        );
    }
}
