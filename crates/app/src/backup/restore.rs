//! Restoring a backup into an empty database, the erasure log replayed before anything serves.
//!
//! The server's own keys are written last: a restore that broke off leaves a database that no server
//! starts on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;
use verifa_core::time::Clock;
use verifa_store::db::{Commit, Db, Migration, Stmt};
use verifa_store::dump;
use verifa_store::migrations::MIGRATIONS;
use verifa_store::schema::LiveTable;
use verifa_vault::{BlobId, BlobStore};

use super::erasures::{prove, replay, survey};
use super::file::{FileFact, altered, check, failed, lines, read_whole};
use super::manifest::{BLOB_LIST, Manifest, TableFact, table_file};
use super::{BackupError, KEY_TABLES};
use crate::App;
use crate::engine::{Sealer, verify_chain};
use crate::error::AppError;

/// Rows written in one commit.
const AT_ONCE: usize = 500;

/// What is restored.
pub struct RestoreSource {
    /// The backup's directory.
    pub directory: PathBuf,
    /// The file of its keys.
    pub keys: PathBuf,
    /// A newer erasure log, with its end: who was erased after the backup was made.
    pub erasure_log: Option<PathBuf>,
}

/// What a restore did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Rows written.
    pub rows: u64,
    /// Images written.
    pub blobs: u64,
    /// Sessions that were erased again.
    pub erased_again: u64,
}

/// Name and wrapped bytes of the server's keys.
type ServerKeyRows = Vec<(String, Vec<u8>)>;

/// Restores. `open` makes the use cases over the database and the server's keys, which are not in
/// the database yet.
///
/// # Errors
/// When a file is not the backup's, the database is not empty, or something fails.
pub async fn restore(
    db: &Db,
    blobs: &BlobStore,
    clock: &dyn Clock,
    holder: Uuid,
    source: &RestoreSource,
    open: impl AsyncFnOnce(&[(String, Vec<u8>)]) -> Result<Arc<App>, AppError>,
) -> Result<Restored, BackupError> {
    let manifest = check_source(source).await?;
    let log = source.erasure_log.as_deref();
    if let Some(log) = log {
        survey(log, manifest.created_at).await?;
    }
    if db.schema(MIGRATIONS).await?.version != 0 {
        return Err(BackupError::DatabaseInUse);
    }
    db.migrate(&up_to(manifest.schema)?, clock, holder).await?;
    let mut rows = 0;
    for (name, fact) in &manifest.tables {
        if fact.file.is_some() {
            rows += load_table(db, name, fact, &source.directory).await?;
        }
    }
    let mut server_keys = load_keys(db, &manifest, &source.keys).await?;
    rows += server_keys.loaded;
    let blobs = load_blobs(blobs, &source.directory).await?;
    db.migrate(MIGRATIONS, clock, holder).await?;

    let app = open(&server_keys.named).await?;
    let erased_again = match log {
        Some(log) => {
            prove(&app, log).await?;
            replay(&app, log).await?
        }
        None => 0,
    };
    Sealer::new(Arc::clone(&app)).seal_all().await?;
    if verify_chain(&app).await?.fault.is_some() {
        return Err(BackupError::Broken("the audit chain is broken"));
    }
    if app.verify_erasures().await?.fault.is_some() {
        return Err(BackupError::Broken("the erasure log is broken"));
    }
    rows += server_keys.statements.len() as u64;
    let mut commit = Commit::new();
    commit.extend(server_keys.statements.drain(..));
    db.commit(commit).await?;
    db.checkpoint().await?;
    Ok(Restored {
        rows,
        blobs,
        erased_again,
    })
}

/// Holds every file to the manifest before anything is written. The images follow as they are read.
async fn check_source(source: &RestoreSource) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(&source.directory).await?;
    for (name, fact) in &manifest.tables {
        if let Some(file) = &fact.file {
            check(&source.directory.join(table_file(name)), file).await?;
        }
    }
    check(&source.directory.join(BLOB_LIST), &manifest.blob_list).await?;
    check(&source.keys, &manifest.keys).await?;
    Ok(manifest)
}

/// The migrations up to the backup's schema, which its rows fit.
fn up_to(schema: i64) -> Result<Vec<Migration>, BackupError> {
    let known = MIGRATIONS.last().map_or(0, |last| last.number);
    if schema > known {
        return Err(BackupError::Newer {
            found: schema,
            known,
        });
    }
    let below = MIGRATIONS.iter().filter(|one| one.number <= schema);
    Ok(below.copied().collect())
}

async fn table_of(db: &Db, name: &str, fact: &TableFact) -> Result<LiveTable, BackupError> {
    let table = dump::live_table(db, name, &fact.columns).await?;
    table.ok_or_else(|| BackupError::UnknownTable(name.to_owned()))
}

async fn load_table(
    db: &Db,
    name: &str,
    fact: &TableFact,
    directory: &Path,
) -> Result<u64, BackupError> {
    let table = table_of(db, name, fact).await?;
    let path = directory.join(table_file(name));
    let mut lines = lines(&path).await?;
    let mut batch = Batch::default();
    while let Some(line) = lines.next_line().await.map_err(failed(&path))? {
        let columns = dump::from_line(&line).map_err(|_| altered(&path))?;
        batch.add(db, dump::insert(&table, columns)).await?;
    }
    let rows = batch.finish(db).await?;
    if rows == fact.rows {
        Ok(rows)
    } else {
        Err(altered(&path))
    }
}

#[derive(Default)]
struct Batch {
    waiting: Vec<Stmt>,
    rows: u64,
}

impl Batch {
    async fn add(&mut self, db: &Db, statement: Stmt) -> Result<(), BackupError> {
        self.waiting.push(statement);
        if self.waiting.len() >= AT_ONCE {
            self.write(db).await?;
        }
        Ok(())
    }

    async fn write(&mut self, db: &Db) -> Result<(), BackupError> {
        self.rows += self.waiting.len() as u64;
        let mut commit = Commit::new();
        commit.extend(self.waiting.drain(..));
        Ok(db.commit(commit).await?)
    }

    async fn finish(mut self, db: &Db) -> Result<u64, BackupError> {
        self.write(db).await?;
        Ok(self.rows)
    }
}

/// The keys that were read: those of sessions are in the database, the server's are not yet.
struct LoadedKeys {
    loaded: u64,
    named: ServerKeyRows,
    statements: Vec<Stmt>,
}

async fn load_keys(db: &Db, manifest: &Manifest, path: &Path) -> Result<LoadedKeys, BackupError> {
    let [sessions, servers] = KEY_TABLES;
    let table = async |name: &str| match manifest.tables.get(name) {
        Some(fact) => table_of(db, name, fact).await,
        None => Err(altered(path)),
    };
    let (sessions, servers) = (table(sessions).await?, table(servers).await?);
    let column = |name: &str| servers.columns.iter().position(|column| column == name);
    let (name, wrapped) = (column("name"), column("wrapped"));
    let mut keys = LoadedKeys {
        loaded: 0,
        named: Vec::new(),
        statements: Vec::new(),
    };
    let mut batch = Batch::default();
    let mut lines = lines(path).await?;
    while let Some(line) = lines.next_line().await.map_err(failed(path))? {
        let (of, row): (String, String) = serde_json::from_str(&line).map_err(|_| altered(path))?;
        let columns = dump::from_line(&row).map_err(|_| altered(path))?;
        if of == sessions.name {
            batch.add(db, dump::insert(&sessions, columns)).await?;
        } else if of == servers.name {
            let named = verifa_store::db::Row::new(columns.clone());
            let place = |column: Option<usize>| column.unwrap_or(usize::MAX);
            keys.named
                .push((named.get(place(name))?, named.get(place(wrapped))?));
            keys.statements.push(dump::insert(&servers, columns));
        } else {
            return Err(altered(path));
        }
    }
    keys.loaded = batch.finish(db).await?;
    Ok(keys)
}

#[derive(Deserialize)]
struct BlobLine {
    id: String,
    #[serde(flatten)]
    fact: FileFact,
}

async fn load_blobs(blobs: &BlobStore, directory: &Path) -> Result<u64, BackupError> {
    let path = directory.join(BLOB_LIST);
    let mut lines = lines(&path).await?;
    let mut loaded = 0;
    while let Some(line) = lines.next_line().await.map_err(failed(&path))? {
        let line: BlobLine = serde_json::from_str(&line).map_err(|_| altered(&path))?;
        let id = Uuid::try_parse(&line.id).map_err(|_| altered(&path))?;
        let file = directory.join("blobs").join(id.simple().to_string());
        let content = read_whole(&file, &line.fact).await?;
        blobs.put_sealed(BlobId::new(id), content).await?;
        loaded += 1;
    }
    Ok(loaded)
}
