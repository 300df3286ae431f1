// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `documents`.

use super::types::{Document, Documents, DownloadSessionDocumentQuery, UploadSessionDocumentForm};
use crate::call::Call;
use crate::{Client, Error};
use reqwest::Method;

impl Client {
    /// List a session's documents.
    ///
    /// `GET /api/v1/sessions/{id}/documents`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_session_documents(&self, id: &str) -> std::result::Result<Documents, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/documents", &[id]);
        self.json(call).await
    }

    /// Upload a document.
    ///
    /// A picture of the same type replaces the earlier one. The first one moves a pending session to
    /// `capturing`.
    ///
    /// `POST /api/v1/sessions/{id}/documents`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn upload_session_document(
        &self,
        id: &str,
        form: UploadSessionDocumentForm,
    ) -> std::result::Result<Document, Error> {
        let call =
            Call::new(Method::POST, "/api/v1/sessions/{id}/documents", &[id]).form(form.fields());
        self.json(call).await
    }

    /// Download a document.
    ///
    /// The signed link of the list; no API key. The signature covers session, type and expiry.
    ///
    /// `GET /api/v1/sessions/{id}/documents/{doc_type}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn download_session_document(
        &self,
        id: &str,
        doc_type: &str,
        query: &DownloadSessionDocumentQuery,
    ) -> std::result::Result<Vec<u8>, Error> {
        let call = Call::new(
            Method::GET,
            "/api/v1/sessions/{id}/documents/{doc_type}",
            &[id, doc_type],
        )
        .query(query)?;
        self.bytes(call).await
    }
}
