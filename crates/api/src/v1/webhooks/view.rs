//! Endpoints and deliveries as they are shown.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use verifa_app::webhooks::{Delivery, DeliveryAttempt, Endpoint};
use verifa_core::id::{DeliveryId, EventId, SessionId, WebhookEndpointId};
use verifa_core::tenant::Environment;
use verifa_core::time::Timestamp;
use verifa_core::webhook::{AttemptFailure, DeliveryStatus};

use crate::mutation::Outcome;

/// A webhook endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct EndpointView {
    /// Its id.
    #[schema(value_type = String, example = "webhook_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub id: WebhookEndpointId,
    /// Where events are sent.
    #[schema(example = "https://example.com/verifa")]
    pub url: String,
    /// Short name.
    #[schema(example = "Production")]
    pub label: Option<String>,
    /// Free text.
    #[schema(example = json!(null))]
    pub description: Option<String>,
    /// `live` or `sandbox`: that of the key which made it.
    #[schema(value_type = String, example = "live")]
    pub environment: Environment,
    /// Whether events are sent.
    #[schema(example = true)]
    pub enabled: bool,
    /// Why the server disabled it: `receiver_gone`, `deliveries_given_up`, `failing_too_long`; null
    /// where it didn't.
    #[schema(example = json!(null))]
    pub disabled_reason: Option<String>,
    /// The events that are sent; empty or `["*"]`: all.
    #[schema(example = json!(["session.approved", "session.declined"]))]
    pub enabled_events: Vec<String>,
    /// The signing secret, `whsec_…`: in the answers that make it, and always in the sandbox; else
    /// null.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    pub secret: Option<String>,
    /// Until when the secret before the last rotation signs too.
    #[schema(value_type = Option<String>, format = DateTime, example = json!(null))]
    pub former_secret_until: Option<Timestamp>,
    /// The public key of the `v1a` signatures, for receivers that hold no secret.
    #[schema(example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    pub public_key: String,
    /// Paths that are left out of bodies.
    #[schema(example = json!(["result.extracted_data.ssn"]))]
    pub attribute_blocklist: Vec<String>,
    /// The condition that a body has to fulfil.
    #[schema(value_type = Option<Value>, example = json!(null))]
    pub event_filter_conditions: Option<Value>,
    /// The API version of bodies; null: the newest.
    #[schema(example = "2026-01-01")]
    pub api_version: Option<String>,
    /// How field names are written; null: `snake`.
    #[schema(example = json!(null))]
    pub key_inflection: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T12:00:00.000Z")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T12:00:00.000Z")]
    pub updated_at: Timestamp,
}

impl EndpointView {
    /// The view of an endpoint.
    pub fn of(endpoint: &Endpoint) -> Self {
        let record = endpoint.record.clone();
        let conditions = record.event_filter_conditions.as_deref();
        Self {
            id: record.id,
            url: record.url,
            label: record.label,
            description: record.description,
            environment: record.tenant.environment,
            enabled: record.enabled,
            disabled_reason: record.disabled_reason,
            enabled_events: record.enabled_events,
            secret: endpoint
                .secret
                .as_ref()
                .map(|secret| secret.reveal().to_owned()),
            former_secret_until: record.former_secret_until,
            public_key: endpoint.public_key.clone(),
            attribute_blocklist: record.attribute_blocklist,
            event_filter_conditions: conditions.and_then(|text| serde_json::from_str(text).ok()),
            api_version: record.api_version,
            key_inflection: record.key_inflection,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

impl Outcome for Endpoint {}

/// One event for one endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryView {
    /// Its id, the `X-Verifa-Delivery-Id` of each try.
    #[schema(value_type = String, example = "dlv_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub id: DeliveryId,
    /// To whom.
    #[schema(value_type = String, example = "webhook_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub endpoint_id: WebhookEndpointId,
    /// The event's name.
    #[schema(example = "session.approved")]
    pub event: String,
    /// The session concerned.
    #[schema(value_type = Option<String>, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub session_id: Option<SessionId>,
    /// That of the body, the same over all tries.
    #[schema(value_type = String, example = "idk_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    pub idempotency_key: EventId,
    /// `pending`, `succeeded` or `failed`.
    #[schema(value_type = String, example = "succeeded")]
    pub status: DeliveryStatus,
    /// Its tries, oldest first.
    pub attempts: Vec<AttemptView>,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime, example = json!(null))]
    pub next_attempt_at: Option<Timestamp>,
    /// The body as it is sent; without personal data after a redaction, null where it can't be
    /// sent any more.
    #[schema(value_type = Option<HashMap<String, Value>>)]
    pub payload: Option<Value>,
    /// When the event was handed to the endpoint's queue.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T12:00:00.000Z")]
    pub created_at: Timestamp,
}

/// One try of a delivery.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveryAttempt)]
pub struct AttemptView {
    /// When it began.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T12:00:00.000Z")]
    pub at: Timestamp,
    /// The receiver's status, if it answered.
    #[schema(example = 200)]
    pub http_status: Option<i64>,
    /// How long it took, in milliseconds.
    #[schema(example = 87)]
    pub duration_ms: i64,
    /// Why it failed: `http_status`, `redirect`, `timeout`, `connect`, `dns`, `tls`, `closed`,
    /// `refused_address`, `erased`; null on success.
    #[schema(value_type = Option<String>, example = json!(null))]
    pub error: Option<AttemptFailure>,
    /// The first 2 KB of the answer; null where there was none, or after a redaction.
    #[schema(example = "ok")]
    pub response_excerpt: Option<String>,
}

impl DeliveryView {
    /// The view of a delivery.
    pub fn of(delivery: &Delivery) -> Self {
        let record = delivery.record.clone();
        Self {
            id: record.id,
            endpoint_id: record.endpoint_id,
            event: record.event,
            session_id: record.session_id,
            idempotency_key: record.event_id,
            status: record.status,
            attempts: delivery.attempts.iter().map(AttemptView::of).collect(),
            next_attempt_at: record.next_attempt_at,
            payload: delivery.payload.clone(),
            created_at: record.created_at,
        }
    }
}

impl AttemptView {
    fn of(attempt: &DeliveryAttempt) -> Self {
        let record = &attempt.record;
        Self {
            at: record.attempted_at,
            http_status: record.http_status,
            duration_ms: record.duration_ms,
            error: record.error,
            response_excerpt: attempt.response.clone(),
        }
    }
}
