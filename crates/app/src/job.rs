//! Names of jobs: at most one job of a name exists at a time.

use uuid::Uuid;
use verifa_core::id::{CaseId, DocumentId, Id, MailId, RunId, SessionId};
use verifa_store::jobs::Job;

/// A job and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobName {
    /// Take a workflow run further.
    AdvanceRun(RunId),
    /// Give up waiting at a gate.
    GateTimeout(RunId),
    /// Expire a session whose capture token is over.
    ExpireSession(SessionId),
    /// Give a case back whose reviewer did nothing for half an hour.
    ReleaseCase(CaseId),
    /// Delete the blob of a document that is gone.
    DeleteBlob(DocumentId),
    /// Hand a mail over to its transport.
    SendMail(MailId),
    /// Remove what a mail of a redacted session left on this machine.
    ForgetMail(MailId),
    /// Forget what is kept for a time only. One for the whole database.
    Housekeeping,
    /// Delete images that belong to no document. One for the whole database.
    SweepBlobs,
    /// End retention windows that are over. One for the whole database.
    Retention,
}

impl JobName {
    /// The stored kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AdvanceRun(_) => "advance_run",
            Self::GateTimeout(_) => "gate_timeout",
            Self::ExpireSession(_) => "expire_session",
            Self::ReleaseCase(_) => "release_case",
            Self::DeleteBlob(_) => "delete_blob",
            Self::SendMail(_) => "send_mail",
            Self::ForgetMail(_) => "forget_mail",
            Self::Housekeeping => "housekeeping",
            Self::SweepBlobs => "sweep_blobs",
            Self::Retention => "retention",
        }
    }

    /// Whether its due time tells when something in a session's life happens, so that a sandbox's
    /// clock moves it. The server's own work keeps real time.
    pub const fn is_clocked(&self) -> bool {
        match self {
            Self::AdvanceRun(_)
            | Self::GateTimeout(_)
            | Self::ExpireSession(_)
            | Self::ReleaseCase(_) => true,
            Self::DeleteBlob(_)
            | Self::SendMail(_)
            | Self::ForgetMail(_)
            | Self::Housekeeping
            | Self::SweepBlobs
            | Self::Retention => false,
        }
    }

    /// The raw id of what it is about.
    pub fn subject(&self) -> Uuid {
        match self {
            Self::AdvanceRun(id) | Self::GateTimeout(id) => id.uuid(),
            Self::ExpireSession(id) => id.uuid(),
            Self::ReleaseCase(id) => id.uuid(),
            Self::DeleteBlob(id) => id.uuid(),
            Self::SendMail(id) | Self::ForgetMail(id) => id.uuid(),
            Self::Housekeeping | Self::SweepBlobs | Self::Retention => Uuid::nil(),
        }
    }

    /// Its unique name in the table.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind(), self.subject().simple())
    }

    /// Reads a claimed row; `None` for a kind that this release does not know.
    pub fn of(job: &Job) -> Option<Self> {
        let subject = job.subject_id;
        match job.kind.as_str() {
            "advance_run" => Some(Self::AdvanceRun(RunId::from_uuid(subject))),
            "gate_timeout" => Some(Self::GateTimeout(RunId::from_uuid(subject))),
            "expire_session" => Some(Self::ExpireSession(SessionId::from_uuid(subject))),
            "release_case" => Some(Self::ReleaseCase(CaseId::from_uuid(subject))),
            "delete_blob" => Some(Self::DeleteBlob(DocumentId::from_uuid(subject))),
            "send_mail" => Some(Self::SendMail(MailId::from_uuid(subject))),
            "forget_mail" => Some(Self::ForgetMail(MailId::from_uuid(subject))),
            "housekeeping" => Some(Self::Housekeeping),
            "sweep_blobs" => Some(Self::SweepBlobs),
            "retention" => Some(Self::Retention),
            _ => None,
        }
    }
}
