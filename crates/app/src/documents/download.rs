//! Downloading a document by its signed link; no API key.

use verifa_core::id::{Id, SessionId};
use verifa_core::session::DocumentType;
use verifa_store::documents::{self as store, DocumentRecord};
use verifa_vault::{BlobContent, BlobError, BlobId};

use crate::App;
use crate::document_link::link_subject;
use crate::error::{AppError, Thing};

/// A document's bytes, decrypted as they are read.
pub struct OpenedDocument {
    /// By content.
    pub mime_type: String,
    /// The bytes and their number.
    pub content: BlobContent,
}

const NOT_FOUND: AppError = AppError::NotFound(Thing::Document);
const GONE: AppError = AppError::Gone("The session's documents have been deleted.");

impl App {
    /// Opens a document. `expires` and `signature` are the link's, as is `of_export`: a link of an
    /// export also opens once the sensitive window is over.
    ///
    /// # Errors
    /// Forbidden when the link is forged or over; not found when the document is gone; gone when
    /// the sensitive window is over.
    pub async fn open_document(
        &self,
        session: &str,
        document_type: &str,
        expires: i64,
        signature: &str,
        of_export: bool,
    ) -> Result<OpenedDocument, AppError> {
        // Malformed ids are unknown ids; a forged link learns nothing from the difference.
        let id: SessionId = session
            .parse()
            .map_err(|_| AppError::NotFound(Thing::Session))?;
        let now = self.clock.now();
        let signer = self.keys.server().url_signer();
        let subject = link_subject(document_type, of_export);
        signer
            .verify(id, &subject, expires, signature, now)
            .map_err(|_| AppError::Forbidden("The link is not valid any more."))?;
        let kind = DocumentType::parse(document_type).ok_or(NOT_FOUND)?;
        let session = self.session_by_id(id).await?;
        if session.disclosed().is_none() && !of_export {
            return Err(GONE);
        }
        let row = self
            .db
            .query_opt(store::by_type(id, kind))
            .await?
            .ok_or(NOT_FOUND)?;
        let document = DocumentRecord::from_row(&row)?;
        let key = session.key.as_ref().ok_or(NOT_FOUND)?;
        let content = self.blobs.get(BlobId::new(document.id.uuid()), key).await;
        let content = content.map_err(|error| match error {
            BlobError::NotFound => NOT_FOUND,
            error => error.into(),
        })?;
        Ok(OpenedDocument {
            mime_type: document.mime_type,
            content,
        })
    }
}
