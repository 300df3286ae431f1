//! Everything that keeps data secret or proves that it is unaltered.
//!
//! Envelope encryption (master key → organization key → one data key per session), keyed hashes
//! for look-ups, secrets as they are shown to callers, signed URLs, encrypted blobs and the audit
//! chain. `docs/DATA-AT-REST.md` tells which key protects what, and what destroying one promises.
//!
//! Randomness and time are arguments; nothing here has a `Debug` form that shows a secret.

mod alphabet;
mod audit;
mod blob;
mod cipher;
mod envelope;
mod erasure;
mod error;
mod key;
mod key_id;
mod keyed_hash;
mod master;
mod place;
mod secret;
mod server_keys;
mod signed_url;
mod webhook_key;
mod wrapping;

pub use audit::{AuditSigner, AuditVerifier, ChainHash, Checkpoint, CheckpointRefused, chain_hash};
#[cfg(feature = "s3")]
pub use blob::S3Settings;
pub use blob::{BlobContent, BlobError, BlobId, BlobInfo, BlobStore, StoredBlob};
pub use envelope::{DataKey, OrganizationKey, rewrap};
pub use erasure::{ErasureLogStatement, ErasureRefused, ErasureStatement};
pub use error::VaultError;
pub use key_id::KeyId;
pub use keyed_hash::{BlindIndex, KeyedHash};
pub use master::{KeyFileAccess, MasterKey, MasterKeyError, MasterKeyRing};
pub use place::{Place, Row};
pub use secret::{
    AdminTokenSecret, ApiKeyKind, ApiKeySecret, CaptureToken, ExternalReferenceSecret,
    MalformedSecret,
};
pub use server_keys::{ServerKeyName, ServerKeys};
pub use signed_url::{SignatureRefused, UrlSigner};
pub use webhook_key::{WebhookSigner, WebhookVerifier};
pub use wrapping::wrapped_by;
