//! Fetching the model pack: from the cache, a directory or a registry, into the data directory.

use std::path::{Path, PathBuf};

use crate::cache::cache_from_environment;
use crate::error::ModelError;
use crate::manifest::{PACKAGES, Pack, Package};
use crate::pack_file;
use crate::registry::RegistryClients;
use crate::source;
use crate::store::ModelStore;

/// What a fetch is doing, for a progress line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// All files of the package are installed and right already.
    Present {
        /// Name and version.
        package: String,
    },
    /// The package's archive is on its way.
    Downloading {
        /// Name and version.
        package: String,
        /// Bytes that have arrived; an estimate, never more than `total_bytes`.
        received_bytes: u64,
        /// Length of the archive.
        total_bytes: u64,
    },
    /// Hashes are being checked and files written.
    Installing {
        /// Name and version.
        package: String,
    },
    /// The package is installed.
    Installed {
        /// Name and version.
        package: String,
    },
}

/// How to fetch. `FetchOptions::default()` asks the registries, and the cache that
/// [`crate::CACHE_VARIABLE`] names.
pub struct FetchOptions<'a> {
    /// Which packs; [`Pack::REQUIRED`] by default.
    pub packs: Vec<Pack>,
    /// A directory with the archives or the unpacked files; then no registry is asked.
    pub from: Option<PathBuf>,
    /// A directory shared between installations, read first and filled afterwards.
    pub cache: Option<PathBuf>,
    /// The programs that speak to the registries.
    pub clients: RegistryClients,
    /// Told of each step.
    pub on_progress: Box<dyn FnMut(Progress) + 'a>,
}

impl Default for FetchOptions<'_> {
    fn default() -> Self {
        Self {
            packs: Pack::REQUIRED.to_vec(),
            from: None,
            cache: cache_from_environment(),
            clients: RegistryClients::default(),
            on_progress: Box::new(|_| ()),
        }
    }
}

/// What a fetch did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// Packages whose files were all installed already.
    pub present: usize,
    /// Packages installed from the cache or the given directory.
    pub installed_locally: usize,
    /// Packages downloaded from a registry.
    pub downloaded: usize,
}

/// Makes sure that the wanted packs are installed below the data directory.
///
/// Files that are installed with the right bytes aren't fetched again; altered ones are replaced.
/// Blocks for as long as the download takes.
pub fn fetch(data_directory: &Path, options: FetchOptions<'_>) -> Result<FetchReport, ModelError> {
    fetch_manifest(data_directory, PACKAGES, options)
}

/// [`fetch`] with another manifest: for tests and for models of one's own.
pub fn fetch_manifest(
    data_directory: &Path,
    packages: &'static [Package],
    mut options: FetchOptions<'_>,
) -> Result<FetchReport, ModelError> {
    let store = ModelStore::with_packages(data_directory, packages);
    let mut report = FetchReport::default();
    let wanted = packages
        .iter()
        .filter(|package| options.packs.contains(&package.pack));
    for package in wanted.collect::<Vec<_>>() {
        let name = package.requirement();
        if source::absent(&store, package).is_empty() {
            report.present += 1;
            (options.on_progress)(Progress::Present { package: name });
            continue;
        }
        if install(&store, package, &mut options)? == Origin::Registry {
            report.downloaded += 1;
        } else {
            report.installed_locally += 1;
        }
        if let Some(cache) = &options.cache {
            source::fill_cache(&store, package, cache);
        }
        (options.on_progress)(Progress::Installed { package: name });
    }
    if report != FetchReport::default() {
        pack_file::write(&store)?;
    }
    Ok(report)
}

#[derive(PartialEq, Eq)]
enum Origin {
    Local,
    Registry,
}

fn install(
    store: &ModelStore,
    package: &Package,
    options: &mut FetchOptions<'_>,
) -> Result<Origin, ModelError> {
    let name = package.requirement();
    if let Some(cache) = &options.cache {
        source::install_from_cache(store, package, cache)?;
        if source::absent(store, package).is_empty() {
            return Ok(Origin::Local);
        }
    }
    if let Some(directory) = &options.from {
        (options.on_progress)(Progress::Installing { package: name });
        source::install_from_directory(store, package, directory)?;
        return Ok(Origin::Local);
    }
    let folder = tempfile::Builder::new()
        .prefix("verifa-models-")
        .tempdir()
        .map_err(ModelError::file("write in", &std::env::temp_dir()))?;
    let total_bytes = package.archive_bytes;
    let mut tell = |received: u64| {
        (options.on_progress)(Progress::Downloading {
            package: package.requirement(),
            received_bytes: received.min(total_bytes),
            total_bytes,
        });
    };
    tell(0);
    let archive = options
        .clients
        .download(package, folder.path(), &mut tell)?;
    (options.on_progress)(Progress::Installing { package: name });
    source::install_from_archive(store, package, &archive)?;
    Ok(Origin::Registry)
}
