//! Reads the schemas of an OpenAPI 3.1 document, as far as ours goes. Anything else is an error,
//! never a guess.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

const PREFIX: &str = "#/components/schemas/";

/// What a value is.
#[derive(Clone, PartialEq)]
pub(super) enum Shape {
    Text,
    Time,
    Integer,
    Number,
    Truth,
    Bytes,
    /// Any value.
    Free,
    /// An object of any fields.
    FreeMap,
    Map(Box<Shape>),
    List(Box<Shape>),
    Named(String),
    Nullable(Box<Shape>),
}

impl Shape {
    /// Its Rust type.
    pub(super) fn rust(&self) -> String {
        match self {
            Self::Text => "String".to_owned(),
            Self::Time => "Timestamp".to_owned(),
            Self::Integer => "i64".to_owned(),
            Self::Number => "f64".to_owned(),
            Self::Truth => "bool".to_owned(),
            Self::Bytes => "Vec<u8>".to_owned(),
            Self::Free => "Value".to_owned(),
            Self::FreeMap => "Map<String, Value>".to_owned(),
            Self::Map(of) => format!("BTreeMap<String, {}>", of.rust()),
            Self::List(of) => format!("Vec<{}>", of.rust()),
            Self::Named(name) => name.clone(),
            Self::Nullable(of) => format!("Option<{}>", of.rust()),
        }
    }

    /// The same, or nothing.
    pub(super) fn nullable(self) -> Self {
        match self {
            Self::Nullable(_) => self,
            other => Self::Nullable(Box::new(other)),
        }
    }
}

/// One field of an object.
pub(super) struct Field {
    /// Its name on the wire.
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) required: bool,
    pub(super) description: String,
}

/// A named type.
pub(super) enum Kind {
    Object(Vec<Field>),
    /// One of several named types, told apart by their fields.
    OneOf(Vec<String>),
    /// Another name for a shape.
    Alias(Shape),
}

pub(super) struct Named {
    pub(super) description: String,
    pub(super) kind: Kind,
}

/// Every named type of the document, and those that had no name and got one.
pub(super) struct Types {
    pub(super) named: BTreeMap<String, Named>,
}

impl Types {
    pub(super) fn new(document: &Value) -> Result<Self> {
        let mut types = Self {
            named: BTreeMap::new(),
        };
        let schemas = document.pointer("/components/schemas");
        let schemas = schemas
            .and_then(Value::as_object)
            .context("the document has no schemas")?;
        for (name, schema) in schemas {
            types
                .define(name, schema)
                .with_context(|| format!("schema {name}"))?;
        }
        Ok(types)
    }

    /// Adds a type of this name.
    fn define(&mut self, name: &str, schema: &Value) -> Result<()> {
        let description = text(schema, "description");
        let kind = if let Some(options) = schema.get("oneOf").and_then(Value::as_array) {
            let names = options.iter().map(reference);
            Kind::OneOf(
                names
                    .collect::<Option<Vec<_>>>()
                    .context("a choice between types without names")?,
            )
        } else if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            Kind::Object(self.fields(name, schema, properties)?)
        } else {
            Kind::Alias(self.shape(schema, name)?)
        };
        self.named
            .insert(name.to_owned(), Named { description, kind });
        Ok(())
    }

    /// The fields of an object schema; `name` is the object's.
    pub(super) fn fields(
        &mut self,
        name: &str,
        schema: &Value,
        properties: &Map<String, Value>,
    ) -> Result<Vec<Field>> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        properties
            .iter()
            .map(|(field, schema)| {
                let inner = format!("{name}{}", camel(field));
                Ok(Field {
                    name: field.clone(),
                    shape: self
                        .shape(schema, &inner)
                        .with_context(|| format!("field {field}"))?,
                    required: required.contains(&field.as_str()),
                    description: text(schema, "description"),
                })
            })
            .collect()
    }

    /// What a schema describes; an object without a name gets `name`.
    pub(super) fn shape(&mut self, schema: &Value, name: &str) -> Result<Shape> {
        if let Some(named) = reference(schema) {
            return Ok(Shape::Named(named));
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(options) = schema.get(choice).and_then(Value::as_array) {
                return self.choice(options, name);
            }
        }
        if let Some([one]) = schema
            .get("allOf")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
        {
            return self.shape(one, name);
        }
        let Some(kind) = schema.get("type") else {
            return Ok(Shape::Free);
        };
        match kind {
            Value::String(kind) => self.single(kind, schema, name),
            Value::Array(kinds) => {
                let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
                let others: Vec<&str> = kinds
                    .iter()
                    .copied()
                    .filter(|kind| *kind != "null")
                    .collect();
                match others.as_slice() {
                    [one] if kinds.len() == 2 => Ok(self.single(one, schema, name)?.nullable()),
                    // More than one kind: whoever reads it looks what it is.
                    _ => Ok(Shape::Free),
                }
            }
            _ => bail!("a type that is neither a word nor a list"),
        }
    }

    fn choice(&mut self, options: &[Value], name: &str) -> Result<Shape> {
        let is_null = |option: &&Value| option.get("type") == Some(&Value::from("null"));
        let others: Vec<&Value> = options.iter().filter(|option| !is_null(option)).collect();
        match others.as_slice() {
            [one] if others.len() < options.len() => Ok(self.shape(one, name)?.nullable()),
            [one] => self.shape(one, name),
            _ => Ok(Shape::Free),
        }
    }

    fn single(&mut self, kind: &str, schema: &Value, name: &str) -> Result<Shape> {
        let format = schema.get("format").and_then(Value::as_str);
        Ok(match kind {
            "string" => match format {
                Some("date-time") => Shape::Time,
                Some("binary") => Shape::Bytes,
                _ => Shape::Text,
            },
            "integer" => Shape::Integer,
            "number" => Shape::Number,
            "boolean" => Shape::Truth,
            "array" => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                Shape::List(Box::new(self.shape(items, &format!("{name}Item"))?))
            }
            "object" => self.object(schema, name)?,
            other => bail!("an unknown type {other}"),
        })
    }

    fn object(&mut self, schema: &Value, name: &str) -> Result<Shape> {
        if schema.get("properties").is_some() {
            self.define(name, schema)?;
            return Ok(Shape::Named(name.to_owned()));
        }
        match schema.get("additionalProperties") {
            None | Some(Value::Bool(_)) => Ok(Shape::FreeMap),
            Some(of) => match self.shape(of, &format!("{name}Value"))? {
                Shape::Free => Ok(Shape::FreeMap),
                shape => Ok(Shape::Map(Box::new(shape))),
            },
        }
    }
}

/// The name that a schema refers to.
pub(super) fn reference(schema: &Value) -> Option<String> {
    let place = schema.get("$ref")?.as_str()?;
    place.strip_prefix(PREFIX).map(str::to_owned)
}

/// A text of an object, empty where there is none.
pub(super) fn text(object: &Value, name: &str) -> String {
    let text = object.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// `external_ref` as `ExternalRef`.
pub(super) fn camel(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// `page[after]` as `page_after`; a word of the language gets an underscore.
pub(super) fn snake(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = words.join("_");
    match name.as_str() {
        "type" | "match" | "ref" | "self" | "move" | "use" | "in" | "where" | "loop" | "for"
        | "if" | "as" | "mod" | "enum" | "struct" | "fn" => format!("{name}_"),
        _ => name,
    }
}
