//! The client against the API's description and against servers that misbehave.
#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod document;
mod retries;
mod webhooks;
