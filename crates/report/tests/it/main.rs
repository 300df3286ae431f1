//! Reports as a reader of PDF files sees them. Poppler's tools read them where they are installed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a failing helper is a failing test"
)]

#[path = "../../samples/mod.rs"]
mod samples;

mod file;
mod limits;
mod poppler;
mod text;
