//! Files of a backup: written for their owner alone and hashed as they are written or read.

use std::path::Path;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, BufWriter, Lines};

use super::BackupError;

/// What a manifest says of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

impl FileFact {
    /// Of content that is in memory.
    pub(super) fn of(content: &[u8]) -> Self {
        Self {
            sha256: hex::encode(Sha256::digest(content)),
            bytes: content.len() as u64,
        }
    }
}

pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError + '_ {
    move |source| BackupError::File {
        path: path.display().to_string(),
        source,
    }
}

/// A new file that is being written.
pub(super) struct NewFile {
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl NewFile {
    /// Makes a file of mode 0600; one that is there is never touched.
    pub(super) async fn create(path: &Path) -> Result<Self, BackupError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let file = options.open(path).await.map_err(failed(path))?;
        Ok(Self {
            file: BufWriter::with_capacity(256 * 1024, file),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    pub(super) async fn line(&mut self, path: &Path, text: &str) -> Result<(), BackupError> {
        self.write(path, text.as_bytes()).await?;
        self.write(path, b"\n").await
    }

    pub(super) async fn write(&mut self, path: &Path, content: &[u8]) -> Result<(), BackupError> {
        self.hasher.update(content);
        self.bytes += content.len() as u64;
        self.file.write_all(content).await.map_err(failed(path))
    }

    /// Flushes to the disk.
    pub(super) async fn finish(mut self, path: &Path) -> Result<FileFact, BackupError> {
        self.file.flush().await.map_err(failed(path))?;
        let synced = self.file.get_ref().sync_all().await;
        synced.map_err(failed(path))?;
        Ok(FileFact {
            sha256: hex::encode(self.hasher.finalize()),
            bytes: self.bytes,
        })
    }
}

/// Writes a whole file.
pub(super) async fn write_whole(path: &Path, content: &[u8]) -> Result<FileFact, BackupError> {
    let mut file = NewFile::create(path).await?;
    file.write(path, content).await?;
    file.finish(path).await
}

/// Reads a whole file and holds it to what the manifest says.
pub(super) async fn read_whole(path: &Path, fact: &FileFact) -> Result<Bytes, BackupError> {
    let content = tokio::fs::read(path).await.map_err(failed(path))?;
    if FileFact::of(&content) == *fact {
        Ok(content.into())
    } else {
        Err(altered(path))
    }
}

pub(super) fn altered(path: &Path) -> BackupError {
    BackupError::Altered(path.display().to_string())
}

/// Holds a file of any size to what the manifest says, before anything of it is used.
pub(super) async fn check(path: &Path, fact: &FileFact) -> Result<(), BackupError> {
    let file = File::open(path).await.map_err(failed(path))?;
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let mut hasher = Sha256::new();
    let mut bytes: u64 = 0;
    loop {
        let block = reader.fill_buf().await.map_err(failed(path))?;
        if block.is_empty() {
            break;
        }
        hasher.update(block);
        let length = block.len();
        bytes += length as u64;
        reader.consume(length);
    }
    let same = hex::encode(hasher.finalize()) == fact.sha256 && bytes == fact.bytes;
    if same { Ok(()) } else { Err(altered(path)) }
}

/// The lines of a file.
pub(super) async fn lines(path: &Path) -> Result<Lines<BufReader<File>>, BackupError> {
    let file = File::open(path).await.map_err(failed(path))?;
    Ok(BufReader::with_capacity(256 * 1024, file).lines())
}
