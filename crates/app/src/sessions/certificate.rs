//! The certificate of an erasure: what was destroyed, signed by the server's audit key.

use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;
use verifa_store::erasures::{self, ErasureRecord};

use super::erase::statement;
use crate::App;
use crate::error::{AppError, Thing};

/// What was destroyed, in words that a certificate may carry.
pub const DESTROYED: &[&str] = &[
    "the session's data key, and with it every value and image that it sealed",
    "document and face images",
    "what was read from the documents, and the details of the checks",
    "what the operator and the person said of the person, and the operator's metadata and tags",
    "the person's words and addresses in consents and objections",
    "the personal part of webhook events, and answers kept for repeated calls",
];

/// What is kept.
pub const KEPT: &[&str] = &[
    "id, times, status and the decision with its codes",
    "the operator's reference (external_ref), country and kind of document",
    "that consent was given: version, time, scope",
    "the audit trail, whose addresses can't be opened any more",
];

/// A certificate.
pub struct Certificate {
    /// The row of the erasure log.
    pub record: ErasureRecord,
    /// The bytes that the signature covers.
    pub statement: Vec<u8>,
    /// The 32 bytes of the server's public audit key.
    pub public_key: [u8; 32],
}

impl App {
    /// The certificate of a session's erasure.
    ///
    /// # Errors
    /// Not found: the session, or its certificate while it was not erased.
    pub async fn erasure_certificate(
        &self,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Certificate, AppError> {
        self.session(tenant, id).await?;
        let row = self.db.query_opt(erasures::get(id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::ErasureCertificate))?;
        let record = ErasureRecord::from_row(&row)?;
        Ok(Certificate {
            statement: statement(&record).signed_bytes(),
            public_key: self.keys.server().audit_signer().verifier().to_bytes(),
            record,
        })
    }
}
