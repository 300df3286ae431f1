//! `pack.json`: what was installed, for people, `doctor` and licence audits.
//!
//! Loading a model never trusts this file: the hashes that count are compiled in.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use crate::digest::Sha256Digest;
use crate::error::ModelError;
use crate::manifest::{Pack, Package, Registry};
use crate::store::{ModelState, ModelStore, new_temporary, persist};

#[derive(Serialize)]
struct PackFile {
    format: u32,
    models: BTreeMap<&'static str, Entry>,
}

#[derive(Serialize)]
struct Entry {
    pack: Pack,
    sha256: Sha256Digest,
    bytes: u64,
    purpose: &'static str,
    licence: &'static str,
    licence_texts: Vec<Sha256Digest>,
    source: Source,
}

#[derive(Serialize)]
struct Source {
    registry: Registry,
    package: &'static str,
    version: &'static str,
    archive: &'static str,
    archive_sha256: Sha256Digest,
    path: &'static str,
}

/// Replaces `pack.json` by a list of the models that are installed and right.
pub(crate) fn write(store: &ModelStore) -> Result<(), ModelError> {
    let mut models = BTreeMap::new();
    for package in store.packages() {
        for model in package.models {
            if store.state_of(&model.file) == ModelState::Ok {
                models.insert(model.name.as_str(), entry(package, model));
            }
        }
    }
    let path = store.directory().join("pack.json");
    let text = serde_json::to_vec_pretty(&PackFile { format: 1, models })
        .map_err(|error| ModelError::file("write", &path)(error.into()))?;
    let mut temporary = new_temporary(store.directory())?;
    temporary
        .write_all(&text)
        .map_err(ModelError::file("write", &path))?;
    persist(temporary, &path)
}

fn entry(package: &Package, model: &crate::manifest::PackagedModel) -> Entry {
    Entry {
        pack: package.pack,
        sha256: model.file.sha256,
        bytes: model.file.bytes,
        purpose: model.purpose,
        licence: package.licence,
        licence_texts: package
            .licence_files
            .iter()
            .map(|file| file.sha256)
            .collect(),
        source: Source {
            registry: package.registry,
            package: package.name,
            version: package.version,
            archive: package.archive,
            archive_sha256: package.archive_sha256,
            path: model.file.path,
        },
    }
}
