//! Opening what was frozen for receivers, and what they answered.

use serde_json::{Map, Value};
use verifa_core::id::{DeliveryId, EventId, Id};
use verifa_core::inflection::Inflection;
use verifa_core::random::Random;
use verifa_core::session::{RetentionStatus, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_core::webhook::{BodyShape, impersonal};
use verifa_store::outbox::{self, EventBody};
use verifa_store::webhook_deliveries::AttemptRecord;
use verifa_store::webhook_endpoints::WebhookEndpointRecord;
use verifa_vault::{OrganizationKey, Place, VaultError};
use zeroize::Zeroizing;

use crate::App;
use crate::change::outbox_place;
use crate::error::AppError;
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
    match WebhookEvent::parse(&body.event.event) {
        Some(event) if !is_active(body) => Some(impersonal(event, opened)),
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

impl App {
    /// An event's frozen body and what opens it; `None` when there is no such event.
    pub(super) async fn frozen_event(&self, event: EventId) -> Result<Option<EventBody>, AppError> {
        let row = self.db.query_opt(outbox::body(event)).await?;
        Ok(row.as_ref().map(EventBody::from_row).transpose()?)
    }

    /// An event's body in clear; `None` where it can't be read any more.
    pub(super) async fn event_body(
        &self,
        tenant: Tenant,
        event: EventId,
    ) -> Result<Option<Map<String, Value>>, AppError> {
        let organization = self.organization_key(tenant).await?;
        let body = self.frozen_event(event).await?;
        Ok(body.and_then(|body| open_body(&organization, &body)))
    }
}

fn open(
    organization: &OrganizationKey,
    body: &EventBody,
    place: &Place<'_>,
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let by_session = match (body.event.session_id, body.wrapped_key.as_deref()) {
        (Some(session), Some(wrapped)) => organization
            .unwrap(&data_key_place(session), wrapped)
            .and_then(|key| key.open(place, sealed))
            .ok(),
        _ => None,
    };
    if by_session.is_some() {
        return by_session;
    }
    // What is told of a session's end is under the organization's key, while its own may live on.
    organization
        .open(place, sealed)
        .inspect_err(|error: &VaultError| {
            // One unreadable body must not hide the others.
            tracing::error!(event = %body.event.id, error = %error, "an event's body does not open");
        })
        .ok()
}

/// Where the beginning of a receiver's answer stands.
fn response_place(delivery: DeliveryId) -> Place<'static> {
    Place::new("webhook_attempts", "sealed_response", delivery.uuid())
}

/// Seals the beginning of a receiver's answer by the key of the event's body, so that it dies with
/// that; `None` where there is nothing to keep, behind the sensitive window, or where the key does
/// not open.
pub(super) fn seal_response(
    organization: &OrganizationKey,
    body: &EventBody,
    delivery: DeliveryId,
    response: &[u8],
    random: &dyn Random,
) -> Option<Vec<u8>> {
    if response.is_empty() || !is_active(body) {
        return None;
    }
    let place = response_place(delivery);
    match (body.event.session_id, body.wrapped_key.as_deref()) {
        (Some(session), Some(wrapped)) => organization
            .unwrap(&data_key_place(session), wrapped)
            .ok()
            .map(|key| key.seal(&place, response, random)),
        // The session's key is destroyed: nothing is kept that could tell of it again.
        (Some(_), None) => None,
        (None, _) => Some(organization.seal(&place, response, random)),
    }
}

/// Opens the beginning of a receiver's answer; `None` where there was none, or it may not be shown
/// any more.
pub(super) fn open_response(
    organization: &OrganizationKey,
    body: Option<&EventBody>,
    attempt: &AttemptRecord,
) -> Option<String> {
    let body = body.filter(|body| is_active(body))?;
    let sealed = attempt.sealed_response.as_deref()?;
    let place = response_place(attempt.delivery_id);
    let opened = open(organization, body, &place, sealed)?;
    Some(String::from_utf8_lossy(opened.as_ref()).into_owned())
}

/// Whether what tells of the person may still be shown.
fn is_active(body: &EventBody) -> bool {
    matches!(body.retention_status, None | Some(RetentionStatus::Active))
}
