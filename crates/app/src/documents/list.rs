//! Listing a session's documents, each with a signed link that lives a few minutes.

use verifa_core::id::SessionId;
use verifa_core::session::{DocumentType, RetentionStatus};
use verifa_core::tenant::Tenant;
use verifa_store::documents::{self as store, DocumentRecord};

use crate::App;
use crate::document_link::document_link;
use crate::error::AppError;

/// A document and where to fetch it.
#[derive(Debug, Clone)]
pub struct ListedDocument {
    /// Which picture it is.
    pub document_type: DocumentType,
    /// By content.
    pub mime_type: String,
    /// The signed link.
    pub url: String,
    /// Seconds until the link dies.
    pub expires_in: i64,
}

impl App {
    /// The documents of a session.
    ///
    /// # Errors
    /// Not found; gone once the session's personal data is.
    pub async fn list_documents(
        &self,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Vec<ListedDocument>, AppError> {
        let session = self.session(tenant, id).await?;
        if session.record.retention_status != RetentionStatus::Active {
            return Err(AppError::Gone("The session's documents have been deleted."));
        }
        let settings = self.organization_settings(tenant).await?;
        let life = settings.image_url_life();
        let expires = self.clock.now().plus(life).as_seconds();
        let mut listed = Vec::new();
        for row in self.db.query(store::of_session(id)).await? {
            let document = DocumentRecord::from_row(&row)?;
            listed.push(ListedDocument {
                document_type: document.document_type,
                mime_type: document.mime_type,
                url: document_link(self, id, document.document_type, expires, false),
                expires_in: i64::try_from(life.as_secs()).unwrap_or(i64::MAX),
            });
        }
        Ok(listed)
    }
}
