//! `GET /api/v1/sessions/{id}/erasure-certificate`

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::{Certificate, DESTROYED, kept};
use verifa_core::id::{AuditEventId, SessionId};
use verifa_core::privacy::ErasureCause;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// That a session's personal data was destroyed, signed by the server's audit key.
#[derive(Serialize, ToSchema)]
#[schema(as = ErasureCertificate)]
pub struct CertificateView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    erased_at: Timestamp,
    /// `call`, `retention`, or `restore` after a backup was restored.
    #[schema(value_type = String, example = "call")]
    cause: ErasureCause,
    /// Images deleted.
    #[schema(example = 2)]
    documents_removed: i64,
    /// What was destroyed.
    destroyed: Vec<&'static str>,
    /// What is kept.
    kept: Vec<&'static str>,
    /// The audit event that tells of it.
    #[schema(value_type = String, example = "aud_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    audit_event_id: AuditEventId,
    /// The bytes that the signature covers, base64.
    statement: String,
    /// Ed25519 (RFC 8032) over the statement, base64.
    signature: String,
    /// The server's public audit key, 32 bytes, base64.
    public_key: String,
}

impl CertificateView {
    fn of(certificate: &Certificate) -> Self {
        let record = &certificate.record;
        Self {
            session_id: record.session_id,
            erased_at: record.erased_at,
            cause: record.cause,
            documents_removed: record.documents_removed,
            destroyed: DESTROYED.to_vec(),
            kept: kept(),
            audit_event_id: record.audit_event_id,
            statement: STANDARD.encode(&certificate.statement),
            signature: STANDARD.encode(&record.signature),
            public_key: STANDARD.encode(certificate.public_key),
        }
    }
}

/// Get the certificate of a session's erasure
///
/// 404 while the session was not redacted.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/erasure-certificate", tag = "Sessions",
    operation_id = "get_session_erasure_certificate",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn get_erasure_certificate(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
) -> Result<Found<CertificateView>, ApiError> {
    let certificate = state.app.erasure_certificate(caller.tenant(), id).await?;
    Ok(Found::new(CertificateView::of(&certificate)))
}
