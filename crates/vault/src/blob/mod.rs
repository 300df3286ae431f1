//! Encrypted blobs over an object store: a local directory, or S3 with the cargo feature `s3`.
//!
//! A blob is sealed in chunks while it streams (see `format.rs`), so that memory stays bounded, and
//! becomes visible only when it is whole.

mod error;
mod format;
mod local;
mod read;
#[cfg(feature = "s3")]
mod s3;
mod store;
mod write;

pub use error::BlobError;
#[cfg(feature = "s3")]
pub use s3::S3Settings;
pub use store::{BlobContent, BlobId, BlobInfo, BlobStore, StoredBlob};
