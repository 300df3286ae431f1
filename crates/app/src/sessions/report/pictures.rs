//! The images of a report: fetched while there is a place for them, then shrunk.

use bytes::Bytes;
use verifa_core::id::Id as _;
use verifa_core::session::{DocumentType, RetentionStatus};
use verifa_report::model::ReportPicture;
use verifa_report::{Picture, ReportError};
use verifa_store::documents::{self, DocumentRecord};
use verifa_vault::{BlobError, BlobId};

use crate::App;
use crate::error::AppError;
use crate::sessions::results::ResultView;

/// The images that a report shows, in this order. Single frames of a liveness capture say nothing
/// to a reader.
const SHOWN: [DocumentType; 5] = [
    DocumentType::IdFront,
    DocumentType::IdBack,
    DocumentType::Selfie,
    DocumentType::ProofOfAddress,
    DocumentType::Supporting,
];

/// A stored image. Personal data: not `Debug`.
pub(super) struct StoredImage {
    document: DocumentRecord,
    bytes: Bytes,
}

impl App {
    /// The images of a session that may be shown; one that is just being deleted is left out.
    pub(super) async fn report_images(
        &self,
        view: &ResultView,
    ) -> Result<Vec<StoredImage>, AppError> {
        let session = &view.session;
        if session.record.retention_status != RetentionStatus::Active {
            return Ok(Vec::new());
        }
        let mut images = Vec::new();
        for row in self.db.query(documents::of_session(session.id())).await? {
            let document = DocumentRecord::from_row(&row)?;
            if !SHOWN.contains(&document.document_type) {
                continue;
            }
            let blob = BlobId::new(document.id.uuid());
            let limit = self.settings.upload_bytes;
            match self.blobs.get_all(blob, session.key()?, limit).await {
                Ok(bytes) => images.push(StoredImage { document, bytes }),
                Err(BlobError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let place = |image: &StoredImage| {
            let kind = image.document.document_type;
            SHOWN.iter().position(|shown| *shown == kind)
        };
        images.sort_by_key(place);
        Ok(images)
    }
}

/// Decodes and shrinks images on so many threads, each of which holds one in full. Blocks and
/// computes.
///
/// # Errors
/// When an image that was decoded before it was accepted can't be decoded any more.
pub(super) fn shrunk(
    images: &[StoredImage],
    threads: usize,
) -> Result<Vec<ReportPicture>, ReportError> {
    let share = images.len().div_ceil(threads.max(1)).max(1);
    let one_share = |images: &[StoredImage]| -> Result<Vec<_>, _> {
        images.iter().map(StoredImage::shrunk).collect()
    };
    let mut shares = images.chunks(share);
    let mine = shares.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|images| scope.spawn(move || one_share(images)))
            .collect();
        let mut pictures = one_share(mine)?;
        for other in others {
            pictures.extend(other.join().map_err(|_| ReportError::Picture)??);
        }
        Ok(pictures)
    })
}

impl StoredImage {
    fn shrunk(&self) -> Result<ReportPicture, ReportError> {
        let decoded = verifa_vision::decode(&self.bytes).map_err(|_| ReportError::Picture)?;
        Ok(ReportPicture {
            kind: self.document.document_type,
            received_at: self.document.created_at,
            picture: Picture::of_rgb(decoded.width(), decoded.height(), decoded.rgb())?,
        })
    }
}
