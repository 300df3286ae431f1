//! Reading request bodies within their limits (spec/conventions.md, "Body limits").

mod checks;
mod form;
mod json;

pub use form::{FileFault, FileStream, Form};
pub use json::{Canonical, RequestBody, parse_json, parse_value, present, read_json};

/// Largest JSON body, in bytes.
pub const JSON_LIMIT: usize = 1024 * 1024;
/// Deepest nesting of a JSON body.
pub const JSON_DEPTH: usize = 32;
/// Largest multipart body, in bytes.
pub const MULTIPART_LIMIT: usize = 12 * 1024 * 1024;
/// Largest file in a multipart body, in bytes.
pub const FILE_LIMIT: usize = 10 * 1024 * 1024;
