//! The casing of field names in bodies: snake, camel or kebab (spec/conventions.md,
//! "Key inflection").

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::Value;

pub use crate::object::snake_case as to_snake;

/// Names under which callers keep their own keys, wherever they stand.
const FREE: &[&str] = &["metadata", "custom_fields", "graph_layout"];

/// How field names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inflection {
    /// `external_ref`
    #[default]
    Snake,
    /// `externalRef`
    Camel,
    /// `external-ref`
    Kebab,
}

/// A casing that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Key-Inflection must be snake, camel or kebab")]
pub struct UnknownInflection;

impl FromStr for Inflection {
    type Err = UnknownInflection;

    fn from_str(text: &str) -> Result<Self, UnknownInflection> {
        match text {
            "snake" => Ok(Self::Snake),
            "camel" => Ok(Self::Camel),
            "kebab" => Ok(Self::Kebab),
            _ => Err(UnknownInflection),
        }
    }
}

impl Inflection {
    /// Writes a snake-case name in this casing.
    pub fn apply(self, name: &str) -> Cow<'_, str> {
        if self == Self::Snake || !name.contains('_') {
            return Cow::Borrowed(name);
        }
        match self {
            Self::Snake => Cow::Borrowed(name),
            Self::Kebab => Cow::Owned(name.replace('_', "-")),
            Self::Camel => {
                let mut out = String::with_capacity(name.len());
                let mut upper = false;
                for c in name.chars() {
                    if c == '_' && !out.is_empty() {
                        upper = true;
                    } else if upper {
                        out.push(c.to_ascii_uppercase());
                        upper = false;
                    } else {
                        out.push(c);
                    }
                }
                Cow::Owned(out)
            }
        }
    }

    /// Writes every object key of a value in this casing, but those of free maps: `metadata`,
    /// `custom_fields` and `graph_layout` hold the caller's own keys.
    #[must_use]
    pub fn apply_to_keys(self, value: Value) -> Value {
        if self == Self::Snake {
            return value;
        }
        match value {
            Value::Array(items) => Value::Array(
                items
                    .into_iter()
                    .map(|item| self.apply_to_keys(item))
                    .collect(),
            ),
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .map(|(key, value)| {
                        let value = if FREE.contains(&key.as_str()) {
                            value
                        } else {
                            self.apply_to_keys(value)
                        };
                        (self.apply(&key).into_owned(), value)
                    })
                    .collect(),
            ),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_three_casings() {
        assert_eq!(Inflection::Camel.apply("external_ref"), "externalRef");
        assert_eq!(Inflection::Kebab.apply("external_ref"), "external-ref");
        assert_eq!(Inflection::Snake.apply("external_ref"), "external_ref");
        assert_eq!(to_snake("externalRef"), "external_ref");
        assert_eq!(to_snake("external-ref"), "external_ref");
        assert_eq!(to_snake("qrCodeDataUrl"), "qr_code_data_url");
        assert_eq!("shout".parse::<Inflection>(), Err(UnknownInflection));
    }

    #[test]
    fn free_maps_keep_their_keys() {
        let value = serde_json::json!({"a_b": [{"c_d": 1}], "metadata": {"e_f": {"g_h": 2}}});
        assert_eq!(
            Inflection::Camel.apply_to_keys(value),
            serde_json::json!({"aB": [{"cD": 1}], "metadata": {"e_f": {"g_h": 2}}})
        );
    }

    proptest! {
        #[test]
        fn every_casing_reads_back(name in "[a-z][a-z0-9]{0,6}(_[a-z][a-z0-9]{0,6}){0,4}") {
            for inflection in [Inflection::Snake, Inflection::Camel, Inflection::Kebab] {
                let written = inflection.apply(&name).into_owned();
                prop_assert_eq!(to_snake(&written), name.as_str());
            }
        }

        #[test]
        fn reading_never_panics(name in ".{0,40}") {
            let once = to_snake(&name).into_owned();
            prop_assert_eq!(to_snake(&once), once.as_str());
        }
    }
}
