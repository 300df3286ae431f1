//! What somebody can read who has everything: the database, the images, the master key.
//!
//! Every column of every row is opened under every key that the master key leads to, whatever the
//! product itself would do with it; and every image. An erasure is worth what this does not find.

use std::path::{Path, PathBuf};

use uuid::Uuid;
use verifa_core::id::{Id as _, OrganizationId};
use verifa_store::classification::{self, Class};
use verifa_store::db::{Db, PostgresOptions, Row, SqliteOptions};
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_store::schema::{LiveTable, live_tables};
use verifa_store::{dump, keys};
use verifa_testkit::Installation;
use verifa_vault::{BlobId, BlobStore, DataKey, MasterKey, OrganizationKey, Place};

/// Everything that can be read, each with where it was.
pub(crate) struct Reading(Vec<(String, Vec<u8>)>);

impl Reading {
    /// Where these bytes are found.
    pub(crate) fn places_of(&self, needle: &[u8]) -> Vec<&str> {
        let found = self.0.iter().filter(|(_, bytes)| contains(bytes, needle));
        found.map(|(place, _)| place.as_str()).collect()
    }
}

pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|part| part == needle)
}

/// The database of an installation, past its server.
pub(crate) async fn database(installation: &Installation) -> Db {
    match installation.database.url() {
        None => {
            let path = installation.data_directory().join("verifa.db");
            Db::open_sqlite(&path, SqliteOptions::default())
                .await
                .unwrap()
        }
        Some(url) => {
            let options = PostgresOptions {
                connections: 2,
                listen: false,
                ..PostgresOptions::default()
            };
            Db::connect_postgres(&url, options).await.unwrap()
        }
    }
}

struct Keys {
    organizations: Vec<OrganizationKey>,
    sessions: Vec<DataKey>,
}

async fn open_keys(db: &Db, installation: &Installation) -> Keys {
    let master = MasterKey::load(&installation.master_key_path()).unwrap();
    let mut found = Keys {
        organizations: Vec::new(),
        sessions: Vec::new(),
    };
    for row in db.query(organizations::all()).await.unwrap() {
        let record = OrganizationRecord::from_row(&row).unwrap();
        let place = Place::new("organizations", "wrapped_key", record.id.uuid());
        if let Ok(key) = master.unwrap(&place, &record.wrapped_key) {
            found.organizations.push(key);
        }
    }
    let table = table(db, "data_keys").await;
    for row in db.query(dump::select(&table)).await.unwrap() {
        let id: Uuid = column(&table, &row, "id");
        let organization: Uuid = column(&table, &row, "organization_id");
        let wrapped: Vec<u8> = column(&table, &row, "wrapped");
        let _named = OrganizationId::from_uuid(organization);
        let place = Place::new("data_keys", "wrapped", id);
        let opened = found
            .organizations
            .iter()
            .find_map(|key| key.unwrap(&place, &wrapped).ok());
        found.sessions.extend(opened);
    }
    // The product's own way to the same keys must not see more than this one.
    assert!(db.query(keys::all_server()).await.unwrap().len() >= 5);
    found
}

async fn table(db: &Db, name: &str) -> LiveTable {
    let mut tables = live_tables(db).await.unwrap().into_iter();
    tables.find(|table| table.name == name).expect("the table")
}

fn column<T: verifa_store::db::FromValue>(table: &LiveTable, row: &Row, name: &str) -> T {
    let place = table.columns.iter().position(|column| column == name);
    row.get(place.expect("the column")).unwrap()
}

/// Opens everything that there is.
pub(crate) async fn read_everything(installation: &Installation) -> Reading {
    let db = database(installation).await;
    let keys = open_keys(&db, installation).await;
    let mut read = Vec::new();
    for table in live_tables(&db).await.unwrap() {
        let known = classification::tables().find(|known| known.name == table.name);
        for row in db.query(dump::select(&table)).await.unwrap() {
            let ids: Vec<Uuid> = (0..table.columns.len())
                .filter_map(|place| row.get::<Uuid>(place).ok())
                .collect();
            for (place, name) in table.columns.iter().enumerate() {
                let at = format!("{}.{name}", table.name);
                if let Ok(text) = row.get::<String>(place) {
                    read.push((at, text.into_bytes()));
                    continue;
                }
                let Ok(bytes) = row.get::<Vec<u8>>(place) else {
                    continue;
                };
                if let Some(known) = known
                    && let Some(column) = known.columns.iter().find(|column| column.name == name)
                {
                    let opened = open(&keys, known.name, column.name, &ids, &bytes);
                    read.extend(
                        opened
                            .into_iter()
                            .map(|text| (format!("{at} opened"), text)),
                    );
                }
                read.push((at, bytes));
            }
        }
    }
    read.extend(images(installation, &keys).await);
    db.close().await;
    Reading(read)
}

/// The plaintexts of a column under any key and any id of its row.
fn open(
    keys: &Keys,
    table: &'static str,
    column: &'static str,
    ids: &[Uuid],
    sealed: &[u8],
) -> Vec<Vec<u8>> {
    let mut opened = Vec::new();
    for id in ids {
        let place = Place::new(table, column, *id);
        let by_session = keys.sessions.iter().map(|key| key.open(&place, sealed));
        let by_organization = keys
            .organizations
            .iter()
            .map(|key| key.open(&place, sealed));
        for text in by_session.chain(by_organization).flatten() {
            opened.push(text.to_vec());
        }
    }
    opened
}

async fn images(installation: &Installation, keys: &Keys) -> Vec<(String, Vec<u8>)> {
    let root = installation.data_directory().join("blobs");
    let store = BlobStore::local(&root).unwrap();
    let mut read = Vec::new();
    for path in files_below(&root) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let at = format!("blob {name}");
        read.push((at.clone(), std::fs::read(&path).unwrap()));
        let Ok(id) = Uuid::try_parse(&name) else {
            continue;
        };
        for key in &keys.sessions {
            if let Ok(bytes) = store.get_all(BlobId::new(id), key, u64::MAX).await {
                read.push((format!("{at} opened"), bytes.to_vec()));
            }
        }
    }
    read
}

/// Every file below a directory.
pub(crate) fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut open = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in directory.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            // Links lead to the models, which are nobody's data.
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// The files below a directory that hold these bytes as they are.
pub(crate) fn grep(root: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = files_below(root);
    found.retain(|path| std::fs::read(path).is_ok_and(|bytes| contains(&bytes, needle)));
    found
}

/// The rows of a table that belong to a session, itself or through another table, as they stand, each
/// with its columns' names.
pub(crate) async fn rows_of(
    db: &Db,
    known: &classification::Table,
    session: Uuid,
) -> Vec<Vec<(&'static str, Class, verifa_store::db::Value)>> {
    let through = classification::THROUGH.iter();
    let mut through = through.filter(|(name, _, _)| *name == known.name);
    let (owner, owners) = match (known.session, through.next()) {
        (Some(owner), _) => (owner, vec![session]),
        (None, Some((_, column, other))) => {
            let mut others = classification::tables();
            let other = others.find(|table| table.name == *other).unwrap();
            let live = table(db, other.name).await;
            let rows = db.query(dump::select(&live)).await.unwrap();
            let mine = rows.iter().filter(|row| {
                column_of(&live, row, other.session.unwrap()).is_some_and(|id| id == session)
            });
            let ids = mine.filter_map(|row| column_of(&live, row, "id"));
            (*column, ids.collect())
        }
        (None, None) => return Vec::new(),
    };
    let table = table(db, known.name).await;
    let rows = db.query(dump::select(&table)).await.unwrap();
    let mine = rows
        .iter()
        .filter(|row| column_of(&table, row, owner).is_some_and(|id| owners.contains(&id)));
    mine.map(|row| {
        let columns = known.columns.iter();
        columns
            .map(|column| {
                let live = table.columns.iter();
                let place = live.clone().position(|name| name == column.name).unwrap();
                let value = row.value(place).unwrap().clone();
                (column.name, column.class, value)
            })
            .collect()
    })
    .collect()
}

/// An id in a row; `None` where the column is null.
fn column_of(table: &LiveTable, row: &Row, name: &str) -> Option<Uuid> {
    let place = table.columns.iter().position(|column| column == name);
    row.get(place.expect("the column")).ok()
}
