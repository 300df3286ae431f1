//! The casing of field names in bodies: snake, camel or kebab (spec/conventions.md,
//! "Key inflection").
//!
//! Only names that the API defines change; keys that a caller chose never do. Answers get this
//! from their types ([`to_bytes`]), requests from the shape each body declares ([`Shape`]).

mod request;
mod serialize;

use std::borrow::Cow;
use std::str::FromStr;

pub use request::{Shape, normalise, unwrap_envelope};
pub use serialize::{Fields, to_bytes};

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
}

/// Reads a name in any of the three casings as snake case.
pub fn to_snake(name: &str) -> Cow<'_, str> {
    if !name.bytes().any(|b| b == b'-' || b.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c == '-' {
            out.push('_');
        } else if c.is_ascii_uppercase() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
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
