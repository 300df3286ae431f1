//! The erasure log that a restore is given: that it reaches far enough, that it is this server's and
//! whole, and its replay.

use std::collections::HashSet;
use std::path::Path;

use verifa_core::id::SessionId;
use verifa_core::time::Timestamp;
use verifa_store::erasures::ErasureRecord;

use super::BackupError;
use super::file::{failed, lines};
use crate::App;
use crate::erasure_log::{LogEnd, LogReader};

/// Goes through a log; `None` when it has no end.
async fn read(
    path: &Path,
    mut reader: LogReader<'_>,
    mut take: impl AsyncFnMut(ErasureRecord) -> Result<(), BackupError>,
) -> Result<Option<LogEnd>, BackupError> {
    let mut lines = lines(path).await?;
    let mut number = 0;
    while let Some(line) = lines.next_line().await.map_err(failed(path))? {
        number += 1;
        let erasure = reader
            .take(&line)
            .map_err(|source| BackupError::ErasureLog { number, source })?;
        if let Some(erasure) = erasure {
            take(erasure).await?;
        }
    }
    Ok(reader.finish())
}

/// Before anything is written: whether the log is whole and newer than the backup. Its signatures
/// can't be checked yet.
pub(super) async fn survey(path: &Path, made_at: Timestamp) -> Result<(), BackupError> {
    let end = read(path, LogReader::new(None), async |_| Ok(())).await?;
    let end = end.ok_or_else(|| BackupError::ErasureLogCut(path.display().to_string()))?;
    let exported_at = end.exported_at();
    if exported_at < made_at {
        return Err(BackupError::ErasureLogOld {
            exported_at,
            made_at,
        });
    }
    Ok(())
}

/// That this server signed every line and the end, and that whatever the backup knows to be erased is
/// in it.
pub(super) async fn prove(app: &App, path: &Path) -> Result<(), BackupError> {
    let verifier = app.keys.server().audit_signer().verifier();
    let mut erased: HashSet<SessionId> = HashSet::new();
    let reader = LogReader::new(Some(&verifier));
    let end = read(path, reader, async |erasure| {
        erased.insert(erasure.session_id);
        Ok(())
    })
    .await?;
    if end.is_none() {
        return Err(BackupError::ErasureLogCut(path.display().to_string()));
    }
    let mut lacks = false;
    app.each_erasure(|held| {
        lacks |= !erased.contains(&held.session_id);
        Ok(())
    })
    .await?;
    if lacks {
        return Err(BackupError::ErasureLogLacks);
    }
    Ok(())
}

/// Erases again whoever was erased since; answers how many were there.
pub(super) async fn replay(app: &App, path: &Path) -> Result<u64, BackupError> {
    let verifier = app.keys.server().audit_signer().verifier();
    let mut count = 0;
    read(path, LogReader::new(Some(&verifier)), async |erasure| {
        count += u64::from(app.erase_again(&erasure).await?);
        Ok(())
    })
    .await?;
    Ok(count)
}
