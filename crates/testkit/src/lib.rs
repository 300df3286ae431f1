//! Runs the finished binary as a stranger meets it: `verifa init`, `verifa serve`, HTTP.
//!
//! A test starts a [`TestServer`] on the database that `VERIFA_TEST_DATABASE` names, talks to it
//! through a [`Client`] and may look into its [`Database`], where the contract counts rows.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    reason = "a harness that can't do its work fails the test, aloud; calls read like sentences"
)]

mod answer;
mod client;
mod database;
mod deadline;
mod installation;
mod models;
mod receiver;
mod server;
mod sessions;

pub use answer::Answer;
pub use client::{Call, Client};
pub use database::{Database, DatabaseKind};
pub use deadline::{SETTLE_LIMIT, eventually, within};
pub use installation::{Installation, Keys, Options, Ran};
pub use models::installed_models;
pub use receiver::{Received, Scripted, WebhookReceiver};
pub use server::{TestServer, free_address};
