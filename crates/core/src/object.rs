//! Reads a JSON object field by field, in any of the three casings, collecting offences.
//!
//! Nested keys come as `on_fail`, `onFail` or `on-fail` (spec/conventions.md, "Key inflection"), so
//! every level is matched by its `snake_case` form; what nobody asked for is reported at the end.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::fault::{Fault, FaultCode};
use crate::vocabulary::UnknownWord;

/// Unknown keys that one object reports at most.
const UNKNOWN_LIMIT: usize = 20;

/// A key in `snake_case`: `onFail` and `on-fail` become `on_fail`.
pub fn snake_case(key: &str) -> Cow<'_, str> {
    if !key
        .bytes()
        .any(|byte| byte == b'-' || byte.is_ascii_uppercase())
    {
        return Cow::Borrowed(key);
    }
    let mut snake = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        match letter {
            '-' => snake.push('_'),
            'A'..='Z' => {
                if !snake.is_empty() && !snake.ends_with('_') {
                    snake.push('_');
                }
                snake.push(letter.to_ascii_lowercase());
            }
            other => snake.push(other),
        }
    }
    Cow::Owned(snake)
}

/// An object that is being read.
pub(crate) struct Object<'a> {
    path: String,
    entries: Vec<(Cow<'a, str>, &'a str, &'a Value)>,
    known: Vec<&'static str>,
}

impl<'a> Object<'a> {
    /// Opens `value`; anything but an object is an offence at `path`.
    pub(crate) fn open(path: &str, value: &'a Value, faults: &mut Vec<Fault>) -> Option<Self> {
        let Value::Object(map) = value else {
            faults.push(wrong_type(path, "an object"));
            return None;
        };
        Some(Self::of(path, map))
    }

    /// Reads a map that is known to be one.
    pub(crate) fn of(path: &str, map: &'a Map<String, Value>) -> Self {
        let entries = map
            .iter()
            .map(|(key, value)| (snake_case(key), key.as_str(), value));
        Self {
            path: path.to_owned(),
            entries: entries.collect(),
            known: Vec::new(),
        }
    }

    /// The path of a field of this object.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// A field as it came, `null` included.
    pub(crate) fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        let found = self.entries.iter().find(|(snake, _, _)| snake == name);
        found.map(|(_, _, value)| *value)
    }

    /// A field; `null` counts as absent.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.raw(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there and not `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries
            .iter()
            .any(|(snake, _, value)| snake == name && !value.is_null())
    }

    /// A text field.
    pub(crate) fn text(&mut self, name: &'static str, faults: &mut Vec<Fault>) -> Option<&'a str> {
        let value = self.get(name)?;
        let text = value.as_str();
        if text.is_none() {
            faults.push(wrong_type(self.at(name), "a string"));
        }
        text
    }

    /// A text field that must be there.
    pub(crate) fn required_text(
        &mut self,
        name: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Option<&'a str> {
        if !self.has(name) {
            faults.push(required(self.at(name)));
        }
        self.text(name, faults)
    }

    /// A true-or-false field.
    pub(crate) fn flag(&mut self, name: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
        let value = self.get(name)?;
        let flag = value.as_bool();
        if flag.is_none() {
            faults.push(wrong_type(self.at(name), "true or false"));
        }
        flag
    }

    /// A whole number within a range.
    pub(crate) fn integer(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<u32>,
        faults: &mut Vec<Fault>,
    ) -> Option<u32> {
        let Value::Number(number) = self.get(name)? else {
            faults.push(wrong_type(self.at(name), "a whole number"));
            return None;
        };
        let value = number.as_u64().and_then(|value| u32::try_from(value).ok());
        let value = value.filter(|value| range.contains(value));
        if value.is_none() {
            let (low, high) = (range.start(), range.end());
            faults.push(Fault::new(
                self.at(name),
                FaultCode::OutOfRange,
                format_args!("Must be a whole number from {low} to {high}."),
            ));
        }
        value
    }

    /// A field that is one of a closed list of words.
    pub(crate) fn word<T: std::str::FromStr<Err = UnknownWord>>(
        &mut self,
        name: &'static str,
        known: &[&str],
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let text = self.text(name, faults)?;
        let word = text.parse().ok();
        if word.is_none() {
            faults.push(unknown_value(self.at(name), known));
        }
        word
    }

    /// A list field.
    pub(crate) fn list(
        &mut self,
        name: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Option<&'a [Value]> {
        if let Value::Array(items) = self.get(name)? {
            Some(items)
        } else {
            faults.push(wrong_type(self.at(name), "a list"));
            None
        }
    }

    /// An object field as a map of free keys.
    pub(crate) fn map(
        &mut self,
        name: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Option<&'a Map<String, Value>> {
        if let Value::Object(map) = self.get(name)? {
            Some(map)
        } else {
            faults.push(wrong_type(self.at(name), "an object"));
            None
        }
    }

    /// Reports keys that were asked for twice in two casings, and keys nobody asked for.
    pub(crate) fn refuse_unknown(self, faults: &mut Vec<Fault>) {
        let mut unknown = 0;
        for (position, (snake, key, _)) in self.entries.iter().enumerate() {
            if !self.known.iter().any(|name| name == snake) {
                unknown += 1;
                if unknown > UNKNOWN_LIMIT {
                    break;
                }
                let message = "This field is not known here.";
                faults.push(Fault::new(self.at(key), FaultCode::UnknownField, message));
            } else if self
                .entries
                .iter()
                .take(position)
                .any(|(earlier, _, _)| earlier == snake)
            {
                let message = "The same field twice, in two spellings.";
                faults.push(Fault::new(self.at(key), FaultCode::Duplicate, message));
            }
        }
    }
}

/// The offence of a missing field.
pub(crate) fn required(path: impl std::fmt::Display) -> Fault {
    Fault::new(path, FaultCode::Required, "This field is required.")
}

/// The offence of a wrong JSON type.
pub(crate) fn wrong_type(path: impl std::fmt::Display, wanted: &str) -> Fault {
    Fault::new(
        path,
        FaultCode::WrongType,
        format_args!("Must be {wanted}."),
    )
}

/// The offence of a word outside a closed list.
pub(crate) fn unknown_value(path: impl std::fmt::Display, known: &[&str]) -> Fault {
    Fault::new(
        path,
        FaultCode::UnknownValue,
        format_args!("Must be one of: {}.", known.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_casing_is_read_and_the_rest_reported() {
        let value = json!({"onFail": "review", "on-error": 3, "on_fail": "x", "on_fial": 1});
        let mut faults = Vec::new();
        let mut object = Object::open("steps[0]", &value, &mut faults).unwrap();
        assert_eq!(object.text("on_fail", &mut faults), Some("review"));
        assert_eq!(object.text("on_error", &mut faults), None);
        object.refuse_unknown(&mut faults);
        let found: Vec<_> = faults.iter().map(|f| (f.field.as_str(), f.code)).collect();
        assert_eq!(
            found,
            [
                ("steps[0].on_error", FaultCode::WrongType),
                ("steps[0].on_fail", FaultCode::Duplicate),
                ("steps[0].on_fial", FaultCode::UnknownField),
            ]
        );
    }
}
