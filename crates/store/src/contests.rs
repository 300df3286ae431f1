//! A person's objection to a decision: one a session, until it is answered and a later decision is
//! contested.

use verifa_core::id::{Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

statements! {
    INSERT = "contests.insert",
        "INSERT INTO contests (session_id, organization_id, environment, sealed_words, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (session_id) DO UPDATE SET sealed_words = excluded.sealed_words, \
         created_at = excluded.created_at, answered_at = NULL \
         WHERE contests.answered_at IS NOT NULL";
    GET = "contests.get",
        "SELECT sealed_words, created_at, answered_at FROM contests WHERE session_id = ?1";
    ANSWER = "contests.answer",
        "UPDATE contests SET answered_at = ?2 WHERE session_id = ?1 AND answered_at IS NULL";
    SCRUB = "contests.scrub",
        "UPDATE contests SET sealed_words = NULL WHERE session_id = ?1";
}

/// An objection as stored.
pub struct ContestRecord {
    /// The person's words under the session's data key; absent once erased.
    pub sealed_words: Option<Vec<u8>>,
    /// When it came.
    pub created_at: Timestamp,
    /// When a reviewer answered it by a decision.
    pub answered_at: Option<Timestamp>,
}

impl ContestRecord {
    /// Reads a row of [`get`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            sealed_words: row.get(0)?,
            created_at: row.get(1)?,
            answered_at: row.get(2)?,
        })
    }
}

/// Notes an objection, in the place of an answered one; a conflict means that one waits already.
pub fn insert(session: SessionId, tenant: Tenant, record: &ContestRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            session.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            record.sealed_words.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// The objection to a session's decision, if any.
pub fn get(session: SessionId) -> Stmt {
    stmt(GET, vec![session.uuid().into()])
}

/// A reviewer has decided: the objection that waited for it, if any, is answered.
pub fn answer(session: SessionId, now: Timestamp) -> Stmt {
    stmt(ANSWER, vec![session.uuid().into(), now.into()])
}

/// Drops the words of an objection.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}
