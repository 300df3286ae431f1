//! Client tokens: what a browser exchanges for the capture flow once.

use verifa_core::id::{Id, OrganizationId, SessionId};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

statements! {
    INSERT = "client_tokens.insert",
        "INSERT INTO client_tokens (token_hash, session_id, expires_at) VALUES (?1, ?2, ?3)";
    GET = "client_tokens.get",
        "SELECT session_id, expires_at FROM client_tokens WHERE token_hash = ?1";
    TAKE = "client_tokens.take",
        "DELETE FROM client_tokens WHERE token_hash = ?1";
    DELETE_OF_SESSION = "client_tokens.delete_of_session",
        "DELETE FROM client_tokens WHERE session_id = ?1";
    DELETE_EXPIRED = "client_tokens.delete_expired",
        "DELETE FROM client_tokens WHERE token_hash IN \
         (SELECT token_hash FROM client_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2) \
         RETURNING token_hash";
    AGE = "client_tokens.age",
        "UPDATE client_tokens SET expires_at = expires_at - ?2 \
         WHERE session_id IN (SELECT id FROM sessions WHERE organization_id = ?1 \
         AND environment = 'sandbox' AND status IN ('pending', 'capturing'))";
}

/// Brings the ends of tokens nearer by so many microseconds, in an organization's sandbox.
pub fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}

/// What a client token stands for.
#[derive(Clone)]
pub struct ClientTokenRecord {
    /// The session that it opens.
    pub session_id: SessionId,
    /// When it runs out.
    pub expires_at: Timestamp,
}

impl ClientTokenRecord {
    /// Reads a row of [`get`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            session_id: row.id(0)?,
            expires_at: row.get(1)?,
        })
    }
}

/// Keeps a token by its keyed hash.
pub fn insert(hash: &[u8], session: SessionId, expires_at: Timestamp) -> Stmt {
    stmt(
        INSERT,
        vec![hash.into(), session.uuid().into(), expires_at.into()],
    )
    .expect(1)
}

/// The token with this keyed hash.
pub fn get(hash: &[u8]) -> Stmt {
    stmt(GET, vec![hash.into()])
}

/// Uses a token up; conflicts when somebody did before.
pub fn take(hash: &[u8]) -> Stmt {
    stmt(TAKE, vec![hash.into()]).expect(1)
}

/// Drops a session's tokens.
pub fn delete_of_session(session: SessionId) -> Stmt {
    stmt(DELETE_OF_SESSION, vec![session.uuid().into()])
}

/// Drops up to `most` tokens that are over; answers a row for each.
pub fn delete_expired(now: Timestamp, most: i64) -> Stmt {
    stmt(DELETE_EXPIRED, vec![now.into(), most.into()])
}
