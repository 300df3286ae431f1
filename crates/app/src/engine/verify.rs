//! Checks the audit chain against its checkpoints: `verifa audit verify`.

use verifa_store::audit::{self, AuditRecord, CheckpointRecord};
use verifa_vault::{AuditVerifier, ChainHash, Checkpoint, chain_hash};

use super::sealer::canonical;
use crate::App;
use crate::error::AppError;

const BATCH: i64 = 1_000;

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainFault {
    /// A number is missing, or two events share one.
    Gap,
    /// An event is not what it was when it was numbered.
    Altered,
    /// A checkpoint does not stand for the chain's hash at its number.
    CheckpointDiffers,
    /// A checkpoint's signature is not the server's.
    ForgedCheckpoint,
    /// Events behind the last checkpoint, or a head that is gone: the tail may have been cut.
    Unanchored,
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Events checked.
    pub events: i64,
    /// Checkpoints checked.
    pub checkpoints: i64,
    /// The first fault and the number it stands at.
    pub fault: Option<(i64, ChainFault)>,
}

/// Recomputes the whole chain and compares it with every signed checkpoint, also while a server
/// goes on sealing: events and their checkpoint come in one commit.
///
/// # Errors
/// When the database fails.
pub async fn verify_chain(app: &App) -> Result<ChainReport, AppError> {
    let verifier = app.keys.server().audit_signer().verifier();
    let mut report = ChainReport {
        events: 0,
        checkpoints: 0,
        fault: None,
    };
    let mut hash = ChainHash::GENESIS;
    let mut checkpoint: Option<CheckpointRecord> = None;
    let anchored = loop {
        // Asked before the events: those it stands for are among the ones that follow.
        let last = app.db.query_opt(audit::last_checkpoint()).await?;
        let rows = app.db.query(audit::chain(report.events, BATCH)).await?;
        // Asked after them: the checkpoint of what was read is there.
        if checkpoint.is_none() {
            checkpoint = next_checkpoint(app, report.events).await?;
        }
        if rows.is_empty() {
            break last.as_ref().map_or(Ok(0), |row| {
                CheckpointRecord::from_row(row).map(|last| last.seq)
            })?;
        }
        for row in &rows {
            let event = AuditRecord::from_row(row)?;
            let seq = report.events + 1;
            if event.seq != Some(seq) {
                report.fault = Some((seq, ChainFault::Gap));
                return Ok(report);
            }
            hash = chain_hash(&hash, seq.unsigned_abs(), &canonical(&event));
            if event.hash.as_deref() != Some(hash.as_bytes().as_slice()) {
                report.fault = Some((seq, ChainFault::Altered));
                return Ok(report);
            }
            report.events = seq;
            if let Some(found) = checkpoint.take_if(|found| found.seq == seq) {
                if let Some(fault) = check(&found, &hash, &verifier) {
                    report.fault = Some((seq, fault));
                    return Ok(report);
                }
                report.checkpoints += 1;
                checkpoint = next_checkpoint(app, seq).await?;
            }
        }
    };
    // A checkpoint for an event that is not there, or events that no checkpoint stands for.
    if anchored != report.events {
        let place = anchored.max(report.events);
        report.fault = Some((place, ChainFault::Unanchored));
    }
    Ok(report)
}

fn check(
    stored: &CheckpointRecord,
    hash: &ChainHash,
    verifier: &AuditVerifier,
) -> Option<ChainFault> {
    if stored.hash != hash.as_bytes() {
        return Some(ChainFault::CheckpointDiffers);
    }
    let checkpoint = Checkpoint {
        sequence: stored.seq.unsigned_abs(),
        chain_hash: *hash,
        time: stored.created_at,
    };
    verifier
        .verify(&checkpoint, &stored.signature)
        .err()
        .map(|_| ChainFault::ForgedCheckpoint)
}

async fn next_checkpoint(app: &App, after: i64) -> Result<Option<CheckpointRecord>, AppError> {
    let row = app.db.query_opt(audit::checkpoints(after, 1)).await?;
    row.as_ref()
        .map(CheckpointRecord::from_row)
        .transpose()
        .map_err(Into::into)
}
