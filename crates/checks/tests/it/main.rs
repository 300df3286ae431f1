//! The checks as the engine sees them: through the registry, from input to outcome.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "helpers of tests may panic, and say loudly what they leave out"
)]

mod configs;
mod crossref;
mod dates;
mod decision;
mod filter;
mod ocr;
mod support;
