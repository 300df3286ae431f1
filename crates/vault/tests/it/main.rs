//! The vault from outside: what opens, and above all what must not.

#![expect(clippy::unwrap_used, reason = "a test that fails may panic anywhere")]

mod audit;
mod blobs;
mod envelope;
mod master;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "s3")]
mod s3_server;
mod secrets;
mod support;
