//! Sealing a blob while its content arrives.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};
use zeroize::Zeroizing;

use super::error::BlobError;
use super::format::{CHUNK, Chunks};

/// Seals chunk by chunk and hands parts to the store; nothing is visible before
/// [`Writer::finish`].
pub(super) struct Writer {
    store: Arc<dyn ObjectStore>,
    path: Path,
    part_size: usize,
    chunks: Chunks,
    /// Plaintext that is not yet a whole chunk.
    pending: Zeroizing<Vec<u8>>,
    /// Sealed bytes that are not yet a whole part.
    part: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        path: Path,
        part_size: usize,
        chunks: Chunks,
        header: &[u8],
    ) -> Self {
        Self {
            store,
            path,
            part_size,
            chunks,
            pending: Zeroizing::new(Vec::new()),
            part: header.to_vec(),
            upload: None,
        }
    }

    /// Takes more content. A chunk is sealed only when more follows: the last one is marked.
    pub(super) async fn write(&mut self, mut content: &[u8]) -> Result<(), BlobError> {
        while self.pending.len() + content.len() > CHUNK {
            if self.pending.is_empty() {
                let (chunk, rest) = content.split_at(CHUNK);
                self.chunks.seal(chunk, false, &mut self.part)?;
                content = rest;
            } else {
                let (fill, rest) = content.split_at(CHUNK - self.pending.len());
                self.pending.extend_from_slice(fill);
                self.chunks.seal(&self.pending, false, &mut self.part)?;
                self.pending.clear();
                content = rest;
            }
            if self.part.len() >= self.part_size {
                self.send_part().await?;
            }
        }
        if self.pending.capacity() == 0 && !content.is_empty() {
            // At its final size at once: a growing vector would leave unwiped copies.
            self.pending.reserve_exact(CHUNK);
        }
        self.pending.extend_from_slice(content);
        Ok(())
    }

    async fn send_part(&mut self) -> Result<(), BlobError> {
        let rest = self.part.split_off(self.part_size.min(self.part.len()));
        let part = PutPayload::from(std::mem::replace(&mut self.part, rest));
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.store.put_multipart(&self.path).await?),
        };
        Ok(upload.put_part(part).await?)
    }

    /// Seals the last chunk and makes the blob visible. Returns plaintext and stored bytes.
    pub(super) async fn finish(&mut self) -> Result<u64, BlobError> {
        self.chunks.seal(&self.pending, true, &mut self.part)?;
        let last = PutPayload::from(std::mem::take(&mut self.part));
        match &mut self.upload {
            Some(upload) => {
                upload.put_part(last).await?;
                upload.complete().await?;
            }
            None => {
                self.store.put(&self.path, last).await?;
            }
        }
        self.upload = None;
        Ok(self.chunks.length())
    }

    /// Takes back what was begun. The blob's error matters more than a failure here, and what
    /// stays is swept later.
    pub(super) async fn abandon(mut self) {
        if let Some(mut upload) = self.upload.take() {
            let _ = upload.abort().await;
        }
    }
}
