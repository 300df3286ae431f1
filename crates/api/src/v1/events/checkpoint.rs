//! `GET /api/v1/events/checkpoint`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::respond::{Found, answers};

/// A signed statement of how far the audit chain had come. Kept elsewhere, it proves later that
/// nothing before it was changed.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditCheckpoint)]
pub struct CheckpointView {
    /// The number of the last event that it covers.
    #[schema(example = 17)]
    sequence: i64,
    /// The chain's SHA-256 up to that event, in hexadecimal.
    hash: String,
    /// When it was signed.
    #[schema(value_type = String, format = DateTime)]
    signed_at: Timestamp,
    /// The same in microseconds since 1970, as it is signed.
    #[schema(example = 1_769_947_200_000_000_i64)]
    signed_at_micros: i64,
    /// `ed25519`: over `verifa/1/audit-checkpoint`, a zero byte, the sequence in 8 bytes, the 32
    /// bytes of the hash, and the time in microseconds in 8 bytes, numbers in big-endian order.
    #[schema(example = "ed25519")]
    algorithm: &'static str,
    /// The signature in hexadecimal.
    signature: String,
    /// The server's public key in hexadecimal.
    public_key: String,
}

/// Get the latest audit checkpoint
///
/// `verifa audit verify` checks the chain against all of them.
#[utoipa::path(
    get,
    path = "/api/v1/events/checkpoint",
    tag = "Account",
    operation_id = "get_audit_checkpoint",
    responses(answers::NotFound)
)]
pub async fn get_audit_checkpoint(
    State(state): State<ApiState>,
    _: Caller,
) -> Result<Found<CheckpointView>, ApiError> {
    let latest = state.app.latest_checkpoint().await?;
    let record = latest.record;
    Ok(Found::new(CheckpointView {
        sequence: record.seq,
        hash: hex::encode(&record.hash),
        signed_at: record.created_at,
        signed_at_micros: record.created_at.as_micros(),
        algorithm: "ed25519",
        signature: hex::encode(&record.signature),
        public_key: hex::encode(latest.public_key),
    }))
}
