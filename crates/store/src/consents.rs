//! Records of consent.

use verifa_core::id::{ConsentId, Id, OrganizationId, SessionId};
use verifa_core::privacy::ConsentSource;
use verifa_core::time::Timestamp;

use crate::columns::parsed;
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, session_id, organization_id, version, biometric, source, sealed_ip, given_at, \
         recorded_at"
    };
}

statements! {
    INSERT = "consents.insert",
        "INSERT INTO consents (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    OF_SESSION = "consents.of_session",
        "SELECT ", columns!(), " FROM consents WHERE session_id = ?1 ORDER BY id";
    SCRUB = "consents.scrub",
        "UPDATE consents SET sealed_ip = NULL WHERE session_id = ?1";
}

/// One record. It outlives a redaction, without the address, as the proof that consent was given.
#[derive(Clone)]
pub struct ConsentRecord {
    /// Its id.
    pub id: ConsentId,
    /// The session.
    pub session_id: SessionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The version of the text.
    pub version: String,
    /// Whether biometric processing is included.
    pub biometric: bool,
    /// Through whom it came.
    pub source: ConsentSource,
    /// The person's address under the session's data key.
    pub sealed_ip: Option<Vec<u8>>,
    /// When the person consented.
    pub given_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl ConsentRecord {
    /// Reads a row of [`of_session`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown word.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            session_id: row.id(1)?,
            organization_id: row.id(2)?,
            version: row.get(3)?,
            biometric: row.get(4)?,
            source: parsed(row, 5)?,
            sealed_ip: row.get(6)?,
            given_at: row.get(7)?,
            recorded_at: row.get(8)?,
        })
    }
}

/// Inserts a record.
pub fn insert(record: &ConsentRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.session_id.uuid().into(),
            record.organization_id.uuid().into(),
            record.version.as_str().into(),
            record.biometric.into(),
            record.source.as_str().into(),
            record.sealed_ip.clone().into(),
            record.given_at.into(),
            record.recorded_at.into(),
        ],
    )
    .expect(1)
}

/// A session's records, oldest first.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// Drops the addresses of a session's records.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}
