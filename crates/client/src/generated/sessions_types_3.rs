// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `sessions`.

use super::types::{Pagination, SessionBulkRedacted};
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// The sessions to redact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionsBulkRedact {
    /// 1 to 100 ids, none of them empty.
    pub session_ids: Vec<String>,
}

/// What became of each session.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionsBulkRedacted {
    /// How many ids were given.
    pub total: i64,
    /// In the order of the ids.
    pub results: Vec<SessionBulkRedacted>,
}

/// A webhook event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldExport {
    /// Its name.
    pub event: String,
    /// Its body.
    pub payload: Option<Map<String, Value>>,
    /// When the fact was.
    pub created_at: Timestamp,
}

/// One event for one endpoint.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// Its id, the `X-Verifa-Delivery-Id` of each try.
    pub id: String,
    /// To whom.
    pub endpoint_id: String,
    /// The event's name.
    pub event: String,
    /// The session concerned.
    pub session_id: Option<String>,
    /// That of the body, the same over all tries.
    pub idempotency_key: String,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    /// Its tries, oldest first.
    pub attempts: Vec<WebhookDeliveryAttempt>,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// The body as it is sent; without personal data after a redaction, null where it can't be
    /// sent any more.
    pub payload: Option<Map<String, Value>>,
    /// When the event was handed to the endpoint's queue.
    pub created_at: Timestamp,
}

/// One try of a delivery.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookDeliveryAttempt {
    /// When it began.
    pub at: Timestamp,
    /// The receiver's status, if it answered.
    pub http_status: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// Why it failed: `http_status`, `redirect`, `timeout`, `connect`, `dns`, `tls`, `closed`,
    /// `refused_address`, `erased`; null on success.
    pub error: Option<String>,
    /// The first 2 KB of the answer; null where there was none, or after a redaction.
    pub response_excerpt: Option<String>,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookDeliveryPage {
    /// Of the API.
    pub data: Vec<WebhookDelivery>,
    /// Of the API.
    pub pagination: Pagination,
}
