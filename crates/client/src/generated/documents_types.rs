// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `documents`.

use crate::call::Part;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// What [`crate::Client::upload_session_document`] sends.
#[derive(Clone)]
pub struct UploadSessionDocumentForm {
    /// JPEG, PNG or WebP, at most 10 MB; known by content, not by name or header.
    pub file: Vec<u8>,
    /// `id_front`, `id_back`, `selfie`, `proof_of_address` or `supporting`.
    pub document_type: String,
    /// The kind of identity document, where you know it.
    pub id_type: Option<String>,
    /// The kind of paper; needed for `proof_of_address`.
    pub poa_document_type: Option<String>,
    /// The paper's date, `YYYY-MM-DD`.
    pub poa_document_date: Option<String>,
}

impl UploadSessionDocumentForm {
    pub(crate) fn fields(self) -> Vec<(&'static str, Part)> {
        let mut fields = Vec::new();
        fields.push(("file", Part::File(self.file)));
        fields.push(("document_type", Part::Text(self.document_type)));
        fields.extend(self.id_type.map(|value| ("id_type", Part::Text(value))));
        fields.extend(
            self.poa_document_type
                .map(|value| ("poa_document_type", Part::Text(value))),
        );
        fields.extend(
            self.poa_document_date
                .map(|value| ("poa_document_date", Part::Text(value))),
        );
        fields
    }
}

/// What [`crate::Client::download_session_document`] is asked for.
#[derive(Clone, PartialEq, Serialize)]
pub struct DownloadSessionDocumentQuery {
    /// Unix seconds at which the link dies.
    pub expires: i64,
    /// The signature.
    pub sig: String,
    /// `export` in the links of an export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// An uploaded document.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// As sent.
    pub document_type: String,
    /// By content.
    pub mime_type: String,
    /// Size of the file.
    pub file_size_bytes: i64,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// The documents of a session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Documents {
    /// Each with a link of its own.
    pub data: Vec<ListedDocument>,
}

/// A document and where to fetch it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedDocument {
    /// `id_front`, `id_back`, `selfie`, `proof_of_address` or `supporting`.
    pub doc_type: String,
    /// By content.
    pub mime_type: String,
    /// A signed link that needs no API key.
    pub url: String,
    /// Seconds until the link dies.
    pub expires_in: i64,
}
