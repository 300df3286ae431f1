//! The master key, and whether it opens what the database holds.

use std::path::Path;

use verifa_store::db::DbError;
use verifa_store::organizations::OrganizationRecord;
use verifa_store::{keys, organizations};
use verifa_vault::{MasterKey, MasterKeyError, MasterKeyRing, ServerKeys, VaultError};

use super::fault::FaultKind;
use super::{Examination, with_causes};
use crate::config::MasterKeySource;

const MASTER_KEY: &str = "master key";
const STORED_KEYS: &str = "stored keys";

pub(super) fn examine_master_key(examination: &mut Examination<'_>) {
    let data = &examination.config.data;
    let source = data.master_key_source();
    let (loaded, from) = match &source {
        MasterKeySource::File(path) => (
            MasterKey::load_with(path, data.key_file_access(path)),
            format!("`{}`", path.display()),
        ),
        MasterKeySource::Text(text) => (
            MasterKey::from_text(text.expose()),
            "the configuration".to_owned(),
        ),
    };
    match loaded {
        Ok(key) => {
            let detail = format!("{} from {from}", key.id());
            examination.report.ok(MASTER_KEY, detail);
            examination.master_key = Some(key);
        }
        Err(error) => {
            let kind = match &error {
                MasterKeyError::Missing(_) => FaultKind::MasterKeyMissing,
                MasterKeyError::ReadableByOthers { .. } => FaultKind::MasterKeyExposed,
                _ => FaultKind::MasterKeyUnreadable,
            };
            let detail = match &error {
                // The only one that does not name the file.
                MasterKeyError::Malformed => format!("{from}: {error}"),
                _ => with_causes(&error),
            };
            examination.report.fault(MASTER_KEY, kind, detail);
        }
    }
    if let MasterKeySource::File(path) = &source
        && lies_inside(path, &examination.config.data.dir)
    {
        examination
            .report
            .fault(MASTER_KEY, FaultKind::MasterKeyInsideData, from);
    }
}

/// Resolved where possible, so that links and `..` do not hide it.
fn lies_inside(path: &Path, directory: &Path) -> bool {
    match (path.canonicalize(), directory.canonicalize()) {
        (Ok(path), Ok(directory)) => path.starts_with(directory),
        _ => path.starts_with(directory),
    }
}

pub(super) async fn examine_stored_keys(examination: &mut Examination<'_>) {
    if examination.database.is_none() {
        examination
            .report
            .skipped(STORED_KEYS, "the database could not be examined");
        return;
    }
    let Some(master) = examination.master_key.take() else {
        examination
            .report
            .skipped(STORED_KEYS, "there is no master key to open them with");
        return;
    };
    let id = master.id();
    let (kind, detail) = match open_all(examination, MasterKeyRing::new(master)).await {
        Ok(0) => (
            FaultKind::NotInitialised,
            "the database holds no organization".to_owned(),
        ),
        Ok(count) => {
            let detail = format!("the master key opens all of them; organizations: {count}");
            examination.report.ok(STORED_KEYS, detail);
            return;
        }
        Err(KeysFault::Vault(VaultError::OtherKey { wanted })) => {
            let detail = format!("sealed with {wanted}, the master key is {id}");
            (FaultKind::MasterKeyWrong, detail)
        }
        Err(KeysFault::Vault(error)) => (FaultKind::StoredKeysDamaged, error.to_string()),
        Err(KeysFault::Database(error)) => (FaultKind::DatabaseUnreachable, error.to_string()),
    };
    examination.report.fault(STORED_KEYS, kind, detail);
}

#[derive(Debug, thiserror::Error)]
enum KeysFault {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Opens every key that the master key wraps; says how many organizations there are.
async fn open_all(
    examination: &Examination<'_>,
    masters: MasterKeyRing,
) -> Result<usize, KeysFault> {
    let Some(database) = &examination.database else {
        return Ok(0);
    };
    let mut rows: Vec<(String, Vec<u8>)> = Vec::new();
    for row in database.query(keys::all_server()).await? {
        rows.push((row.get(0)?, row.get(1)?));
    }
    let organizations = database.query(organizations::all()).await?;
    if rows.is_empty() && organizations.is_empty() {
        return Ok(0);
    }
    ServerKeys::open(&masters, &rows)?;
    for row in &organizations {
        let record = OrganizationRecord::from_row(row)?;
        let place = verifa_app::keyring::organization_key_place(record.id);
        masters
            .holder_of(&record.wrapped_key)?
            .unwrap(&place, &record.wrapped_key)?;
    }
    Ok(organizations.len())
}
