//! How a body is described: fields with their kind, their example and what they mean.

use serde_json::{Map, Value, json};

use crate::session::WebhookEvent;

/// The kind of a field's value.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// An id with this prefix.
    Id(&'static str),
    /// A point in time, ISO 8601 in UTC.
    Time,
    /// `YYYY-MM-DD`.
    Date,
    /// True or false.
    Flag,
    /// A whole number from 0.
    Count,
    /// A number from 0 to 1.
    Share,
    /// One of a closed list of words.
    Word(fn() -> Vec<&'static str>),
    /// A list of values of one kind.
    List(&'static Self),
    /// An object with these fields.
    Object(&'static [Field]),
}

impl Kind {
    /// Its name in the reference.
    pub fn name(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Id(prefix) => format!("id `{prefix}…`"),
            Self::Time => "time".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Count => "whole number".to_owned(),
            Self::Share => "number, 0 to 1".to_owned(),
            Self::Word(words) => words()
                .iter()
                .map(|word| format!("`{word}`"))
                .collect::<Vec<_>>()
                .join(", "),
            Self::List(of) => format!("list of {}", of.name()),
            Self::Object(_) => "object".to_owned(),
        }
    }
}

/// One field of a body. Unless said otherwise it is always there and never null.
#[derive(Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it tells of a person; a redaction empties it.
    pub personal: bool,
    /// What it means.
    pub text: &'static str,
    /// A value as JSON text.
    pub example: &'static str,
}

impl Field {
    /// A field that is always there; `example` is JSON.
    pub(super) const fn new(
        name: &'static str,
        kind: Kind,
        example: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            optional: false,
            personal: false,
            text,
            example,
        }
    }

    /// The field, which may be null.
    pub(super) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The field, which may be left out.
    pub(super) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The field, which tells of a person.
    pub(super) const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// The field with another example.
    pub(super) const fn such_as(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    /// Its example as a value; null where the text is no JSON, which a test rules out.
    pub fn example(&self) -> Value {
        serde_json::from_str(self.example).unwrap_or_default()
    }
}

/// Whether this release sends an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// It is sent.
    ThisRelease,
    /// What sends it is not built yet; the description is what it will keep.
    ALaterRelease,
}

/// The description of an event's body.
pub struct Payload {
    /// The event.
    pub event: WebhookEvent,
    /// When it is sent, in a sentence.
    pub when: &'static str,
    /// Whether this release sends it.
    pub sender: Sender,
    /// All fields, in the order in which they are written.
    pub fields: Vec<Field>,
}

impl Payload {
    /// A body as it may be sent.
    pub fn example(&self) -> Map<String, Value> {
        self.fields
            .iter()
            .map(|field| {
                let value = if field.name == "event" {
                    json!(self.event)
                } else {
                    field.example()
                };
                (field.name.to_owned(), value)
            })
            .collect()
    }
}
