//! Opening a blob while it is read.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{GetResult, GetResultPayload};
use tokio::io::AsyncReadExt as _;

use super::error::BlobError;
use super::format::{Chunks, HEADER, SEALED_CHUNK};
use super::store::BlobId;
use crate::cipher::Tail;
use crate::{DataKey, VaultError};

/// Bytes read from a local file at once.
const BLOCK: usize = 1024 * 1024;

/// Reads sealed blocks and gives opened chunks.
pub(super) struct Reader {
    blocks: BoxStream<'static, Result<Bytes, BlobError>>,
    sealed: BytesMut,
    chunks: Chunks,
    ended: bool,
}

impl Reader {
    /// Reads the header and makes ready for the first chunk.
    pub(super) async fn start(
        result: GetResult,
        key: &DataKey,
        id: BlobId,
    ) -> Result<Self, BlobError> {
        let mut blocks = blocks(result);
        let mut sealed = BytesMut::new();
        while sealed.len() < HEADER {
            let block = blocks.try_next().await?.ok_or(VaultError::UnknownFormat)?;
            sealed.extend_from_slice(&block);
        }
        let header = sealed.split_to(HEADER);
        let header = header.first_chunk().ok_or(VaultError::UnknownFormat)?;
        let chunks = Chunks::new(key, id, header)?;
        Ok(Self {
            blocks,
            sealed,
            chunks,
            ended: false,
        })
    }

    /// Appends the next chunk's plaintext; false when the blob was whole and is over.
    pub(super) async fn next_chunk(&mut self, opened: &mut Vec<u8>) -> Result<bool, BlobError> {
        if self.ended {
            return Ok(false);
        }
        // A chunk is known not to be the last only when something follows it.
        while self.sealed.len() <= SEALED_CHUNK {
            let Some(block) = self.blocks.try_next().await? else {
                self.ended = true;
                break;
            };
            self.sealed.extend_from_slice(&block);
        }
        let take = self.sealed.len().min(SEALED_CHUNK);
        let start = opened.len();
        opened.extend_from_slice(&self.sealed.split_to(take));
        self.chunks
            .open(&mut Tail::new(opened, start), self.ended)?;
        Ok(true)
    }
}

fn blocks(result: GetResult) -> BoxStream<'static, Result<Bytes, BlobError>> {
    match result.payload {
        GetResultPayload::File(file, _) => {
            let file = tokio::fs::File::from_std(file);
            stream::try_unfold(file, |mut file| async move {
                let mut block = BytesMut::with_capacity(BLOCK);
                let read = file.read_buf(&mut block).await?;
                Ok((read > 0).then(|| (block.freeze(), file)))
            })
            .boxed()
        }
        GetResultPayload::Stream(blocks) => blocks.map_err(BlobError::from).boxed(),
    }
}
