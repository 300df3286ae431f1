//! Endpoints' signing secrets, under their organization's key.

use verifa_core::id::{Id, WebhookEndpointId};
use verifa_core::random::Random;
use verifa_core::time::Timestamp;
use verifa_store::webhook_endpoints::WebhookEndpointRecord;
use verifa_vault::{OrganizationKey, Place};
use verifa_webhooks::WebhookSecret;

use crate::error::AppError;

/// Where an endpoint's secrets stand: the present one and the former, which moves.
fn place(id: WebhookEndpointId) -> Place<'static> {
    Place::new("webhook_endpoints", "sealed_secret", id.uuid())
}

/// Seals a secret for its endpoint's row.
pub(super) fn seal_secret(
    organization: &OrganizationKey,
    id: WebhookEndpointId,
    secret: &WebhookSecret,
    random: &dyn Random,
) -> Vec<u8> {
    organization.seal(&place(id), secret.reveal().as_bytes(), random)
}

/// Opens a secret of an endpoint's row.
pub(super) fn open_secret(
    organization: &OrganizationKey,
    id: WebhookEndpointId,
    sealed: &[u8],
) -> Result<WebhookSecret, AppError> {
    let text = organization.open(&place(id), sealed)?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(|text| WebhookSecret::parse(text).ok())
        .ok_or(AppError::Internal("an endpoint's secret is none"))
}

/// The secrets that sign now: the present one, and within an overlap the former.
pub(super) fn signing_secrets(
    organization: &OrganizationKey,
    endpoint: &WebhookEndpointRecord,
    now: Timestamp,
) -> Result<Vec<WebhookSecret>, AppError> {
    let mut secrets = vec![open_secret(
        organization,
        endpoint.id,
        &endpoint.sealed_secret,
    )?];
    let overlaps = endpoint
        .former_secret_until
        .is_some_and(|until| now < until);
    if let Some(former) = endpoint
        .sealed_former_secret
        .as_deref()
        .filter(|_| overlaps)
    {
        secrets.push(open_secret(organization, endpoint.id, former)?);
    }
    Ok(secrets)
}
