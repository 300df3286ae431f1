//! What the object store's local directory leaves to us: its creation, and the files that a killed
//! process leaves half written.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use verifa_core::time::Timestamp;

/// Creates the directory, readable by its owner alone.
pub(super) fn create_directory(root: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(root)
}

/// Removes staging files (`name#1`) last touched before `before`; says how many.
pub(super) fn remove_staging_files(root: &Path, before: Timestamp) -> io::Result<u64> {
    let mut removed = 0;
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            // Not followed: a link in the store is not ours. Gone: an upload was finished just now.
            let Some(metadata) = unless_gone(fs::symlink_metadata(&path))? else {
                continue;
            };
            if metadata.is_dir() {
                directories.push(path);
            } else if is_staging_file(&path) && metadata.mtime() < before.as_seconds() {
                removed += u64::from(unless_gone(fs::remove_file(&path))?.is_some());
            }
        }
    }
    Ok(removed)
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The object store writes to `name#N` and renames; it hides such names from its own listings.
fn is_staging_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('#').is_some_and(|(_, digits)| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
