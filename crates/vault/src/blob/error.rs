//! What can go wrong with a blob.

use std::error::Error as StdError;
use std::io;

use crate::VaultError;

/// Why a blob could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("no such blob")]
    NotFound,
    /// The disk or the quota is full; nothing readable was left behind.
    #[error("the blob store is full")]
    StorageFull,
    /// The blob is longer than the caller allows.
    #[error("the blob is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes of plaintext.
        limit: u64,
    },
    /// Altered, truncated, reordered, of another id or under another key.
    #[error("the blob is damaged")]
    Damaged(#[from] VaultError),
    /// The content that was to be stored broke off.
    #[error("the content broke off")]
    Content(#[source] Box<dyn StdError + Send + Sync>),
    /// The store did not do what it was asked; trying again may help.
    #[error("the blob store is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { .. } = error {
            return Self::NotFound;
        }
        match io_kind(&error) {
            Some(kind) if is_full(kind) => Self::StorageFull,
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            kind if is_full(kind) => Self::StorageFull,
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

const fn is_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// The store wraps the system's answer several layers deep; this finds it.
pub(super) fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wraps an answer of the system as deep as the local object store does.
    #[derive(Debug, thiserror::Error)]
    #[error("unable to copy data to file")]
    struct Layer(#[source] io::Error);

    fn from_store(kind: io::ErrorKind) -> BlobError {
        let source = Box::new(Layer(io::Error::from(kind)));
        object_store::Error::Generic {
            store: "test",
            source,
        }
        .into()
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        assert!(matches!(
            from_store(io::ErrorKind::StorageFull),
            BlobError::StorageFull
        ));
        assert!(matches!(
            from_store(io::ErrorKind::QuotaExceeded),
            BlobError::StorageFull
        ));
        assert!(matches!(
            from_store(io::ErrorKind::TimedOut),
            BlobError::Unavailable(_)
        ));
        let enospc = io::Error::from_raw_os_error(28);
        assert!(matches!(BlobError::from(enospc), BlobError::StorageFull));
    }

    #[test]
    fn the_local_store_keeps_the_system_answer_in_its_chain() {
        use object_store::ObjectStoreExt as _;
        let directory = tempfile::tempdir().unwrap();
        let store =
            object_store::local::LocalFileSystem::new_with_prefix(directory.path()).unwrap();
        std::fs::write(directory.path().join("file"), b"").unwrap();
        let below_a_file = object_store::path::Path::from("file/blob");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let put = store.put(&below_a_file, bytes::Bytes::new().into());
        let error = runtime.block_on(put).unwrap_err();
        assert_eq!(io_kind(&error), Some(io::ErrorKind::NotADirectory));
    }
}
