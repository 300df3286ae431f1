//! The erasure log as a whole: checked against the audit trail, written out, and replayed over a
//! restored backup.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use verifa_core::id::{AuditEventId, Id, OrganizationId, SessionId};
use verifa_core::privacy::ErasureCause;
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::db::Stmt;
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::erasures::{self, ErasureRecord};
use verifa_vault::{AuditVerifier, BlobId, ErasureLogStatement};

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

/// A line that is none of this server's erasure log, or not where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineRefused {
    /// Another form.
    #[error("the line is none of an erasure log")]
    Malformed,
    /// Not signed by this server's audit key.
    #[error("the line is not signed by this server")]
    Forged,
    /// The log was over before it.
    #[error("the line stands behind the end of the log")]
    Behind,
    /// The end tells of other lines than those before it.
    #[error("lines before the end of the log were taken out, added or altered")]
    Differs,
}

/// The last line of an exported log: what it reaches; signed, since the lines alone don't tell
/// whether there were more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEnd {
    erasures: i64,
    last_erased_at_micros: Option<i64>,
    lines_sha256: String,
    exported_at_micros: i64,
    signature: String,
}

impl LogEnd {
    /// Until when every erasure is in the log, but for one that was being committed just then.
    pub const fn exported_at(&self) -> Timestamp {
        Timestamp::from_micros(self.exported_at_micros)
    }

    fn is_signed_by(&self, verifier: &AuditVerifier) -> bool {
        let hash = hex::decode(&self.lines_sha256).unwrap_or_default();
        let bytes = self.statement(&hash).signed_bytes();
        let signature = STANDARD.decode(&self.signature).unwrap_or_default();
        verifier.verify_statement(&bytes, &signature).is_ok()
    }

    fn statement<'a>(&self, hash: &'a [u8]) -> ErasureLogStatement<'a> {
        ErasureLogStatement {
            erasures: self.erasures,
            last_erased_at: self.last_erased_at_micros.map(Timestamp::from_micros),
            lines_hash: hash,
            exported_at: self.exported_at(),
        }
    }
}

/// What was seen of a log's lines: as they are written, and as they are read.
#[derive(Default)]
struct Lines {
    erasures: i64,
    last: Option<i64>,
    hasher: Sha256,
}

impl Lines {
    fn saw(&mut self, text: &str, erased_at: i64) {
        self.erasures = self.erasures.saturating_add(1);
        self.last = Some(erased_at);
        self.hasher.update(text.as_bytes());
        self.hasher.update(b"\n");
    }

    fn hash(&self) -> Vec<u8> {
        self.hasher.clone().finalize().to_vec()
    }
}

/// Reads an exported log line by line.
pub struct LogReader<'a> {
    verifier: Option<&'a AuditVerifier>,
    lines: Lines,
    end: Option<LogEnd>,
}

impl<'a> LogReader<'a> {
    /// Without a verifier only the form is held to: the key is not known before a backup is opened.
    pub fn new(verifier: Option<&'a AuditVerifier>) -> Self {
        Self {
            verifier,
            lines: Lines::default(),
            end: None,
        }
    }

    /// Takes the next line: an erasure, or nothing at an empty line and the end.
    ///
    /// # Errors
    /// When the line has another form or place, or another server signed it.
    pub fn take(&mut self, text: &str) -> Result<Option<ErasureRecord>, LineRefused> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if self.end.is_some() {
            return Err(LineRefused::Behind);
        }
        if let Ok(end) = serde_json::from_str::<LogEnd>(text) {
            self.take_end(end)?;
            return Ok(None);
        }
        let line: Line = serde_json::from_str(text).map_err(|_| LineRefused::Malformed)?;
        self.lines.saw(text, line.erased_at_micros);
        let record = line.into_record().ok_or(LineRefused::Malformed)?;
        let signed = self.verifier.is_none_or(|verifier| {
            let signature = &record.signature;
            verifier
                .verify_erasure(&statement(&record), signature)
                .is_ok()
        });
        if signed {
            Ok(Some(record))
        } else {
            Err(LineRefused::Forged)
        }
    }

    fn take_end(&mut self, end: LogEnd) -> Result<(), LineRefused> {
        if self
            .verifier
            .is_some_and(|verifier| !end.is_signed_by(verifier))
        {
            return Err(LineRefused::Forged);
        }
        let same = end.erasures == self.lines.erasures
            && end.last_erased_at_micros == self.lines.last
            && end.lines_sha256 == hex::encode(self.lines.hash());
        if !same {
            return Err(LineRefused::Differs);
        }
        self.end = Some(end);
        Ok(())
    }

    /// The log's end; `None` when it was not reached: the log was cut, or is none.
    pub fn finish(self) -> Option<LogEnd> {
        self.end
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

    /// Hands each row of the log over, oldest first.
    ///
    /// # Errors
    /// When the database fails, and whatever `take` answers.
    pub async fn each_erasure(
        &self,
        mut take: impl FnMut(&ErasureRecord) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let mut last: Option<ErasureRecord> = None;
        loop {
            let records = self.erasures_after(last.as_ref()).await?;
            if records.is_empty() {
                return Ok(());
            }
            records.iter().try_for_each(&mut take)?;
            last = records.into_iter().next_back();
        }
    }

    /// Hands each row of the log over as a line of JSON, and at last the log's end. Answers how many
    /// rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erasure_lines(&self, mut take: impl FnMut(String)) -> Result<i64, AppError> {
        const NO_JSON: AppError = AppError::Internal("an erasure is no JSON");
        // Before the first row is read: whatever is erased meanwhile is not promised.
        let exported_at = self.clock.now();
        let mut lines = Lines::default();
        self.each_erasure(|record| {
            let text = serde_json::to_string(&Line::of(record)).map_err(|_| NO_JSON)?;
            lines.saw(&text, record.erased_at.as_micros());
            take(text);
            Ok(())
        })
        .await?;
        let hash = lines.hash();
        let mut end = LogEnd {
            erasures: lines.erasures,
            last_erased_at_micros: lines.last,
            lines_sha256: hex::encode(&hash),
            exported_at_micros: exported_at.as_micros(),
            signature: String::new(),
        };
        let signer = self.keys.server().audit_signer();
        end.signature = STANDARD.encode(signer.sign_erasure_log(&end.statement(&hash)));
        take(serde_json::to_string(&end).map_err(|_| NO_JSON)?);
        Ok(lines.erasures)
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
        self.each_erasure(|record| {
            let signed = verifier.verify_erasure(&statement(record), &record.signature);
            match signed {
                Ok(()) if report.fault.is_none() => report.erasures += 1,
                Ok(()) => {}
                Err(_) => report.fault = Some(ErasureFault::Forged),
            }
            Ok(())
        })
        .await?;
        if report.fault.is_some() {
            return Ok(report);
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
