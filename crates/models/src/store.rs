//! The installed models: content-addressed files below the data directory, hashed at every use.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::digest::{Sha256Digest, copy_and_digest};
use crate::error::ModelError;
use crate::manifest::{ModelName, PACKAGES, Pack, Package, PackagedFile, PackagedModel};

/// Whether an installed model can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// Installed, with the expected bytes.
    Ok,
    /// Not installed.
    Missing,
    /// A file is there, with other bytes or unreadable.
    Altered,
}

/// What is known of one model of the manifest.
#[derive(Debug, Clone, Serialize)]
pub struct ModelStatus {
    /// Which model.
    pub name: ModelName,
    /// The pack it belongs to.
    pub pack: Pack,
    /// Whether it can be used.
    pub state: ModelState,
    /// Where it lies or should lie.
    pub path: PathBuf,
    /// The SHA-256 it must have.
    pub sha256: Sha256Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// SPDX expression of its licence.
    pub licence: &'static str,
    /// Registry, name and version of the package it comes from.
    pub source: String,
    /// What it does.
    pub purpose: &'static str,
}

/// A directory of models, `<data directory>/models`.
#[derive(Debug, Clone)]
pub struct ModelStore {
    directory: PathBuf,
    packages: &'static [Package],
}

impl ModelStore {
    /// The store below a data directory. Nothing is read or made yet.
    pub fn in_data_directory(data_directory: &Path) -> Self {
        Self {
            directory: data_directory.join("models"),
            packages: PACKAGES,
        }
    }

    pub(crate) fn with_packages(data_directory: &Path, packages: &'static [Package]) -> Self {
        Self {
            directory: data_directory.join("models"),
            packages,
        }
    }

    /// The directory that holds `pack.json` and `sha256/`.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn packages(&self) -> &'static [Package] {
        self.packages
    }

    /// Where a file with this content lies, if it is installed.
    pub fn path_of(&self, sha256: Sha256Digest) -> PathBuf {
        content_path(&self.directory, sha256)
    }

    /// The state of each model of the given packs; every file is read and hashed.
    pub fn status(&self, packs: &[Pack]) -> Vec<ModelStatus> {
        let mut all = Vec::new();
        for package in self
            .packages
            .iter()
            .filter(|package| packs.contains(&package.pack))
        {
            for model in package.models {
                all.push(ModelStatus {
                    name: model.name,
                    pack: package.pack,
                    state: self.state_of(&model.file),
                    path: self.path_of(model.file.sha256),
                    sha256: model.file.sha256,
                    bytes: model.file.bytes,
                    licence: package.licence,
                    source: format!("{} {}", package.registry, package.requirement()),
                    purpose: model.purpose,
                });
            }
        }
        all
    }

    /// The bytes of a model, after their SHA-256 was found right.
    ///
    /// Reads and hashes the whole file; load once and keep the network.
    pub fn load(&self, name: ModelName) -> Result<Vec<u8>, ModelError> {
        let Some(model) = self.model(name) else {
            return Err(ModelError::Missing {
                name,
                path: self.directory.clone(),
            });
        };
        let path = self.path_of(model.file.sha256);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ModelError::Missing { name, path });
            }
            Err(error) => return Err(ModelError::file("read", &path)(error)),
        };
        // One byte more than expected tells a file that grew, without reading all of it.
        let limit = model.file.bytes.saturating_add(1);
        let mut bytes = Vec::with_capacity(usize::try_from(limit).unwrap_or(0));
        file.take(limit)
            .read_to_end(&mut bytes)
            .map_err(ModelError::file("read", &path))?;
        if Sha256Digest::of(&bytes) != model.file.sha256 {
            return Err(ModelError::Altered {
                name,
                path,
                expected: model.file.sha256,
            });
        }
        Ok(bytes)
    }

    fn model(&self, name: ModelName) -> Option<&'static PackagedModel> {
        self.packages
            .iter()
            .flat_map(|package| package.models)
            .find(|model| model.name == name)
    }

    pub(crate) fn state_of(&self, file: &PackagedFile) -> ModelState {
        state_of(&self.path_of(file.sha256), file)
    }

    /// Installs a file from a reader: temporary file, hash, fsync, rename, fsync of the directory.
    ///
    /// `Ok(false)`: the bytes read weren't the expected ones, and nothing was installed.
    pub(crate) fn install(
        &self,
        file: &PackagedFile,
        content: &mut dyn Read,
    ) -> Result<bool, ModelError> {
        write_content(&self.directory, file, content)
    }
}

/// The state of each model that this release needs; every file is read and hashed.
pub fn status(data_directory: &Path) -> Vec<ModelStatus> {
    ModelStore::in_data_directory(data_directory).status(&Pack::REQUIRED)
}

/// The bytes of an installed model, after their SHA-256 was found right.
pub fn load(data_directory: &Path, name: ModelName) -> Result<Vec<u8>, ModelError> {
    ModelStore::in_data_directory(data_directory).load(name)
}

pub(crate) fn content_path(directory: &Path, sha256: Sha256Digest) -> PathBuf {
    directory.join("sha256").join(sha256.to_string())
}

pub(crate) fn state_of(path: &Path, file: &PackagedFile) -> ModelState {
    let opened = match File::open(path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return ModelState::Missing,
        Err(_) => return ModelState::Altered,
    };
    match Sha256Digest::of_reader(opened.take(file.bytes.saturating_add(1))) {
        Ok((digest, _)) if digest == file.sha256 => ModelState::Ok,
        _ => ModelState::Altered,
    }
}

/// Writes a content-addressed file below `directory`; `Ok(false)` when the content is another.
pub(crate) fn write_content(
    directory: &Path,
    file: &PackagedFile,
    content: &mut dyn Read,
) -> Result<bool, ModelError> {
    let path = content_path(directory, file.sha256);
    let folder = directory.join("sha256");
    fs::create_dir_all(&folder).map_err(ModelError::file("make", &folder))?;
    let mut temporary = new_temporary(&folder)?;
    let mut bounded = content.take(file.bytes.saturating_add(1));
    let (digest, _) = copy_and_digest(&mut bounded, temporary.as_file_mut())
        .map_err(ModelError::file("write", &path))?;
    if digest != file.sha256 {
        return Ok(false);
    }
    persist(temporary, &path)?;
    Ok(true)
}

/// A temporary file in the same folder as its destination, readable by the service's group.
pub(crate) fn new_temporary(folder: &Path) -> Result<tempfile::NamedTempFile, ModelError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".incoming-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    builder
        .tempfile_in(folder)
        .map_err(ModelError::file("write in", folder))
}

/// Makes a finished temporary file appear under its name, durably.
pub(crate) fn persist(temporary: tempfile::NamedTempFile, path: &Path) -> Result<(), ModelError> {
    temporary
        .as_file()
        .sync_all()
        .map_err(ModelError::file("write", path))?;
    temporary
        .persist(path)
        .map_err(|error| ModelError::file("write", path)(error.error))?;
    if let Some(folder) = path.parent() {
        // Without this the new name itself may be lost in a power cut.
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(ModelError::file("write", folder))?;
    }
    Ok(())
}
