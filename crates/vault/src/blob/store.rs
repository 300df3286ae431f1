//! The blob store as the rest of the system sees it.

use std::error::Error as StdError;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use uuid::Uuid;
use verifa_core::random::{Random, random_bytes};
use verifa_core::time::Timestamp;

use super::error::BlobError;
use super::format::{Chunks, header, plaintext_length};
use super::local;
use super::read::Reader;
use super::write::Writer;
use crate::{DataKey, VaultError};

/// Parts written to a local file at once: bounds the memory of an upload.
const LOCAL_PART: usize = 1024 * 1024;

/// Names a blob. Made by the caller with `verifa_core::id::uuid_v7`; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(Uuid);

impl BlobId {
    /// Wraps a fresh UUID.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The raw UUID, as stored in the database.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// `ab/…`: spread over 256 directories by the last byte, which is random in a `UUIDv7`.
    fn path(self) -> Path {
        Path::from(format!("{:02x}/{}", self.0.as_bytes()[15], self.0.simple()))
    }

    fn from_path(path: &Path) -> Option<Self> {
        Uuid::try_parse(path.filename()?)
            .ok()
            .map(Self)
            .filter(|id| id.path() == *path)
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobInfo {
    /// Bytes of plaintext.
    pub size: u64,
}

/// A blob found in a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its id.
    pub id: BlobId,
    /// Bytes it takes in the store.
    pub stored_size: u64,
    /// When it was written, by the store's clock.
    pub modified: Timestamp,
}

/// An opened blob.
pub struct BlobContent {
    /// Bytes of plaintext that a whole blob of this stored size has.
    pub size: u64,
    /// The plaintext in order. A stream that ends without an error gave the whole blob; after an
    /// error, what came before is authentic but not all.
    pub stream: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// Encrypted blobs in a local directory or an S3 bucket. Cheap to clone.
///
/// Durability of the local directory: each blob is written to a staging file, flushed with
/// `fsync`, renamed into place and its directory flushed, before a write returns.
#[derive(Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
    part_size: usize,
    local_root: Option<PathBuf>,
}

impl BlobStore {
    /// Blobs in a directory, which is created (mode 0700) when it is missing.
    pub fn local(root: &FilePath) -> Result<Self, BlobError> {
        local::create_directory(root)?;
        let store = LocalFileSystem::new_with_prefix(root)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            part_size: LOCAL_PART,
            local_root: Some(root.to_owned()),
        })
    }

    /// Blobs in any object store, written in parts of `part_size` bytes.
    pub fn over(store: Arc<dyn ObjectStore>, part_size: usize) -> Self {
        Self {
            store,
            part_size: part_size.max(1),
            local_root: None,
        }
    }

    /// Whether the blobs lie in a directory of our own; a bucket may be shared with others.
    pub const fn is_local(&self) -> bool {
        self.local_root.is_some()
    }

    /// Seals content as it arrives. On an error nothing readable is left.
    pub async fn put<S, E>(
        &self,
        id: BlobId,
        key: &DataKey,
        content: S,
        random: &dyn Random,
    ) -> Result<BlobInfo, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let header = header(&random_bytes(random));
        let chunks = Chunks::new(key, id, &header)?;
        let mut writer = Writer::new(
            Arc::clone(&self.store),
            id.path(),
            self.part_size,
            chunks,
            &header,
        );
        match write_all(&mut writer, content).await {
            Ok(size) => Ok(BlobInfo { size }),
            Err(error) => {
                writer.abandon().await;
                Err(error)
            }
        }
    }

    /// Seals content that is in memory already.
    pub async fn put_bytes(
        &self,
        id: BlobId,
        key: &DataKey,
        content: Bytes,
        random: &dyn Random,
    ) -> Result<BlobInfo, BlobError> {
        let content = stream::iter([Ok::<_, std::convert::Infallible>(content)]);
        self.put(id, key, content, random).await
    }

    /// Opens a blob for streaming.
    pub async fn get(&self, id: BlobId, key: &DataKey) -> Result<BlobContent, BlobError> {
        let (size, reader) = self.open(id, key, u64::MAX).await?;
        let stream = stream::try_unfold(reader, |mut reader| async move {
            let mut chunk = Vec::new();
            let more = reader.next_chunk(&mut chunk).await?;
            Ok(more.then(|| (Bytes::from(chunk), reader)))
        });
        Ok(BlobContent {
            size,
            stream: stream.boxed(),
        })
    }

    /// Opens a whole blob of at most `max_size` bytes of plaintext. Nothing is given out unless
    /// all of it is authentic.
    pub async fn get_all(
        &self,
        id: BlobId,
        key: &DataKey,
        max_size: u64,
    ) -> Result<Bytes, BlobError> {
        let (size, mut reader) = self.open(id, key, max_size).await?;
        let too_large = BlobError::TooLarge { limit: max_size };
        let Ok(capacity) = usize::try_from(size) else {
            return Err(too_large);
        };
        // Each chunk comes in with its tag before the tag is cut off.
        let mut opened = Vec::with_capacity(capacity.saturating_add(crate::cipher::TAG_LENGTH));
        while reader.next_chunk(&mut opened).await? {}
        Ok(Bytes::from(opened))
    }

    async fn open(
        &self,
        id: BlobId,
        key: &DataKey,
        max_size: u64,
    ) -> Result<(u64, Reader), BlobError> {
        let result = self.store.get(&id.path()).await?;
        let size = plaintext_length(result.meta.size).ok_or(VaultError::UnknownFormat)?;
        if size > max_size {
            return Err(BlobError::TooLarge { limit: max_size });
        }
        Ok((size, Reader::start(result, key, id).await?))
    }

    /// A blob as it is stored, sealed: for copies. Needs no key.
    pub async fn get_sealed(&self, id: BlobId) -> Result<Bytes, BlobError> {
        Ok(self.store.get(&id.path()).await?.bytes().await?)
    }

    /// Stores a blob that is sealed already, from a copy.
    pub async fn put_sealed(&self, id: BlobId, sealed: Bytes) -> Result<(), BlobError> {
        self.store.put(&id.path(), sealed.into()).await?;
        Ok(())
    }

    /// Removes a blob; false when there was none (a bucket does not tell: true). On a local directory the removal is not flushed:
    /// after a power cut the (sealed) file may be back until the orphan sweep finds it.
    pub async fn delete(&self, id: BlobId) -> Result<bool, BlobError> {
        match self.store.delete(&id.path()).await.map_err(BlobError::from) {
            Ok(()) => Ok(true),
            Err(BlobError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there is such a blob.
    pub async fn exists(&self, id: BlobId) -> Result<bool, BlobError> {
        match self.store.head(&id.path()).await.map_err(BlobError::from) {
            Ok(_) => Ok(true),
            Err(BlobError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every blob there is, in no order; other objects are passed over.
    pub fn list(&self) -> BoxStream<'static, Result<StoredBlob, BlobError>> {
        self.store
            .list(None)
            .map_err(BlobError::from)
            .try_filter_map(|object| async move {
                Ok(BlobId::from_path(&object.location).map(|id| StoredBlob {
                    id,
                    stored_size: object.size,
                    modified: Timestamp::from_micros(object.last_modified.timestamp_micros()),
                }))
            })
            .boxed()
    }

    /// Removes what killed processes left half written before `before`; says how many files.
    /// Never readable as blobs, they only take space. S3 does this by a lifecycle rule.
    pub async fn remove_abandoned_uploads(&self, before: Timestamp) -> Result<u64, BlobError> {
        let Some(root) = self.local_root.clone() else {
            return Ok(0);
        };
        tokio::task::spawn_blocking(move || local::remove_staging_files(&root, before))
            .await
            .map_err(|error| BlobError::Unavailable(Box::new(error)))?
            .map_err(BlobError::from)
    }

    /// Writes and removes a small object: proves that the store takes writes.
    pub async fn probe(&self, random: &dyn Random) -> Result<(), BlobError> {
        let path = Path::from(format!("probe/{}", hex::encode(random_bytes::<8>(random))));
        self.store
            .put(&path, Bytes::from_static(b"verifa").into())
            .await?;
        Ok(self.store.delete(&path).await?)
    }
}

async fn write_all<S, E>(writer: &mut Writer, content: S) -> Result<u64, BlobError>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    let mut content = std::pin::pin!(content);
    while let Some(bytes) = content.next().await {
        let bytes = bytes.map_err(|error| BlobError::Content(error.into()))?;
        writer.write(&bytes).await?;
    }
    writer.finish().await
}
