//! Making a backup beside a server that goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;
use verifa_store::db::{Row, Snapshot};
use verifa_store::dump;
use verifa_store::migrations::MIGRATIONS;
use verifa_store::schema::{LiveTable, live_tables};
use verifa_vault::{BlobError, BlobId};

use super::file::{FileFact, NewFile, failed, write_whole};
use super::manifest::{BLOB_LIST, FORMAT, Manifest, TableFact, table_file};
use super::{BackupError, KEY_TABLES, TRANSIENT};
use crate::App;

/// Where a backup goes.
pub struct BackupTarget {
    /// The directory; absent or empty.
    pub directory: PathBuf,
    /// The file of the keys, which must not be kept with the rest; absent.
    pub keys: PathBuf,
}

/// Makes a backup as of now.
///
/// # Errors
/// When the target is not empty, or something fails: what was written until then has no manifest.
pub async fn back_up(app: &App, target: &BackupTarget) -> Result<Manifest, BackupError> {
    make_empty(&target.directory).await?;
    make_directory(&target.directory.join("tables")).await?;
    make_directory(&target.directory.join("blobs")).await?;
    let created_at = app.clock.now();
    let schema = app.db.schema(MIGRATIONS).await?.version;
    let live: Vec<LiveTable> = live_tables(&app.db)
        .await?
        .into_iter()
        .filter(|table| is_carried(&table.name))
        .collect();
    let snapshot = app
        .db
        .snapshot(live.iter().map(dump::select).collect())
        .await?;
    let written = write_tables(snapshot, &live, target).await?;
    let (blob_list, blobs) = copy_blobs(app, &written.documents, &target.directory).await?;
    let manifest = Manifest {
        format: FORMAT,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        created_at,
        schema,
        tables: written.tables,
        blob_list,
        blobs,
        keys: written.keys,
    };
    manifest.write(&target.directory).await?;
    Ok(manifest)
}

fn is_carried(table: &str) -> bool {
    let bookkeeping = verifa_store::classification::BOOKKEEPING;
    !bookkeeping.contains(&table) && !TRANSIENT.contains(&table)
}

struct Written {
    tables: BTreeMap<String, TableFact>,
    keys: FileFact,
    /// Ids of the documents, whose images are copied.
    documents: Vec<Uuid>,
}

/// Writes each table into its file, and the tables of keys into the file of the keys.
async fn write_tables(
    mut snapshot: Snapshot,
    live: &[LiveTable],
    target: &BackupTarget,
) -> Result<Written, BackupError> {
    let mut keys = NewFile::create(&target.keys).await?;
    let mut next = snapshot.next().await?;
    let mut tables = BTreeMap::new();
    let mut documents = Vec::new();
    for (position, table) in live.iter().enumerate() {
        let is_key = KEY_TABLES.contains(&table.name.as_str());
        let path = target.directory.join(table_file(&table.name));
        let mut file = if is_key {
            None
        } else {
            Some(NewFile::create(&path).await?)
        };
        let mut rows = 0;
        while let Some((_, row)) = next.take_if(|(of, _)| *of == position) {
            rows += 1;
            match &mut file {
                Some(file) => file.line(&path, &dump::to_line(&row)).await?,
                None => {
                    keys.line(&target.keys, &key_line(&table.name, &row))
                        .await?;
                }
            }
            if table.name == "documents" {
                documents.push(document_id(table, &row)?);
            }
            next = snapshot.next().await?;
        }
        let file = match file {
            Some(file) => Some(file.finish(&path).await?),
            None => None,
        };
        let columns = table.columns.clone();
        let fact = TableFact {
            columns,
            rows,
            file,
        };
        tables.insert(table.name.clone(), fact);
    }
    Ok(Written {
        tables,
        keys: keys.finish(&target.keys).await?,
        documents,
    })
}

/// A line of the file of the keys: which table, and the row.
fn key_line(table: &str, row: &Row) -> String {
    json!([table, dump::to_line(row)]).to_string()
}

fn document_id(table: &LiveTable, row: &Row) -> Result<Uuid, BackupError> {
    let place = table.columns.iter().position(|column| column == "id");
    Ok(row.get(place.unwrap_or(usize::MAX))?)
}

/// Copies the images of the documents, sealed as they are. One that a redaction deleted meanwhile is
/// left out, as it should be.
async fn copy_blobs(
    app: &App,
    documents: &[Uuid],
    directory: &Path,
) -> Result<(FileFact, u64), BackupError> {
    let list = directory.join(BLOB_LIST);
    let mut listed = NewFile::create(&list).await?;
    let mut copied = 0;
    for id in documents {
        let content: Bytes = match app.blobs.get_sealed(BlobId::new(*id)).await {
            Ok(content) => content,
            Err(BlobError::NotFound) => continue,
            Err(error) => return Err(error.into()),
        };
        let name = id.simple().to_string();
        let fact = write_whole(&directory.join("blobs").join(&name), &content).await?;
        let line = json!({ "id": name, "sha256": fact.sha256, "bytes": fact.bytes });
        listed.line(&list, &line.to_string()).await?;
        copied += 1;
    }
    Ok((listed.finish(&list).await?, copied))
}

async fn make_directory(path: &Path) -> Result<(), BackupError> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).await.map_err(failed(path))
}

async fn make_empty(path: &Path) -> Result<(), BackupError> {
    make_directory(path).await?;
    let mut entries = tokio::fs::read_dir(path).await.map_err(failed(path))?;
    match entries.next_entry().await.map_err(failed(path))? {
        None => Ok(()),
        Some(_) => Err(BackupError::NotEmpty(path.display().to_string())),
    }
}
