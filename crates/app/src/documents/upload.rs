//! Uploading an image: streamed, encrypted, into the blob store; decoded in full before it
//! counts; then one commit.
//!
//! The bytes never lie in memory whole but for the one decoding at a time, so that many uploads
//! at once cost little (spec/sessions.md: bounded decoding under a semaphore).

use bytes::Bytes;
use futures::Stream;
use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{DocumentId, Id, SessionId};
use verifa_core::session::{DocumentType, Event, IdKind};
use verifa_core::tenant::Tenant;
use verifa_store::documents::{self as store, DocumentRecord};
use verifa_vault::{BlobError, BlobId};
use verifa_vision::ImageError;

use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::sessions::{Session, audited, note_capturing};
use crate::{App, Change, Decided};

/// Most characters of the kind of a proof of address.
const MAXIMUM_KIND: usize = 64;

/// An image whose bytes are stored, sealed, and not yet anybody's document.
pub struct UploadTicket {
    id: DocumentId,
    size: u64,
}

/// What the sender says about an image. Texts as they came; checked by [`App::upload`].
#[derive(Debug, Clone, Default)]
pub struct UploadDetails {
    /// A [`DocumentType`].
    pub document_type: Option<String>,
    /// An [`IdKind`], where the sender knows it.
    pub id_type: Option<String>,
    /// The kind of paper; needed for a proof of address.
    pub poa_document_type: Option<String>,
    /// The paper's date, `YYYY-MM-DD`.
    pub poa_document_date: Option<String>,
}

struct CheckedDetails {
    document_type: DocumentType,
    id_kind: Option<IdKind>,
    poa_document_type: Option<String>,
    poa_document_date: Option<String>,
}

/// What is wrong with a stream of bytes that is stored.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// More bytes than allowed.
    #[error("the file is larger than allowed")]
    TooLarge,
    /// The sender went away or sent no proper multipart body.
    #[error("the upload broke off")]
    Broken,
}

impl App {
    /// Seals the bytes of an upload as they arrive. The session must be loaded first, so that a
    /// stranger's bytes are never stored for an unknown id.
    ///
    /// # Errors
    /// [`AppError::TooLarge`], [`AppError::BadRequest`] when the stream breaks off, or a failure
    /// of the blob store.
    pub async fn receive_upload<S>(
        &self,
        session: &Session,
        content: S,
    ) -> Result<UploadTicket, AppError>
    where
        S: Stream<Item = Result<Bytes, ReceiveError>> + Send,
    {
        let id = DocumentId::generate(self.clock.now(), &*self.random);
        let blob = BlobId::new(id.uuid());
        match self
            .blobs
            .put(blob, session.key()?, content, &*self.random)
            .await
        {
            Ok(info) => Ok(UploadTicket {
                id,
                size: info.size,
            }),
            Err(error) => Err(receive_error(error)),
        }
    }

    /// Drops the bytes of an upload that did not become a document.
    pub async fn discard_upload(&self, ticket: &UploadTicket) {
        if let Err(error) = self.blobs.delete(BlobId::new(ticket.id.uuid())).await {
            tracing::warn!(error = %error, "a refused upload could not be deleted; the orphan sweep does it");
        }
    }

    /// Makes a stored upload the session's document of its type, replacing an earlier one.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the details, [`AppError::UnsupportedMedia`],
    /// [`AppError::TooLarge`] and [`AppError::BadRequest`] for the image,
    /// [`AppError::Conflict`] when the session takes no documents any more.
    pub async fn upload(
        &self,
        actor: &Actor,
        tenant: Tenant,
        session_id: SessionId,
        ticket: &UploadTicket,
        details: &UploadDetails,
    ) -> Result<Decided<DocumentRecord>, AppError> {
        const REFUSED: AppError = AppError::Conflict("The session takes no documents any more.");
        let details = check_details(details)?;
        let mut session = self.session(tenant, session_id).await?;
        if session.is_redacted() {
            // With its key gone, the image can't be looked at.
            return Err(REFUSED);
        }
        let image = self.decode_upload(&session, ticket).await?;
        if !session.status().accepts_capture() {
            return Err(REFUSED);
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let document = DocumentRecord {
            id: ticket.id,
            session_id,
            organization_id: tenant.organization,
            document_type: details.document_type,
            mime_type: image.media_type.as_str().to_owned(),
            size_bytes: i64::try_from(ticket.size).unwrap_or(i64::MAX),
            width: i64::from(image.width),
            height: i64::from(image.height),
            id_kind: details.id_kind,
            poa_document_type: details.poa_document_type,
            poa_document_date: details.poa_document_date,
            created_at: change.now,
        };
        self.replace_former(&mut change, session_id, details.document_type)
            .await?;
        change.push(store::insert(&document));
        let before = session.status();
        note_capturing(&mut change, &mut session, Event::FirstDocumentUploaded)?;
        if let Some(kind) = details.id_kind {
            session.tell_document_type(kind);
        }
        let facts = json!({ "document_type": details.document_type });
        audited(&mut change, &session, "document.uploaded", &facts)?;
        session.write(self, &mut change, before)?;
        Ok(Decided {
            commit: change.into_commit(),
            answer: document,
            session: Some(session_id),
        })
    }

    async fn replace_former(
        &self,
        change: &mut Change<'_>,
        session: SessionId,
        document_type: DocumentType,
    ) -> Result<(), AppError> {
        if let Some(row) = self
            .db
            .query_opt(store::by_type(session, document_type))
            .await?
        {
            let former = DocumentRecord::from_row(&row)?;
            change.push(store::delete(former.id));
            change.job_at_once(&JobName::DeleteBlob(former.id));
        }
        Ok(())
    }

    /// Decodes the stored image in full, one at a time per permit, off the async threads.
    async fn decode_upload(
        &self,
        session: &Session,
        ticket: &UploadTicket,
    ) -> Result<verifa_vision::ImageInfo, AppError> {
        let _permit = self
            .decoding
            .acquire()
            .await
            .map_err(|_| AppError::Unavailable("The server is shutting down."))?;
        let limit = self.settings.upload_bytes;
        let blob = BlobId::new(ticket.id.uuid());
        let bytes = self.blobs.get_all(blob, session.key()?, limit).await?;
        let decoded = tokio::task::spawn_blocking(move || {
            verifa_vision::decode(&bytes).map(|image| image.info())
        })
        .await;
        match decoded {
            Ok(Ok(info)) => Ok(info),
            Ok(Err(error)) => Err(image_error(error)),
            Err(_) => Err(AppError::BadRequest("The image can't be decoded.")),
        }
    }
}

fn receive_error(error: BlobError) -> AppError {
    let BlobError::Content(source) = &error else {
        return AppError::Blob(error);
    };
    match source.downcast_ref::<ReceiveError>() {
        Some(ReceiveError::TooLarge) => AppError::TooLarge("The file is larger than 10 MB."),
        Some(ReceiveError::Broken) => AppError::BadRequest("The upload broke off."),
        None => AppError::Blob(error),
    }
}

const fn image_error(error: ImageError) -> AppError {
    match error {
        ImageError::Unsupported => {
            AppError::UnsupportedMedia("The file is no JPEG, PNG or WebP image.")
        }
        ImageError::TooManyBytes => AppError::TooLarge("The file is larger than 10 MB."),
        ImageError::TooLarge => AppError::TooLarge("The image has too many pixels."),
        ImageError::Malformed => AppError::BadRequest("The image can't be decoded."),
        ImageError::Polyglot => {
            AppError::BadRequest("The file is an image and another kind of file at once.")
        }
    }
}

fn check_details(details: &UploadDetails) -> Result<CheckedDetails, AppError> {
    let mut faults = Vec::new();
    let document_type = match details.document_type.as_deref() {
        None => {
            faults.push(required("document_type"));
            None
        }
        Some(text) => {
            let known = DocumentType::parse(text).filter(|kind| kind.uploadable());
            if known.is_none() {
                faults.push(unknown("document_type"));
            }
            known
        }
    };
    let id_kind = details.id_type.as_deref().map(|text| {
        let known = IdKind::parse(text);
        if known.is_none() {
            faults.push(unknown("id_type"));
        }
        known
    });
    let proof = document_type == Some(DocumentType::ProofOfAddress);
    match details.poa_document_type.as_deref() {
        None | Some("") if proof => faults.push(required("poa_document_type")),
        Some(text) if text.chars().count() > MAXIMUM_KIND => {
            faults.push(Fault::new(
                "poa_document_type",
                FaultCode::TooLong,
                "Too long.",
            ));
        }
        _ => {}
    }
    if let Some(text) = details.poa_document_date.as_deref()
        && !is_date(text)
    {
        faults.push(Fault::new(
            "poa_document_date",
            FaultCode::Invalid,
            "Must be a date as YYYY-MM-DD.",
        ));
    }
    match document_type {
        Some(document_type) if faults.is_empty() => Ok(CheckedDetails {
            document_type,
            id_kind: id_kind.flatten(),
            poa_document_type: details.poa_document_type.clone().filter(|_| proof),
            poa_document_date: details.poa_document_date.clone().filter(|_| proof),
        }),
        _ => Err(AppError::Invalid(faults)),
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn required(field: &str) -> Fault {
    Fault::new(field, FaultCode::Required, "This field is required.")
}

fn unknown(field: &str) -> Fault {
    Fault::new(
        field,
        FaultCode::UnknownValue,
        "Not one of the known values.",
    )
}
