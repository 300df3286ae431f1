//! A lock on a data directory, so that two servers never share one SQLite file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::DbError;

/// The file that is locked, in the data directory.
const FILE_NAME: &str = "verifa.lock";

/// Held for as long as a server runs on its directory; the system frees it when the process ends
/// in whatever way.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Takes the lock of a directory, without waiting.
    ///
    /// # Errors
    /// [`DbError::Locked`] names the process that holds it; [`DbError::Unavailable`] when the
    /// lock file cannot be made.
    pub fn acquire(directory: &Path) -> Result<Self, DbError> {
        let unavailable = |error: std::io::Error| {
            DbError::Unavailable(format!(
                "cannot use {FILE_NAME} in the data directory: {error}"
            ))
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(directory.join(FILE_NAME))
            .map_err(unavailable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
            Err(TryLockError::Error(error)) => return Err(unavailable(error)),
        }
        file.set_len(0).map_err(unavailable)?;
        file.rewind().map_err(unavailable)?;
        write!(file, "{}", std::process::id()).map_err(unavailable)?;
        Ok(Self { _file: file })
    }
}

fn held(file: &mut File) -> DbError {
    let mut holder = String::new();
    let read = file.take(20).read_to_string(&mut holder);
    let holder = match read {
        Ok(_) if holder.bytes().all(|byte| byte.is_ascii_digit()) && !holder.is_empty() => {
            format!("process {holder}")
        }
        _ => "another process".to_owned(),
    };
    DbError::Locked(format!("{holder} serves this data directory"))
}
