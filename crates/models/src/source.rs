//! Where files come from when the registry isn't asked: a shared cache, or a directory that
//! somebody carried over.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::archive;
use crate::error::ModelError;
use crate::manifest::{Package, PackagedFile};
use crate::store::{ModelState, ModelStore, content_path, state_of, write_content};

/// The package's files that the store lacks, or holds with other bytes.
pub(crate) fn absent(store: &ModelStore, package: &Package) -> Vec<&'static PackagedFile> {
    package
        .files()
        .filter(|file| store.state_of(file) != ModelState::Ok)
        .collect()
}

/// Takes what the cache holds with the right bytes; the rest stays absent.
pub(crate) fn install_from_cache(
    store: &ModelStore,
    package: &Package,
    cache: &Path,
) -> Result<(), ModelError> {
    for file in absent(store, package) {
        if let Ok(mut content) = File::open(content_path(cache, file.sha256)) {
            // A file with other bytes is as good as none.
            store.install(file, &mut content)?;
        }
    }
    Ok(())
}

/// Puts the package's installed files into the cache for the next caller.
///
/// A cache that can't be written is no fault of the fetch: it is only said in the log.
pub(crate) fn fill_cache(store: &ModelStore, package: &Package, cache: &Path) {
    for file in package.files() {
        if state_of(&content_path(cache, file.sha256), file) == ModelState::Ok {
            continue;
        }
        let path = store.path_of(file.sha256);
        let written = File::open(&path)
            .map_err(ModelError::file("read", &path))
            .and_then(|mut content| write_content(cache, file, &mut content));
        if let Err(error) = written {
            tracing::warn!(%error, "the model cache can't be written");
            return;
        }
    }
}

/// Installs from a directory that holds the archive, or the unpacked files.
///
/// Unpacked files may lie under their own name, under their path in the archive, or as
/// `sha256/<hex>` (a copy of another installation's `models` directory).
pub(crate) fn install_from_directory(
    store: &ModelStore,
    package: &Package,
    directory: &Path,
) -> Result<(), ModelError> {
    let archive = directory.join(package.archive);
    if archive.is_file() {
        return install_from_archive(store, package, &archive);
    }
    for file in absent(store, package) {
        let path =
            find_unpacked(directory, file).ok_or_else(|| missing(package, directory, file))?;
        let mut content = File::open(&path).map_err(ModelError::file("read", &path))?;
        if !store.install(file, &mut content)? {
            return Err(ModelError::WrongFile {
                path: file.path.to_owned(),
                origin: directory.display().to_string(),
                expected: file.sha256,
            });
        }
    }
    Ok(())
}

/// Verifies an archive and installs the package's files from it.
pub(crate) fn install_from_archive(
    store: &ModelStore,
    package: &Package,
    path: &Path,
) -> Result<(), ModelError> {
    archive::verify(package, path)?;
    archive::unpack(package, path, &mut |file, content| {
        if store.install(file, &mut &mut *content)? {
            return Ok(());
        }
        Err(ModelError::WrongFile {
            path: file.path.to_owned(),
            origin: package.archive.to_owned(),
            expected: file.sha256,
        })
    })
}

fn find_unpacked(directory: &Path, file: &PackagedFile) -> Option<PathBuf> {
    let by_digest = content_path(directory, file.sha256);
    [
        directory.join(file.path),
        directory.join(file.file_name()),
        by_digest,
    ]
    .into_iter()
    .find(|path| path.is_file())
}

fn missing(package: &Package, directory: &Path, file: &PackagedFile) -> ModelError {
    if package
        .licence_files
        .iter()
        .any(|licence| licence.path == file.path)
    {
        return ModelError::LicenceMissing {
            origin: directory.display().to_string(),
            path: file.file_name().to_owned(),
        };
    }
    ModelError::NotInDirectory {
        directory: directory.to_owned(),
        archive: package.archive.to_owned(),
        file: file.file_name().to_owned(),
    }
}
