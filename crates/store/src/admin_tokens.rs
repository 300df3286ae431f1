//! Tokens of the operator, found by the keyed hash of their secret.

use verifa_core::id::{AdminTokenId, Id};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, token_prefix, label, expires_at, revoked_at, last_used_at, created_at"
    };
}

statements! {
    INSERT = "admin_tokens.insert",
        "INSERT INTO admin_tokens (", columns!(), ", secret_hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    BY_HASH = "admin_tokens.by_hash",
        "SELECT ", columns!(), " FROM admin_tokens WHERE secret_hash = ?1";
    GET = "admin_tokens.get",
        "SELECT ", columns!(), " FROM admin_tokens WHERE id = ?1";
    LIST = "admin_tokens.list",
        "SELECT ", columns!(), " FROM admin_tokens ORDER BY id DESC LIMIT 1000";
    TOUCH = "admin_tokens.touch",
        "UPDATE admin_tokens SET last_used_at = ?2 WHERE id = ?1";
    REVOKE = "admin_tokens.revoke",
        "UPDATE admin_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
}

/// One token, without its secret.
#[derive(Debug, Clone)]
pub struct AdminTokenRecord {
    /// Its id.
    pub id: AdminTokenId,
    /// The first characters of the secret, for people to recognise it by.
    pub token_prefix: String,
    /// Short name.
    pub label: Option<String>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody stopped it.
    pub revoked_at: Option<Timestamp>,
    /// Roughly when it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl AdminTokenRecord {
    /// Reads a row of [`by_hash`], [`get`] or [`list`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            token_prefix: row.get(1)?,
            label: row.get(2)?,
            expires_at: row.get(3)?,
            revoked_at: row.get(4)?,
            last_used_at: row.get(5)?,
            created_at: row.get(6)?,
        })
    }

    /// Whether it works at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// Inserts a token under the keyed hash of its secret.
pub fn insert(record: &AdminTokenRecord, secret_hash: &[u8]) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.token_prefix.as_str().into(),
            record.label.clone().into(),
            record.expires_at.into(),
            record.revoked_at.into(),
            record.last_used_at.into(),
            record.created_at.into(),
            secret_hash.into(),
        ],
    )
    .expect(1)
}

/// The token whose secret hashes to `secret_hash`.
pub fn by_hash(secret_hash: &[u8]) -> Stmt {
    stmt(BY_HASH, vec![secret_hash.into()])
}

/// One token by id.
pub fn get(id: AdminTokenId) -> Stmt {
    stmt(GET, vec![id.uuid().into()])
}

/// The newest thousand tokens.
pub fn list() -> Stmt {
    stmt(LIST, vec![])
}

/// Notes a use.
pub fn touch(id: AdminTokenId, now: Timestamp) -> Stmt {
    stmt(TOUCH, vec![id.uuid().into(), now.into()])
}

/// Stops a token for good.
pub fn revoke(id: AdminTokenId, now: Timestamp) -> Stmt {
    stmt(REVOKE, vec![id.uuid().into(), now.into()]).expect(1)
}
