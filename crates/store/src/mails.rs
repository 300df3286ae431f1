//! Mails on their way to applicants and operators.

use uuid::Uuid;
use verifa_core::id::{Id, MailId, SessionId, first_uuid_at};
use verifa_core::mail::{MailKind, MailStatus};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::{parsed, tenant_at};
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, organization_id, environment, session_id, kind, status, sealed, created_at"
    };
}

statements! {
    INSERT = "mails.insert",
        "INSERT INTO mails (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    BY_ID = "mails.by_id",
        "SELECT ", columns!(), " FROM mails WHERE id = ?1";
    OF_SESSION = "mails.of_session",
        "SELECT ", columns!(), " FROM mails WHERE session_id = ?1 ORDER BY id";
    END = "mails.end",
        "UPDATE mails SET status = ?2, reason = ?3, ended_at = ?4, sealed = NULL \
         WHERE id = ?1 AND status = 'queued'";
    FORGETTABLE = "mails.forgettable",
        "SELECT ", columns!(), " FROM mails WHERE id > ?1 AND id < ?2 AND status <> 'queued' \
         AND (ended_at IS NULL OR ended_at < ?3) \
         AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = mails.session_id \
         AND s.legal_hold_at IS NOT NULL) ORDER BY id LIMIT ?4";
    FORGET = "mails.forget",
        "DELETE FROM mails WHERE id = ?1 AND status <> 'queued'";
    SCRUB = "mails.scrub",
        "UPDATE mails SET sealed = NULL, \
         status = CASE WHEN status = 'queued' THEN 'dropped' ELSE status END \
         WHERE session_id = ?1";
}

/// One mail to one recipient.
#[derive(Clone)]
pub struct MailRecord {
    /// Its id; its `Message-ID` comes of it, so that a mail sent twice is seen as one.
    pub id: MailId,
    /// Whose it is.
    pub tenant: Tenant,
    /// The session that it is about, if any.
    pub session_id: Option<SessionId>,
    /// What it is for.
    pub kind: MailKind,
    /// Where it stands.
    pub status: MailStatus,
    /// Recipient and subject matter, under the session's data key, or the organization's where
    /// there is no session; absent once the mail ended.
    pub sealed: Option<Vec<u8>>,
    /// When it was queued.
    pub created_at: Timestamp,
}

impl MailRecord {
    /// Reads a row of [`by_id`], [`of_session`] or [`forgettable`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown word.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            session_id: row.id_opt(3)?,
            kind: parsed(row, 4)?,
            status: parsed(row, 5)?,
            sealed: row.get(6)?,
            created_at: row.get(7)?,
        })
    }
}

/// Queues a mail.
pub fn insert(record: &MailRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.session_id.map(Id::uuid).into(),
            record.kind.as_str().into(),
            record.status.as_str().into(),
            record.sealed.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// One mail.
pub fn by_id(id: MailId) -> Stmt {
    stmt(BY_ID, vec![id.uuid().into()])
}

/// The mails of a session, oldest first.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// Ends a queued mail and forgets what it held; conflicts when it had ended. `reason` is a word of
/// ours or the code of an SMTP answer, never its text.
pub fn end(id: MailId, status: MailStatus, reason: Option<&str>, now: Timestamp) -> Stmt {
    stmt(
        END,
        vec![
            id.uuid().into(),
            status.as_str().into(),
            reason.into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// Up to `most` mails with an id behind `after` that are older than `before` and ended before it,
/// oldest first.
pub fn forgettable(after: Uuid, before: Timestamp, most: i64) -> Stmt {
    stmt(
        FORGETTABLE,
        vec![
            after.into(),
            first_uuid_at(before).into(),
            before.into(),
            most.into(),
        ],
    )
}

/// Deletes a mail that ended.
pub fn forget(id: MailId) -> Stmt {
    stmt(FORGET, vec![id.uuid().into()])
}

/// Forgets what a session's mails hold; those that wait are dropped.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}
