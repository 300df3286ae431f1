//! The checks as the engine sees them: through the registry, from input to outcome.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "helpers of tests may panic, and take and give what reads best where they are called"
)]

mod configs;
mod crossref;
mod dates;
mod decision;
mod filter;
mod hostile;
mod ocr;
mod support;
