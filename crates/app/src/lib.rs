//! Use cases and the durable workflow engine.
//!
//! A use case loads what it needs, asks `verifa-core` for the next state, and returns or applies
//! one commit with everything that belongs to the fact: state, audit event, webhook event,
//! follow-up job. It knows neither HTTP nor SQL text.

pub mod actor;
pub mod admin_tokens;
pub mod api_keys;
pub mod audit_events;
pub mod backup;
pub mod capture;
pub mod cases;
mod change;
mod contention;
mod document_link;
pub mod documents;
pub mod engine;
pub mod erasure_log;
mod error;
mod job;
pub mod keyring;
mod mail;
pub mod models;
pub mod organizations;
pub mod page;
mod run_memory;
pub mod sandbox;
mod server_keys;
pub mod sessions;
pub mod settings;
pub mod webhooks;
pub mod workflows;

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;
use verifa_checks::Registry;
use verifa_core::random::Random;
use verifa_core::time::Clock;
use verifa_mail::Mailer;
use verifa_store::db::{Commit, Db, DbError};
use verifa_vault::BlobStore;
use verifa_webhooks::Sender;

pub use change::{Change, Decided, Resource, Sealing};
pub use contention::ROUNDS;
pub use error::{AppError, Thing};
use keyring::Keyring;
pub use run_memory::RunMemory;
use settings::Settings;

/// Everything the use cases work with; built once by the binary, shared by all of them.
pub struct App {
    /// The database.
    pub db: Db,
    /// Encrypted images.
    pub blobs: BlobStore,
    /// Keys.
    pub keys: Keyring,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The checks this build knows.
    pub checks: Arc<Registry>,
    /// The models that document reading needs.
    pub models: models::Models,
    /// Hands mails over.
    pub mailer: Mailer,
    /// What the operator configured.
    pub settings: Settings,
    /// Compiled workflow versions.
    pub workflow_cache: workflows::Cache,
    /// Tells the sealer that something was committed.
    pub committed: Notify,
    /// Bounds checks that compute at the same time.
    pub compute: Arc<Semaphore>,
    /// Bounds images that are decoded at the same time.
    pub decoding: Arc<Semaphore>,
    /// Sends webhooks, and judges where they may go.
    pub webhooks: Sender,
}

impl App {
    /// Applies a commit and tells the sealer; after one that erases, empties the database's log of
    /// what was erased.
    ///
    /// # Errors
    /// [`DbError::Conflict`] when an expectation failed: nothing was written.
    pub async fn apply(&self, commit: Commit) -> Result<(), DbError> {
        let erases = commit.erases();
        self.db.commit(commit).await?;
        self.committed.notify_one();
        if erases && let Err(error) = self.db.checkpoint().await {
            tracing::debug!(error = %error, "the log is emptied by the clock instead");
        }
        Ok(())
    }

    /// A fresh `UUIDv7`.
    pub fn new_uuid(&self) -> Uuid {
        verifa_core::id::uuid_v7(self.clock.now(), &*self.random)
    }
}
