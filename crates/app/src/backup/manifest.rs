//! What a backup holds. Written last: a backup without it was not finished.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use verifa_core::time::Timestamp;

use super::file::{FileFact, write_whole};
use super::{BackupError, KEY_TABLES};

/// The form that this release writes and reads.
pub(super) const FORMAT: u32 = 1;
pub(super) const FILE_NAME: &str = "manifest.json";
/// A line an image: id, length, hash.
pub(super) const BLOB_LIST: &str = "blobs.jsonl";

/// What a backup holds, each file by its hash.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The release that wrote it.
    pub release: String,
    /// As of when.
    pub created_at: Timestamp,
    /// The migration that the schema had reached.
    pub schema: i64,
    /// The tables, and how many rows each has.
    pub tables: BTreeMap<String, TableFact>,
    /// The list of images.
    pub blob_list: FileFact,
    /// How many images it names.
    pub blobs: u64,
    /// The file of the keys, which lies elsewhere.
    pub keys: FileFact,
}

/// What a backup holds of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableFact {
    /// Its columns, in the order of each line.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: u64,
    /// Its file; none for those in the file of the keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileFact>,
}

impl Manifest {
    pub(super) async fn write(&self, directory: &Path) -> Result<(), BackupError> {
        let path = directory.join(FILE_NAME);
        let text = serde_json::to_vec_pretty(self)
            .map_err(|_| BackupError::NoManifest(path.display().to_string()))?;
        write_whole(&path, &text).await.map(drop)
    }

    pub(super) async fn read(directory: &Path) -> Result<Self, BackupError> {
        let missing = || BackupError::NoManifest(directory.display().to_string());
        let text = tokio::fs::read(directory.join(FILE_NAME)).await;
        let manifest: Self =
            serde_json::from_slice(&text.map_err(|_| missing())?).map_err(|_| missing())?;
        let keyed = KEY_TABLES
            .iter()
            .all(|name| manifest.tables.contains_key(*name));
        let filed = manifest
            .tables
            .iter()
            .all(|(name, table)| table.file.is_some() != KEY_TABLES.contains(&name.as_str()));
        if manifest.format == FORMAT && keyed && filed {
            Ok(manifest)
        } else {
            Err(missing())
        }
    }
}

/// Where the lines of a table lie in a backup.
pub(super) fn table_file(name: &str) -> String {
    format!("tables/{name}.jsonl")
}
