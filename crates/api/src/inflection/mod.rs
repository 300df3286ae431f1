//! The casing of field names in bodies (spec/conventions.md, "Key inflection"); the casings
//! themselves are those of `verifa_core::inflection`.
//!
//! Only names that the API defines change; keys that a caller chose never do. Answers get this
//! from their types ([`to_bytes`]), requests from the shape each body declares ([`Shape`]).

mod request;
mod serialize;

pub use request::{Shape, normalise, unwrap_envelope};
pub use serialize::{Fields, to_bytes};
pub use verifa_core::inflection::{Inflection, UnknownInflection, to_snake};
