//! The conventions of spec/conventions.md through a router of a few routes, and the
//! calls of this release over a real application.
#![expect(
    clippy::unwrap_used,
    reason = "a harness that can't do its work fails the test, aloud"
)]

mod app;
mod bodies;
mod calls;
mod conventions;
mod documents;
mod harness;
mod idempotency;
mod keys;
mod reference;
mod workflow_calls;
