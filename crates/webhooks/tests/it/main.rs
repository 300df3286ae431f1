//! The sender against receivers that behave badly, and names that lead elsewhere.
#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod answers;
mod rebinding;
mod receiver;
mod tls;
