//! Document images of sessions; the bytes lie in the blob store under the document's id.

use verifa_core::id::{DocumentId, Id, OrganizationId, SessionId};
use verifa_core::session::{DocumentType, IdKind};
use verifa_core::time::Timestamp;

use crate::columns::{parsed, parsed_opt};
use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, session_id, organization_id, document_type, mime_type, size_bytes, width, height, \
         id_kind, poa_document_type, poa_document_date, created_at"
    };
}

statements! {
    INSERT = "documents.insert",
        "INSERT INTO documents (", columns!(), ") \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    OF_SESSION = "documents.of_session",
        "SELECT ", columns!(), " FROM documents WHERE session_id = ?1 ORDER BY document_type";
    BY_TYPE = "documents.by_type",
        "SELECT ", columns!(), " FROM documents WHERE session_id = ?1 AND document_type = ?2";
    DELETE = "documents.delete",
        "DELETE FROM documents WHERE id = ?1";
    IS_KNOWN = "documents.is_known",
        "SELECT id FROM documents WHERE id = ?1";
}

/// One stored image.
#[derive(Clone)]
pub struct DocumentRecord {
    /// Its id, and its blob's.
    pub id: DocumentId,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// Which side or picture it is.
    pub document_type: DocumentType,
    /// By content, never by name.
    pub mime_type: String,
    /// Bytes as sent.
    pub size_bytes: i64,
    /// Pixels across, as stored in the file.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
    /// The kind of identity document, where the sender said it.
    pub id_kind: Option<IdKind>,
    /// The kind of paper of a proof of address.
    pub poa_document_type: Option<String>,
    /// The paper's date, `YYYY-MM-DD`.
    pub poa_document_date: Option<String>,
    /// When it was received.
    pub created_at: Timestamp,
}

impl DocumentRecord {
    /// Reads a row of [`of_session`] or [`by_type`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown kind.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            session_id: row.id(1)?,
            organization_id: row.id(2)?,
            document_type: parsed(row, 3)?,
            mime_type: row.get(4)?,
            size_bytes: row.get(5)?,
            width: row.get(6)?,
            height: row.get(7)?,
            id_kind: parsed_opt(row, 8)?,
            poa_document_type: row.get(9)?,
            poa_document_date: row.get(10)?,
            created_at: row.get(11)?,
        })
    }
}

/// Inserts a document; a unique violation means that another upload of the type was first.
pub fn insert(record: &DocumentRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.session_id.uuid().into(),
            record.organization_id.uuid().into(),
            record.document_type.as_str().into(),
            record.mime_type.as_str().into(),
            record.size_bytes.into(),
            record.width.into(),
            record.height.into(),
            record.id_kind.map(IdKind::as_str).into(),
            record.poa_document_type.clone().into(),
            record.poa_document_date.clone().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// A session's documents.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// A session's document of one type.
pub fn by_type(session: SessionId, document_type: DocumentType) -> Stmt {
    stmt(
        BY_TYPE,
        vec![session.uuid().into(), document_type.as_str().into()],
    )
}

/// Removes one document's row; conflicts when it is gone already.
pub fn delete(id: DocumentId) -> Stmt {
    stmt(DELETE, vec![id.uuid().into()]).expect(1)
}

/// A row when there is such a document.
pub fn is_known(id: DocumentId) -> Stmt {
    stmt(IS_KNOWN, vec![id.uuid().into()])
}
