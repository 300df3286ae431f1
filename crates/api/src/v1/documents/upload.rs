//! `POST /api/v1/sessions/{id}/documents`

use axum::extract::State;
use futures::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::documents::{ReceiveError, UploadDetails, UploadTicket};
use verifa_app::sessions::Session;
use verifa_app::{App, AppError};
use verifa_core::id::{DocumentId, SessionId};
use verifa_core::session::DocumentType;
use verifa_core::time::Timestamp;
use verifa_store::documents::DocumentRecord;

use crate::api_state::ApiState;
use crate::body::{FileFault, Form};
use crate::error::{ApiError, FieldError};
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Created, answers};

/// The form, for the document.
#[derive(ToSchema)]
#[schema(as = DocumentUpload)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Body {
    /// JPEG, PNG or WebP, at most 10 MB; known by content, not by name or header.
    #[schema(format = Binary)]
    file: String,
    /// `id_front`, `id_back`, `selfie`, `proof_of_address` or `supporting`.
    #[schema(example = "id_front")]
    document_type: String,
    /// The kind of identity document, where you know it.
    #[schema(example = "passport")]
    id_type: Option<String>,
    /// The kind of paper; needed for `proof_of_address`.
    poa_document_type: Option<String>,
    /// The paper's date, `YYYY-MM-DD`.
    poa_document_date: Option<String>,
}

/// An uploaded document.
#[derive(Serialize, ToSchema)]
#[schema(as = Document)]
pub struct DocumentView {
    /// Its id.
    #[schema(value_type = String, example = "doc_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: DocumentId,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// As sent.
    #[schema(value_type = String, example = "id_front")]
    document_type: DocumentType,
    /// By content.
    #[schema(example = "image/jpeg")]
    mime_type: String,
    /// Size of the file.
    #[schema(example = 482_113)]
    file_size_bytes: i64,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl Outcome for DocumentRecord {}

/// Upload a document
///
/// A picture of the same type replaces the earlier one. The first one moves a pending session to
/// `capturing`.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/documents", tag = "Documents",
    operation_id = "upload_session_document",
    params(("id" = String, Path, description = "The session.")),
    request_body(content = inline(Body), content_type = "multipart/form-data"),
    responses(
        answers::NotFound, answers::Conflict,
        answers::Invalid
    )
)]
pub async fn upload_document(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Created<DocumentView>, ApiError> {
    let app = &*state.app;
    // Nothing of a body is stored for a session that isn't there. One that takes nothing any more
    // still answers the repetition of a call that it took.
    let session = app.session(call.tenant(), id).await?;
    let mut form = call.form()?;
    let mut ticket = None;
    let read = receive(app, &session, &mut form, &mut ticket).await;
    let answer = match read {
        Ok(()) => store(app, &mut call, id, form, ticket.as_ref()).await,
        Err(error) => Err(error),
    };
    if let (Some(ticket), true) = (&ticket, keeps_nothing(&answer)) {
        app.discard_upload(ticket).await;
    }
    answer
}

/// A refusal keeps no bytes, and neither does a replay: the first call's document stands. After a
/// fault the commit may have been applied all the same; what is left over is swept up later.
fn keeps_nothing(answer: &Result<Created<DocumentView>, ApiError>) -> bool {
    match answer {
        Ok(created) => created.is_replay(),
        Err(error) => error.status().is_client_error(),
    }
}

/// Takes the form to its end, its file into the blob store.
async fn receive(
    app: &App,
    session: &Session,
    form: &mut Form,
    ticket: &mut Option<UploadTicket>,
) -> Result<(), ApiError> {
    if session.key().is_err() {
        return Err(AppError::Conflict("The session takes no documents any more.").into());
    }
    while let Some(file) = form.next_file().await? {
        let bytes = file.map(|chunk| {
            chunk.map_err(|fault| match fault {
                FileFault::TooLarge => ReceiveError::TooLarge,
                FileFault::Broken => ReceiveError::Broken,
            })
        });
        *ticket = Some(app.receive_upload(session, bytes).await?);
    }
    Ok(())
}

async fn store(
    app: &App,
    call: &mut Mutation,
    id: SessionId,
    form: Form,
    ticket: Option<&UploadTicket>,
) -> Result<Created<DocumentView>, ApiError> {
    let text = |name: &str| form.text(name).map(str::to_owned);
    let details = UploadDetails {
        document_type: text("document_type"),
        id_type: text("id_type"),
        poa_document_type: text("poa_document_type"),
        poa_document_date: text("poa_document_date"),
    };
    let Some(ticket) = ticket else {
        let error = FieldError::new("file", "required", "This field is required.");
        return Err(ApiError::invalid(vec![error]));
    };
    call.form_read(form);
    let call = &*call;
    call.run(
        app,
        || app.upload(call.actor(), call.tenant(), id, ticket, &details),
        |document| DocumentView {
            id: document.id,
            session_id: document.session_id,
            document_type: document.document_type,
            mime_type: document.mime_type.clone(),
            file_size_bytes: document.size_bytes,
            created_at: document.created_at,
        },
    )
    .await
}
