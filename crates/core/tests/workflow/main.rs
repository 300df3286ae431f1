//! Workflows from the outside: what operators write, what runs, what comes out.

#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod compile;
mod findings;
mod gates;
mod hostile;
mod properties;
mod run;
mod support;
mod validation;
