//! Kept answers of calls with an `Idempotency-Key`, written in the same commit as the effect.

use uuid::Uuid;
use verifa_core::id::{Id, OrganizationId, SessionId};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

/// The label of the insert, by which a lost race is recognised.
pub const INSERT_LABEL: &str = "idempotency.insert";

statements! {
    INSERT = "idempotency.insert",
        "INSERT INTO idempotency_keys (api_key_id, key_hash, fingerprint, session_id, status, \
         sealed, expires_at, organization_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    GET = "idempotency.get",
        "SELECT fingerprint, session_id, status, sealed, expires_at, organization_id \
         FROM idempotency_keys \
         WHERE api_key_id = ?1 AND key_hash = ?2";
    DELETE_ONE = "idempotency.delete_expired_one",
        "DELETE FROM idempotency_keys WHERE api_key_id = ?1 AND key_hash = ?2 \
         AND expires_at <= ?3";
    DELETE_EXPIRED = "idempotency.delete_expired",
        "DELETE FROM idempotency_keys WHERE (api_key_id, key_hash) IN \
         (SELECT api_key_id, key_hash FROM idempotency_keys WHERE expires_at <= ?1 \
         ORDER BY expires_at LIMIT ?2) RETURNING status";
    ERASE_OF_SESSION = "idempotency.erase_of_session",
        "UPDATE idempotency_keys SET sealed = ?2 WHERE session_id = ?1";
}

/// A kept answer.
pub struct KeptAnswer {
    /// Keyed hash of method, path and canonical body.
    pub fingerprint: Vec<u8>,
    /// The session whose data key seals the answer; absent: the organization's key does.
    pub session_id: Option<SessionId>,
    /// The organization whose key seals the answer, where it is not the caller's own.
    pub organization_id: Option<OrganizationId>,
    /// HTTP status.
    pub status: i64,
    /// The sealed body; empty once the session's data was deleted.
    pub sealed: Vec<u8>,
    /// When it may be forgotten.
    pub expires_at: Timestamp,
}

impl KeptAnswer {
    /// Reads a row of [`get`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            fingerprint: row.get(0)?,
            session_id: row.id_opt(1)?,
            status: row.get(2)?,
            sealed: row.get(3)?,
            expires_at: row.get(4)?,
            organization_id: row.id_opt(5)?,
        })
    }
}

/// Keeps an answer for the holder of a key or token; a unique violation means that another call with the key was first.
pub fn insert(holder: Uuid, key_hash: &[u8], answer: &KeptAnswer) -> Stmt {
    stmt(
        INSERT,
        vec![
            holder.into(),
            key_hash.into(),
            answer.fingerprint.as_slice().into(),
            answer.session_id.map(Id::uuid).into(),
            answer.status.into(),
            answer.sealed.as_slice().into(),
            answer.expires_at.into(),
            answer.organization_id.map(Id::uuid).into(),
        ],
    )
    .expect(1)
}

/// The answer kept for the holder of a key or token.
pub fn get(holder: Uuid, key_hash: &[u8]) -> Stmt {
    stmt(GET, vec![holder.into(), key_hash.into()])
}

/// Forgets this key's answer if its time is over, so that the key may be used anew.
pub fn delete_expired_one(holder: Uuid, key_hash: &[u8], now: Timestamp) -> Stmt {
    stmt(DELETE_ONE, vec![holder.into(), key_hash.into(), now.into()])
}

/// Forgets up to `most` answers whose time is over; a row for each that it forgot.
pub fn delete_expired(now: Timestamp, most: i64) -> Stmt {
    stmt(DELETE_EXPIRED, vec![now.into(), most.into()])
}

/// Empties the answers that concern a session. Their keys stay used: a call that is repeated
/// after its session was redacted must not happen twice.
pub fn erase_of_session(session: SessionId) -> Stmt {
    let nothing: &[u8] = &[];
    stmt(
        ERASE_OF_SESSION,
        vec![session.uuid().into(), nothing.into()],
    )
}
