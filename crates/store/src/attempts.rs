//! Verification attempts: one row per attempt of a check, immutable once final.

use verifa_core::id::{Id, RunId, SessionId, VerificationId};
use verifa_core::session::CheckStatus;
use verifa_core::time::Timestamp;

use crate::columns::parsed;
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, session_id, run_id, node, policy, attempt_number, status, score, reasons, sealed, \
         engine, started_at, completed_at, duration_ms"
    };
}

statements! {
    INSERT = "verification_attempts.insert",
        "INSERT INTO verification_attempts (", columns!(), ") \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    OF_SESSION = "verification_attempts.of_session",
        "SELECT ", columns!(), " FROM verification_attempts WHERE session_id = ?1 \
         ORDER BY started_at, id";
    SCRUB = "verification_attempts.scrub",
        "UPDATE verification_attempts SET sealed = NULL, reasons = '[]', score = NULL \
         WHERE session_id = ?1";
}

/// One attempt of one check.
#[derive(Clone)]
pub struct AttemptRecord {
    /// Its id.
    pub id: VerificationId,
    /// The session.
    pub session_id: SessionId,
    /// The run that made it.
    pub run_id: RunId,
    /// The node that asked for it.
    pub node: String,
    /// The check's name.
    pub policy: String,
    /// 1 for the first; unique per session and policy.
    pub attempt_number: i64,
    /// Its outcome.
    pub status: CheckStatus,
    /// 0 to 1, where the check has one.
    pub score: Option<f64>,
    /// Codes and sentences without personal data, as JSON text.
    pub reasons: String,
    /// Details under the session's data key; absent once erased.
    pub sealed: Option<Vec<u8>>,
    /// Name and version of what judged.
    pub engine: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

impl AttemptRecord {
    /// Reads a row of [`of_session`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown status.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            session_id: row.id(1)?,
            run_id: row.id(2)?,
            node: row.get(3)?,
            policy: row.get(4)?,
            attempt_number: row.get(5)?,
            status: parsed(row, 6)?,
            score: row.get(7)?,
            reasons: row.get(8)?,
            sealed: row.get(9)?,
            engine: row.get(10)?,
            started_at: row.get(11)?,
            completed_at: row.get(12)?,
            duration_ms: row.get(13)?,
        })
    }
}

/// Inserts an attempt; its number is unique per session and policy.
pub fn insert(record: &AttemptRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.session_id.uuid().into(),
            record.run_id.uuid().into(),
            record.node.as_str().into(),
            record.policy.as_str().into(),
            record.attempt_number.into(),
            record.status.as_str().into(),
            record.score.into(),
            record.reasons.as_str().into(),
            record.sealed.clone().into(),
            record.engine.as_str().into(),
            record.started_at.into(),
            record.completed_at.into(),
            record.duration_ms.into(),
        ],
    )
    .expect(1)
}

/// Every attempt of a session, oldest first.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// Drops the details of a session's attempts.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}
