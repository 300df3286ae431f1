//! `GET /api/v1/sessions/{id}/documents`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::id::SessionId;
use verifa_core::session::DocumentType;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// The documents of a session.
#[derive(Serialize, ToSchema)]
#[schema(as = Documents)]
pub struct DocumentsView {
    /// Each with a link of its own.
    data: Vec<ListedView>,
}

/// A document and where to fetch it.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedDocument)]
pub struct ListedView {
    /// `id_front`, `id_back`, `selfie`, `proof_of_address` or `supporting`.
    #[schema(value_type = String, example = "id_front")]
    doc_type: DocumentType,
    /// By content.
    #[schema(example = "image/jpeg")]
    mime_type: String,
    /// A signed link that needs no API key.
    #[schema(
        example = "https://id.example.org/api/v1/sessions/ses_…/documents/id_front?expires=…&sig=…"
    )]
    url: String,
    /// Seconds until the link dies.
    #[schema(example = 300)]
    expires_in: i64,
}

/// List a session's documents
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/documents", tag = "Documents",
    operation_id = "list_session_documents",
    params(("id" = String, Path, description = "The session.")),
    responses(answers::NotFound, answers::Gone)
)]
pub async fn list_documents(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<DocumentsView>, ApiError> {
    let listed = state.app.list_documents(caller.tenant(), id).await?;
    let data = listed.into_iter().map(|document| ListedView {
        doc_type: document.document_type,
        mime_type: document.mime_type,
        url: document.url,
        expires_in: document.expires_in,
    });
    Ok(Found::new(DocumentsView {
        data: data.collect(),
    }))
}
