//! Machine-readable zones of ICAO 9303 travel documents: reading, writing, and mending OCR output.
//! Pure arithmetic on text: no images, no clock, no I/O, and nothing in `Debug` names a person.
//!
//! [`parse`] reads lines that are exactly as printed. [`encode`] writes them. [`repair`] turns
//! lines that an OCR engine may have misread into a zone, and says which characters it changed.

mod check_digit;
mod date;
mod encode;
mod format;
mod name;
mod parse;
pub mod repair;
mod state;
mod transliteration;
mod zone;

pub use check_digit::{CheckDigit, CheckField, character_value, check_digit};
pub use date::MrzDate;
pub use encode::{EncodeError, MrzField, MrzFields, encode};
pub use format::MrzFormat;
pub use parse::{ParseError, parse};
pub use state::{alpha2, is_known_state};
pub use transliteration::transliterate;
pub use zone::{Anomaly, Mrz, Sex};
