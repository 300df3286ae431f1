//! Backup and restore: every table as of one moment while the server goes on, the images as they
//! are stored, and the keys in a file of their own, so that destroying a key reaches the backups
//! that leave it out (spec/resources.md, "At rest").
//!
//! The format is the same for both databases, so that a backup of one can be restored into the
//! other.

mod erasures;
mod file;
mod manifest;
mod restore;
mod write;

pub use manifest::Manifest;
pub use restore::{RestoreSource, Restored, restore};
pub use write::{BackupTarget, back_up};

use verifa_core::time::Timestamp;
use verifa_store::db::DbError;
use verifa_vault::BlobError;

use crate::erasure_log::LineRefused;
use crate::error::AppError;

/// Tables that hold wrapped keys and nothing else: they go into the file of the keys.
const KEY_TABLES: [&str; 2] = ["data_keys", "server_keys"];
/// Tables that mean something to running processes only.
const TRANSIENT: [&str; 1] = ["leases"];

/// Why a backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file could not be read or written.
    #[error("`{path}` can't be read or written")]
    File {
        /// The file.
        path: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The target is not empty.
    #[error("`{0}` is not empty. hint: name a new directory")]
    NotEmpty(String),
    /// There is no finished backup.
    #[error("`{0}` holds no finished backup: its manifest is missing or can't be read")]
    NoManifest(String),
    /// A file is not what the manifest says.
    #[error("`{0}` is not the file of this backup: it was cut, altered or exchanged")]
    Altered(String),
    /// The backup is of a newer release.
    #[error("the backup has schema {found}, this release knows up to {known}: use a newer release")]
    Newer {
        /// The backup's.
        found: i64,
        /// This release's.
        known: i64,
    },
    /// There is an installation already.
    #[error("the database is not empty: a backup is only restored into an empty one")]
    DatabaseInUse,
    /// The table is not in this release's schema.
    #[error("the backup holds a table that its schema does not have: {0}")]
    UnknownTable(String),
    /// A line of the erasure log.
    #[error("line {number} of the erasure log")]
    ErasureLog {
        /// From 1.
        number: usize,
        /// What is wrong.
        #[source]
        source: LineRefused,
    },
    /// The erasure log breaks off.
    #[error(
        "`{0}` is no whole erasure log: its signed last line is missing. hint: export it with \
         `verifa audit erasures`"
    )]
    ErasureLogCut(String),
    /// The erasure log is older than the backup.
    #[error(
        "the erasure log was exported at {exported_at}, before the backup was made at {made_at}: \
         it can't tell who was erased since. hint: use the newest one"
    )]
    ErasureLogOld {
        /// When the log was exported.
        exported_at: Timestamp,
        /// When the backup was made.
        made_at: Timestamp,
    },
    /// The backup knows of an erasure that the log does not have.
    #[error(
        "the erasure log lacks an erasure that the backup holds: it is not this server's whole log"
    )]
    ErasureLogLacks,
    /// The restored audit chain or erasure log is broken.
    #[error("the restored data is not whole: {0}")]
    Broken(&'static str),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The blob store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Something else failed.
    #[error(transparent)]
    App(#[from] AppError),
}
