//! Use cases and engine over an embedded database, with the clock in the tests' hands.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing helper is a failing test"
)]

mod consents;
mod crashes;
mod expiry;
mod gates;
mod harness;
mod leases;
mod mails;
mod redaction;
mod retention;
mod retries;
mod rotation;
mod runs;
mod sandbox;
mod sealing;
mod settings;
mod sweep;
mod webhooks;
