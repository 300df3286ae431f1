//! `GET /api/v1/webhooks/endpoints/event-types`

use serde::Serialize;
use utoipa::ToSchema;
use verifa_core::session::WebhookEvent;
use verifa_core::webhook::{Sender, payload};

use crate::respond::Found;

/// Every event that an endpoint can subscribe to.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEventTypes)]
pub struct EventTypesView {
    /// The events.
    data: Vec<EventTypeView>,
}

/// An event.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEventType)]
pub struct EventTypeView {
    /// Its name.
    #[schema(value_type = String, example = "session.approved")]
    event: WebhookEvent,
    /// When it is sent.
    #[schema(example = "The session was approved.")]
    description: &'static str,
    /// Whether this release sends it.
    #[schema(example = true)]
    is_sent: bool,
}

/// List the events of webhooks
///
/// Their bodies are described in the `webhooks` of this document.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks/endpoints/event-types",
    tag = "Webhooks",
    operation_id = "list_webhook_event_types"
)]
pub async fn list_webhook_event_types() -> Found<EventTypesView> {
    let data = WebhookEvent::ALL.iter().map(|event| {
        let payload = payload(*event);
        EventTypeView {
            event: *event,
            description: payload.when,
            is_sent: payload.sender == Sender::ThisRelease,
        }
    });
    Found::new(EventTypesView {
        data: data.collect(),
    })
}
