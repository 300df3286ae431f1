//! Rust types for the document's.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::calls::{Body, Operation, is_object};
use super::schema::{Field, Kind, Shape, Types, snake};

/// Documentation lines.
pub(super) fn docs(indent: &str, text: &str) -> String {
    text.trim().lines().fold(String::new(), |mut docs, line| {
        let _ = writeln!(docs, "{indent}/// {}", line.trim_end());
        docs
    })
}

/// How a type is used.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    /// Sent by the client: absent fields stay absent.
    Sent,
    /// Sent with PATCH: null is something else than absent.
    Patched,
    /// Received.
    Received,
}

/// The names of the types that are sent, and of those that are sent with PATCH.
pub(super) struct Sent {
    sent: BTreeSet<String>,
    patched: BTreeSet<String>,
}

impl Sent {
    pub(super) fn of(types: &Types, operations: &[Operation]) -> Self {
        let mut found = Self {
            sent: BTreeSet::new(),
            patched: BTreeSet::new(),
        };
        for operation in operations {
            let Body::Json(shape) = &operation.body else {
                continue;
            };
            let mut names = BTreeSet::new();
            collect(types, shape, &mut names);
            if let (Shape::Named(name), "PATCH") = (shape, operation.method.as_str()) {
                found.patched.insert(name.clone());
            }
            found.sent.extend(names);
        }
        found
    }

    fn use_of(&self, name: &str) -> Use {
        if self.patched.contains(name) {
            Use::Patched
        } else if self.sent.contains(name) {
            Use::Sent
        } else {
            Use::Received
        }
    }
}

/// Every name that a shape leads to.
pub(super) fn collect(types: &Types, shape: &Shape, names: &mut BTreeSet<String>) {
    match shape {
        Shape::Named(name) => {
            if !names.insert(name.clone()) {
                return;
            }
            match types.named.get(name).map(|named| &named.kind) {
                Some(Kind::Object(fields)) => {
                    for field in fields {
                        collect(types, &field.shape, names);
                    }
                }
                Some(Kind::OneOf(options)) => {
                    for option in options {
                        collect(types, &Shape::Named(option.clone()), names);
                    }
                }
                Some(Kind::Alias(shape)) => collect(types, shape, names),
                None => {}
            }
        }
        Shape::Map(of) | Shape::List(of) | Shape::Nullable(of) => collect(types, of, names),
        _ => {}
    }
}

/// The item's type of a page: an object of `data` and `pagination`.
pub(super) fn item_of(types: &Types, page: &str) -> Option<String> {
    let Kind::Object(fields) = &types.named.get(page)?.kind else {
        return None;
    };
    fields.iter().find(|field| field.name == "pagination")?;
    let data = fields.iter().find(|field| field.name == "data")?;
    match &data.shape {
        Shape::List(item) => Some(item.rust()),
        _ => None,
    }
}

/// The definition of a named type.
pub(super) fn definition(types: &Types, sent: &Sent, name: &str) -> String {
    let Some(named) = types.named.get(name) else {
        return String::new();
    };
    let mut text = docs("", or(&named.description, "Of the API."));
    match &named.kind {
        Kind::Object(fields) => {
            let used = sent.use_of(name);
            let all_optional = fields.iter().all(|field| !field.required);
            let default = if used != Use::Received && all_optional {
                ", Default"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "#[derive(Clone, PartialEq, Serialize, Deserialize{default})]\n\
                 pub struct {name} {{"
            );
            for field in fields {
                text.push_str(&member(field, used));
            }
            text.push_str("}\n\n");
        }
        Kind::OneOf(options) => {
            text.push_str(&choice(types, name, options));
        }
        Kind::Alias(shape) => {
            let _ = writeln!(text, "pub type {name} = {};\n", shape.rust());
        }
    }
    text
}

/// One of several types. Read by trying each in turn: serde's own way can't, with numbers of any
/// length.
fn choice(types: &Types, name: &str, options: &[String]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "#[derive(Clone, PartialEq, Serialize)]\n#[serde(untagged)]\npub enum {name} {{"
    );
    let mut tries = String::new();
    for option in options {
        let short = option.strip_suffix(name).unwrap_or(option);
        let about = types.named.get(option).map(|named| &named.description);
        text.push_str(&docs(
            "    ",
            or(about.map_or("", String::as_str), "Of the API."),
        ));
        let _ = writeln!(text, "    {short}({option}),");
        let _ = writeln!(
            tries,
            "        if let Ok(found) = serde_json::from_value(value.clone()) {{\n            \
             return Ok(Self::{short}(found));\n        }}"
        );
    }
    let _ = writeln!(
        text,
        "}}\n\nimpl<'de> Deserialize<'de> for {name} {{\n    \
         fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {{\n        \
         let value = Value::deserialize(deserializer)?;\n{tries}        \
         Err(serde::de::Error::custom(\"fits none of the types\"))\n    }}\n}}\n"
    );
    text
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.trim().is_empty() { other } else { text }
}

fn member(field: &Field, used: Use) -> String {
    let mut text = docs("    ", or(&field.description, "Of the API."));
    let rust_name = snake(&field.name);
    let mut attributes = Vec::new();
    if rust_name != field.name {
        attributes.push(format!("rename = \"{}\"", field.name));
    }
    let nullable = matches!(field.shape, Shape::Nullable(_));
    let rust = if field.required {
        field.shape.rust()
    } else {
        attributes.push("default".to_owned());
        attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
        if used == Use::Patched && nullable {
            attributes.push("deserialize_with = \"crate::wire::named\"".to_owned());
            format!("Option<{}>", field.shape.rust())
        } else {
            field.shape.clone().nullable().rust()
        }
    };
    if !attributes.is_empty() {
        let _ = writeln!(text, "    #[serde({})]", attributes.join(", "));
    }
    let _ = writeln!(text, "    pub {rust_name}: {rust},");
    text
}

/// The type of an operation's query.
pub(super) fn query(operation: &Operation) -> String {
    if operation.in_query.is_empty() {
        return String::new();
    }
    let mut text = docs(
        "",
        &format!("What [`crate::Client::{}`] is asked for.", operation.id),
    );
    let default = if operation.in_query.iter().any(|field| field.required) {
        ""
    } else {
        ", Default"
    };
    let _ = writeln!(
        text,
        "#[derive(Clone, PartialEq, Serialize{default})]\npub struct {} {{",
        operation.query_type()
    );
    for field in &operation.in_query {
        text.push_str(&member(field, Use::Sent));
    }
    text.push_str("}\n\n");
    text
}

/// The type of an operation's form, and how its fields are sent.
pub(super) fn form(operation: &Operation) -> String {
    let Body::Form(fields) = &operation.body else {
        return String::new();
    };
    let name = operation.form_type();
    let mut text = docs(
        "",
        &format!("What [`crate::Client::{}`] sends.", operation.id),
    );
    let _ = writeln!(text, "#[derive(Clone)]\npub struct {name} {{");
    let mut sending = String::new();
    for field in fields {
        text.push_str(&docs("    ", or(&field.description, "Of the API.")));
        let rust_name = snake(&field.name);
        let rust = if field.required {
            field.shape.rust()
        } else {
            field.shape.clone().nullable().rust()
        };
        let _ = writeln!(text, "    pub {rust_name}: {rust},");
        let content = match &field.shape {
            Shape::Bytes => "File",
            _ => "Text",
        };
        let _ = if field.required {
            writeln!(
                sending,
                "        fields.push((\"{}\", Part::{content}(self.{rust_name})));",
                field.name
            )
        } else {
            writeln!(
                sending,
                "        fields.extend(self.{rust_name}.map(|value| (\"{}\", Part::{content}(value))));",
                field.name
            )
        };
    }
    let _ = writeln!(
        text,
        "}}\n\nimpl {name} {{\n    pub(crate) fn fields(self) -> Vec<(&'static str, Part)> {{\n        \
         let mut fields = Vec::new();\n{sending}        fields\n    }}\n}}\n"
    );
    text
}

/// How a page is walked.
pub(super) fn page(types: &Types, page: &str, item: &str) -> String {
    if !is_object(types, page) {
        return String::new();
    }
    format!(
        "impl Page for {page} {{\n    type Item = {item};\n\n    \
         fn parts(self) -> (Vec<{item}>, Option<String>) {{\n        \
         let next = match self.pagination {{ Pagination::Cursor(page) => page.next_cursor, \
         Pagination::Offset(_) => None }};\n        (self.data, next)\n    }}\n}}\n\n"
    )
}
