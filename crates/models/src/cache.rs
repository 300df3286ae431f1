//! The shared cache of fetched files, so that tests and new installations needn't download again.

use std::path::PathBuf;

/// The environment variable that names a directory of already fetched files.
///
/// Files lie in it as `sha256/<hex>`; each is hashed before use, so the directory needs no trust.
pub const CACHE_VARIABLE: &str = "VERIFA_MODEL_CACHE";

/// The cache directory that [`CACHE_VARIABLE`] names, if it is set and not empty.
pub fn cache_from_environment() -> Option<PathBuf> {
    std::env::var_os(CACHE_VARIABLE)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
