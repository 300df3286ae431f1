//! What can go wrong when sealed bytes are opened.

use crate::key_id::KeyId;

/// Why sealed bytes could not be opened. Never says what the bytes were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Too short, or written by a format version that this build does not know.
    #[error("sealed bytes have an unknown format")]
    UnknownFormat,
    /// Altered, copied from another place, or sealed under another key: AES-GCM can't tell which.
    #[error("sealed bytes are not authentic at this place")]
    NotAuthentic,
    /// A wrapped key names a wrapping key that is not at hand.
    #[error("wrapped under key {wanted}, which is not loaded")]
    OtherKey {
        /// The id of the key that wrapped it.
        wanted: KeyId,
    },
    /// A server key is missing from the stored set.
    #[error("server key `{0}` is missing")]
    MissingServerKey(&'static str),
    /// A stored key opened to bytes of another length.
    #[error("stored key has a wrong length")]
    WrongKeyLength,
}
