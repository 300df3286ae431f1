//! One-time links of sessions: at most one active at a time, each used once.

use verifa_core::id::{Id, LinkId, OrganizationId, SessionId};
use verifa_core::session::LinkStatus;
use verifa_core::time::Timestamp;

use crate::columns::parsed;
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, session_id, organization_id, status, token_hash, sealed_token, expires_at, created_at"
    };
}

statements! {
    INSERT = "one_time_links.insert",
        "INSERT INTO one_time_links (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    BY_TOKEN = "one_time_links.by_token",
        "SELECT ", columns!(), " FROM one_time_links WHERE token_hash = ?1";
    OF_SESSION = "one_time_links.of_session",
        "SELECT ", columns!(), " FROM one_time_links WHERE session_id = ?1 \
         ORDER BY id DESC LIMIT ?2";
    CONSUME = "one_time_links.consume",
        "UPDATE one_time_links SET status = 'consumed', token_hash = NULL, sealed_token = NULL, \
         ended_at = ?2 WHERE id = ?1 AND status = 'active'";
    REVOKE = "one_time_links.revoke",
        "UPDATE one_time_links SET status = CASE WHEN expires_at <= ?2 THEN 'expired' \
         ELSE 'revoked' END, token_hash = NULL, sealed_token = NULL, ended_at = ?2 \
         WHERE session_id = ?1 AND status = 'active'";
    AGE = "one_time_links.age",
        "UPDATE one_time_links SET expires_at = expires_at - ?2 WHERE status = 'active' \
         AND session_id IN (SELECT id FROM sessions WHERE organization_id = ?1 \
         AND environment = 'sandbox' AND status IN ('pending', 'capturing'))";
}

/// Brings the ends of active links nearer by so many microseconds, in an organization's sandbox.
pub fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}

/// A one-time link.
#[derive(Clone)]
pub struct LinkRecord {
    /// Its id.
    pub id: LinkId,
    /// The session that it opens.
    pub session_id: SessionId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// As stored; one that is over by the clock may still say `active`.
    pub status: LinkStatus,
    /// Keyed hash of its token; absent once it ended.
    pub token_hash: Option<Vec<u8>>,
    /// Its token under the session's data key; absent once it ended.
    pub sealed_token: Option<Vec<u8>>,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl LinkRecord {
    /// Reads a row of [`by_token`] or [`of_session`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown status.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            session_id: row.id(1)?,
            organization_id: row.id(2)?,
            status: parsed(row, 3)?,
            token_hash: row.get(4)?,
            sealed_token: row.get(5)?,
            expires_at: row.get(6)?,
            created_at: row.get(7)?,
        })
    }
}

/// Inserts a link.
pub fn insert(record: &LinkRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.session_id.uuid().into(),
            record.organization_id.uuid().into(),
            record.status.as_str().into(),
            record.token_hash.clone().into(),
            record.sealed_token.clone().into(),
            record.expires_at.into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// The link that a token belongs to, by the token's keyed hash.
pub fn by_token(hash: &[u8]) -> Stmt {
    stmt(BY_TOKEN, vec![hash.into()])
}

/// The newest `most` links of a session, newest first.
pub fn of_session(session: SessionId, most: i64) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into(), most.into()])
}

/// Uses a link up; conflicts when it is not active any more.
pub fn consume(id: LinkId, now: Timestamp) -> Stmt {
    stmt(CONSUME, vec![id.uuid().into(), now.into()]).expect(1)
}

/// Ends a session's active link, if it has one.
pub fn revoke(session: SessionId, now: Timestamp) -> Stmt {
    stmt(REVOKE, vec![session.uuid().into(), now.into()])
}
