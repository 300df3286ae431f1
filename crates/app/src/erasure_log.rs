//! The erasure log as a whole: checked against the audit trail, written out, and replayed over a
//! restored backup.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use verifa_core::id::{AuditEventId, Id, OrganizationId, SessionId};
use verifa_core::privacy::ErasureCause;
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::db::Stmt;
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::erasures::{self, ErasureRecord};
use verifa_vault::{AuditVerifier, BlobId};

use crate::actor::{Actor, Who};
use crate::error::AppError;
use crate::sessions::{erase, statement};
use crate::{App, Change};

const BATCH: i64 = 500;

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureFault {
    /// A row's signature is not the server's.
    Forged,
    /// The audit trail tells of a redaction that the log does not have.
    Unlogged,
    /// The log has a row that no audit event stands behind.
    Unaudited,
    /// An erased session has a data key again.
    Undone,
}

/// What a check of the log found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureReport {
    /// Rows checked.
    pub erasures: i64,
    /// The first fault.
    pub fault: Option<ErasureFault>,
}

/// A row as a line of JSON; signed, so that it may travel.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    session_id: SessionId,
    organization_id: OrganizationId,
    environment: Environment,
    cause: ErasureCause,
    documents_removed: i64,
    audit_event_id: AuditEventId,
    erased_at_micros: i64,
    signature: String,
}

impl Line {
    fn of(record: &ErasureRecord) -> Self {
        Self {
            session_id: record.session_id,
            organization_id: record.tenant.organization,
            environment: record.tenant.environment,
            cause: record.cause,
            documents_removed: record.documents_removed,
            audit_event_id: record.audit_event_id,
            erased_at_micros: record.erased_at.as_micros(),
            signature: STANDARD.encode(&record.signature),
        }
    }

    fn into_record(self) -> Option<ErasureRecord> {
        Some(ErasureRecord {
            session_id: self.session_id,
            tenant: Tenant {
                organization: self.organization_id,
                environment: self.environment,
            },
            cause: self.cause,
            documents_removed: self.documents_removed,
            audit_event_id: self.audit_event_id,
            erased_at: Timestamp::from_micros(self.erased_at_micros),
            signature: STANDARD.decode(&self.signature).ok()?,
        })
    }
}

/// A line that is no row of this server's erasure log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineRefused {
    /// Another form.
    #[error("the line is none of an erasure log")]
    Malformed,
    /// Not signed by this server's audit key.
    #[error("the line is not signed by this server")]
    Forged,
}

/// Reads a line that [`App::erasure_lines`] wrote, and checks its signature.
///
/// # Errors
/// When it has another form, or another server signed it.
pub fn read_line(text: &str, verifier: &AuditVerifier) -> Result<ErasureRecord, LineRefused> {
    let line: Line = serde_json::from_str(text).map_err(|_| LineRefused::Malformed)?;
    let record = line.into_record().ok_or(LineRefused::Malformed)?;
    match verifier.verify_erasure(&statement(&record), &record.signature) {
        Ok(()) => Ok(record),
        Err(_) => Err(LineRefused::Forged),
    }
}

impl App {
    /// The next rows of the log behind `last`, oldest first; empty at the end.
    async fn erasures_after(
        &self,
        last: Option<&ErasureRecord>,
    ) -> Result<Vec<ErasureRecord>, AppError> {
        let (time, session) = last.map_or((Timestamp::default(), uuid::Uuid::nil()), |last| {
            (last.erased_at, last.session_id.uuid())
        });
        let rows = self.db.query(erasures::after(time, session, BATCH)).await?;
        let records = rows.iter().map(ErasureRecord::from_row);
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// Hands each row of the log over as a line of JSON.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erasure_lines(&self, mut take: impl FnMut(String)) -> Result<i64, AppError> {
        let mut count = 0;
        let mut last: Option<ErasureRecord> = None;
        loop {
            let records = self.erasures_after(last.as_ref()).await?;
            if records.is_empty() {
                return Ok(count);
            }
            for record in &records {
                let line = serde_json::to_string(&Line::of(record))
                    .map_err(|_| AppError::Internal("an erasure is no JSON"))?;
                take(line);
                count += 1;
            }
            last = records.into_iter().next_back();
        }
    }

    /// Checks every signature of the log, and the log against the audit trail and the keys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_erasures(&self) -> Result<ErasureReport, AppError> {
        let verifier = self.keys.server().audit_signer().verifier();
        let mut report = ErasureReport {
            erasures: 0,
            fault: None,
        };
        let mut last: Option<ErasureRecord> = None;
        loop {
            let records = self.erasures_after(last.as_ref()).await?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                let signed = verifier.verify_erasure(&statement(record), &record.signature);
                if signed.is_err() {
                    report.fault = Some(ErasureFault::Forged);
                    return Ok(report);
                }
                report.erasures += 1;
            }
            last = records.into_iter().next_back();
        }
        let questions: [(Stmt, ErasureFault); 3] = [
            (erasures::unlogged(), ErasureFault::Unlogged),
            (erasures::unaudited(), ErasureFault::Unaudited),
            (erasures::undone(), ErasureFault::Undone),
        ];
        for (question, fault) in questions {
            let row = self.db.query_opt(question).await?;
            let count: i64 = row.map_or(Ok(0), |row| row.get(0))?;
            if count > 0 {
                report.fault = Some(fault);
                break;
            }
        }
        Ok(report)
    }

    /// Erases again what was erased before: a session that a restored backup brought back. Whether
    /// there was anything to erase. Its images go at once, not by a job: nobody serves yet.
    ///
    /// # Errors
    /// When the database or the blob store fails.
    pub async fn erase_again(&self, erasure: &ErasureRecord) -> Result<bool, AppError> {
        let id = erasure.session_id;
        let mut session = match self.session_by_id(id).await {
            Ok(session) => session,
            Err(AppError::NotFound(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        if session.is_redacted() {
            return Ok(false);
        }
        let rows = self.db.query(documents::of_session(id)).await?;
        let images = rows.iter().map(DocumentRecord::from_row);
        let images = images.collect::<Result<Vec<_>, _>>()?;
        let actor = Actor {
            tenant: session.record.tenant,
            who: Who::CommandLine,
            request: None,
        };
        let mut change = Change::after(self, &actor, session.record.updated_at);
        erase(self, &mut change, &mut session, ErasureCause::Restore).await?;
        self.apply(change.into_commit()).await?;
        for image in images {
            self.blobs.delete(BlobId::new(image.id.uuid())).await?;
        }
        Ok(true)
    }
}
