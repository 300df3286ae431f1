//! A new signing secret for an endpoint.

use std::time::Duration;

use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::WebhookEndpointId;
use verifa_core::tenant::Tenant;
use verifa_store::webhook_endpoints as store;
use verifa_webhooks::WebhookSecret;

use super::endpoints::{Endpoint, audit, public_key};
use super::secrets::seal_secret;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// Most hours that the former secret signs too.
pub const MAXIMUM_OVERLAP_HOURS: i64 = 72;

impl App {
    /// Draws a new secret. The former one signs too for `overlap_hours`, 0 to 72; with 0 it is dead
    /// at once. One from before that is dead in either case.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for hours out of range.
    pub async fn rotate_webhook_secret(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
        overlap_hours: i64,
    ) -> Result<Decided<Endpoint>, AppError> {
        let mut record = self.endpoint_record(tenant, id).await?;
        let Some(hours) = u64::try_from(overlap_hours)
            .ok()
            .filter(|_| overlap_hours <= MAXIMUM_OVERLAP_HOURS)
        else {
            return Err(Fault::new(
                "overlap_hours",
                FaultCode::OutOfRange,
                format_args!("Must be a whole number from 0 to {MAXIMUM_OVERLAP_HOURS}."),
            )
            .into());
        };
        let organization = self.organization_key(tenant).await?;
        let mut change = Change::after(self, actor, record.updated_at);
        let secret = WebhookSecret::generate(&*self.random);
        let sealed = seal_secret(&organization, id, &secret, &*self.random);
        let former = std::mem::replace(&mut record.sealed_secret, sealed);
        let overlaps = hours > 0;
        record.sealed_former_secret = overlaps.then_some(former);
        record.former_secret_until =
            overlaps.then(|| change.now.plus(Duration::from_secs(hours * 3_600)));
        change.push(store::update(&record, false, change.now));
        let facts = json!({ "overlap_hours": hours });
        audit(&mut change, &organization, "secret_rotated", id, &facts);
        record.revision += 1;
        record.updated_at = change.now;
        let answer = Endpoint {
            public_key: public_key(&organization, id),
            record,
            secret: Some(secret),
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: None,
        })
    }
}
