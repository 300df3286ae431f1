//! Tests of the model pack through its public surface: small packages made here, and the real
//! ones when a registry can be reached.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests may panic, and a test that can't reach a registry must say so loudly"
)]

mod clients;
mod local;
mod package;
mod registry;
