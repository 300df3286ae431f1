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
    /// A kept checkpoint is not signed by this server.
    KeptForged,
    /// A kept checkpoint stands for another hash than the chain has at its number.
    KeptDiffers,
    /// The chain ends before a kept checkpoint.
    KeptBehindEnd,
}

/// A checkpoint that was exported, and kept where the keeper of the database can't change it.
pub struct KeptCheckpoint {
    /// What was exported.
    pub record: CheckpointRecord,
    /// The public key that the export names, if it names one.
    pub public_key: Option<Vec<u8>>,
}

impl KeptCheckpoint {
    /// What is wrong, where the chain has `hash` at its number, or has no such number.
    fn fault(&self, hash: Option<&ChainHash>, verifier: &AuditVerifier) -> Option<ChainFault> {
        let key = verifier.to_bytes();
        if self.public_key.as_ref().is_some_and(|named| *named != key) {
            return Some(ChainFault::KeptForged);
        }
        // Its own hash, not the chain's: whether it is genuine comes before what it says.
        let signed = ChainHash::from_stored(&self.record.hash)
            .is_some_and(|hash| is_signed(&self.record, hash, verifier));
        if !signed {
            return Some(ChainFault::KeptForged);
        }
        match hash {
            None => Some(ChainFault::KeptBehindEnd),
            Some(hash) if self.record.hash != hash.as_bytes() => Some(ChainFault::KeptDiffers),
            Some(_) => None,
        }
    }
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Events checked.
    pub events: i64,
    /// Checkpoints of the database checked.
    pub checkpoints: i64,
    /// Kept checkpoints that the chain agrees with.
    pub kept: i64,
    /// The first fault and the number it stands at.
    pub fault: Option<(i64, ChainFault)>,
}

impl ChainReport {
    const fn broken(mut self, seq: i64, fault: ChainFault) -> Self {
        self.fault = Some((seq, fault));
        self
    }
}

/// Recomputes the whole chain and compares it with every signed checkpoint, also while a server
/// goes on sealing: events and their checkpoint come in one commit.
///
/// # Errors
/// When the database fails.
pub async fn verify_chain(app: &App) -> Result<ChainReport, AppError> {
    verify_chain_against(app, Vec::new()).await
}

/// As [`verify_chain`], and with checkpoints that were kept elsewhere: whoever keeps the database can
/// cut its end off together with the checkpoints there, but not these.
///
/// # Errors
/// When the database fails.
pub async fn verify_chain_against(
    app: &App,
    mut kept: Vec<KeptCheckpoint>,
) -> Result<ChainReport, AppError> {
    let verifier = app.keys.server().audit_signer().verifier();
    kept.sort_by_key(|kept| kept.record.seq);
    let mut kept = kept.into_iter().peekable();
    let mut report = ChainReport {
        events: 0,
        checkpoints: 0,
        kept: 0,
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
                return Ok(report.broken(seq, ChainFault::Gap));
            }
            hash = chain_hash(&hash, seq.unsigned_abs(), &canonical(&event));
            if event.hash.as_deref() != Some(hash.as_bytes().as_slice()) {
                return Ok(report.broken(seq, ChainFault::Altered));
            }
            report.events = seq;
            if let Some(found) = checkpoint.take_if(|found| found.seq == seq) {
                if let Some(fault) = check(&found, &hash, &verifier) {
                    return Ok(report.broken(seq, fault));
                }
                report.checkpoints += 1;
                checkpoint = next_checkpoint(app, seq).await?;
            }
            while let Some(found) = kept.next_if(|found| found.record.seq <= seq) {
                if let Some(fault) = found.fault(Some(&hash), &verifier) {
                    return Ok(report.broken(found.record.seq, fault));
                }
                report.kept += 1;
            }
        }
    };
    if let Some(found) = kept.next()
        && let Some(fault) = found.fault(None, &verifier)
    {
        return Ok(report.broken(found.record.seq, fault));
    }
    // A checkpoint for an event that is not there, or events that no checkpoint stands for.
    if anchored != report.events {
        let place = anchored.max(report.events);
        return Ok(report.broken(place, ChainFault::Unanchored));
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
    let signed = is_signed(stored, *hash, verifier);
    (!signed).then_some(ChainFault::ForgedCheckpoint)
}

fn is_signed(record: &CheckpointRecord, hash: ChainHash, verifier: &AuditVerifier) -> bool {
    let checkpoint = Checkpoint {
        sequence: record.seq.unsigned_abs(),
        chain_hash: hash,
        time: record.created_at,
    };
    verifier.verify(&checkpoint, &record.signature).is_ok()
}

async fn next_checkpoint(app: &App, after: i64) -> Result<Option<CheckpointRecord>, AppError> {
    let row = app.db.query_opt(audit::checkpoints(after, 1)).await?;
    row.as_ref()
        .map(CheckpointRecord::from_row)
        .transpose()
        .map_err(Into::into)
}
