//! Opening what was frozen for receivers, and what they answered.

use serde_json::{Map, Value};
use verifa_core::id::Id;
use verifa_core::inflection::Inflection;
use verifa_core::session::{RetentionStatus, WebhookEvent};
use verifa_core::webhook::{BodyShape, impersonal};
use verifa_store::outbox::EventBody;
use verifa_store::webhook_deliveries::AttemptRecord;
use verifa_store::webhook_endpoints::WebhookEndpointRecord;
use verifa_vault::{OrganizationKey, Place, VaultError};

use crate::change::outbox_place;
use crate::keyring::data_key_place;

/// Opens an event's body; `None` where it was erased or can't be read any more. Once a session's
/// sensitive window is over, without what is personal.
pub(super) fn open_body(
    organization: &OrganizationKey,
    body: &EventBody,
) -> Option<Map<String, Value>> {
    let place = outbox_place(body.event.id);
    let text = open(organization, body, &place, body.event.sealed.as_deref()?)?;
    let opened = serde_json::from_slice(&text).ok()?;
    let is_active = matches!(body.retention_status, None | Some(RetentionStatus::Active));
    match WebhookEvent::parse(&body.event.event) {
        Some(event) if !is_active => Some(impersonal(event, opened)),
        _ => Some(opened),
    }
}

/// How an endpoint wants its bodies.
pub(super) fn shape_of(endpoint: &WebhookEndpointRecord) -> BodyShape<'_> {
    let inflection = endpoint.key_inflection.as_deref();
    BodyShape {
        blocked: &endpoint.attribute_blocklist,
        inflection: inflection
            .and_then(|name| name.parse::<Inflection>().ok())
            .unwrap_or_default(),
    }
}

fn open(
    organization: &OrganizationKey,
    body: &EventBody,
    place: &Place<'_>,
    sealed: &[u8],
) -> Option<impl AsRef<[u8]> + use<>> {
    let opened = match (body.event.session_id, body.wrapped_key.as_deref()) {
        (Some(session), Some(wrapped)) => organization
            .unwrap(&data_key_place(session), wrapped)
            .and_then(|key| key.open(place, sealed)),
        _ => organization.open(place, sealed),
    };
    opened
        .inspect_err(|error: &VaultError| {
            // One unreadable body must not hide the others.
            tracing::error!(event = %body.event.id, error = %error, "an event's body does not open");
        })
        .ok()
}
