//! What is wrong with an input: the field, a stable code and a sentence, as the `errors` of a 422
//! answer carry them (spec/conventions.md, "Errors").
//!
//! A message never repeats the offending value: it could be somebody's data.

use std::fmt::Display;

use serde::Serialize;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The kind of an offence: stable, for programs.
    FaultCode {
        /// A field that must be there is absent.
        Required = "required",
        /// A field that this place does not know.
        UnknownField = "unknown_field",
        /// A value of another JSON type than the field's.
        WrongType = "wrong_type",
        /// A value of the right type that breaks the field's own rule.
        Invalid = "invalid",
        /// A word that is none of the known ones.
        UnknownValue = "unknown_value",
        /// A number outside its range.
        OutOfRange = "out_of_range",
        /// A text or a value beyond its size.
        TooLong = "too_long",
        /// A text below its size.
        TooShort = "too_short",
        /// More items than allowed.
        TooMany = "too_many",
        /// A text with a NUL character.
        NulCharacter = "nul_character",
        /// The same thing twice where it may stand once.
        Duplicate = "duplicate",
        /// A name that refers to nothing.
        UnknownReference = "unknown_reference",
        /// A jump to an earlier step or to itself.
        NotForward = "not_forward",
        /// A cycle in a graph.
        Cycle = "cycle",
        /// A node that no path reaches.
        Unreachable = "unreachable",
        /// A value nested deeper than allowed.
        TooDeep = "too_deep",
    }
}

/// Field paths longer than this are cut: they may hold keys that a stranger chose.
const FIELD_LIMIT: usize = 256;

/// One offence of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The path of the offending field, such as `metadata.plan` or `steps[2].on_fail`.
    pub field: String,
    /// The kind of the offence.
    pub code: FaultCode,
    /// One sentence for a person; never the offending value.
    pub message: String,
}

impl Fault {
    /// An offence at `field`.
    pub fn new(field: impl Display, code: FaultCode, message: impl Display) -> Self {
        // Nor does an answer repeat what no text may hold.
        let mut field = field.to_string().replace('\0', "\u{fffd}");
        if let Some((cut, _)) = field.char_indices().nth(FIELD_LIMIT) {
            field.truncate(cut);
        }
        Self {
            field,
            code,
            message: message.to_string(),
        }
    }

    /// The same offence seen from outside: `field` becomes `prefix.field`, or `prefix` alone.
    #[must_use]
    pub fn under(self, prefix: &str) -> Self {
        let field = if self.field.is_empty() {
            prefix.to_owned()
        } else if self.field.starts_with('[') {
            format!("{prefix}{}", self.field)
        } else {
            format!("{prefix}.{}", self.field)
        };
        Self::new(field, self.code, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_and_are_bounded() {
        let fault = Fault::new("x", FaultCode::Invalid, "no");
        assert_eq!(fault.clone().under("steps[0]").field, "steps[0].x");
        assert_eq!(
            Fault {
                field: "[1]".into(),
                ..fault
            }
            .under("tags")
            .field,
            "tags[1]"
        );
        let long = Fault::new("é".repeat(1000), FaultCode::Invalid, "no");
        assert_eq!(long.field.chars().count(), FIELD_LIMIT);
    }
}
