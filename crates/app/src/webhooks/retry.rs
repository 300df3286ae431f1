//! Sending one delivery again.

use serde_json::json;
use verifa_core::id::DeliveryId;
use verifa_core::tenant::Tenant;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::webhook_deliveries::{self as store, DeliveryRecord};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes as lanes;

use super::bodies::open_body;
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::{App, Change, Decided, Resource, Sealing};

impl App {
    /// Sends a delivery again, at once and with a whole schedule before it, whatever became of it
    /// before. Where another delivery of the same session still waits before it, it waits behind
    /// that.
    ///
    /// # Errors
    /// Not found; a conflict when its endpoint is disabled or deleted; gone when the event's data
    /// was erased.
    pub async fn retry_delivery(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: DeliveryId,
    ) -> Result<Decided<DeliveryRecord>, AppError> {
        let row = self.db.query_opt(store::get(tenant, id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::Delivery))?;
        let mut record = DeliveryRecord::from_row(&row)?;
        let revision = self.expect_enabled(tenant, &record).await?;
        let organization = self.organization_key(tenant).await?;
        let gone = AppError::Gone("The event's data has been deleted.");
        let Some(body) = self.frozen_event(record.event_id).await? else {
            return Err(gone);
        };
        if open_body(&organization, &body).is_none() {
            return Err(gone);
        }
        let mut change = Change::begin(self, actor);
        let (endpoint, lane) = (record.endpoint_id, record.lane);
        // Nothing becomes pending for an endpoint that is deleted meanwhile: nobody would end it.
        change.push(endpoints::unchanged(endpoint, revision));
        change.push(store::revive(id, record.status));
        change.push(lanes::wake(endpoint, lane, tenant, self.clock.now()));
        let resource = Resource {
            kind: "webhook_delivery",
            id: id.to_string(),
        };
        let facts = json!({ "status": record.status });
        let sealing = Sealing::Organization(&organization);
        change.audit("webhook.delivery.retried", resource, sealing, &facts);
        record.status = DeliveryStatus::Pending;
        record.tries = 0;
        record.next_attempt_at = None;
        record.completed_at = None;
        let mut commit = change.into_commit();
        commit.wake_jobs();
        Ok(Decided {
            commit,
            // The answer shows the body: it is kept no longer than that is.
            session: record.session_id.filter(|_| body.wrapped_key.is_some()),
            answer: record,
        })
    }

    /// The revision of the delivery's endpoint, which has to be enabled.
    async fn expect_enabled(
        &self,
        tenant: Tenant,
        record: &DeliveryRecord,
    ) -> Result<i64, AppError> {
        let get = endpoints::get(tenant, record.endpoint_id);
        let Some(row) = self.db.query_opt(get).await? else {
            return Err(AppError::Conflict("The webhook endpoint was deleted."));
        };
        let endpoint = WebhookEndpointRecord::from_row(&row)?;
        if endpoint.enabled {
            Ok(endpoint.revision)
        } else {
            Err(AppError::Conflict(
                "The webhook endpoint is disabled. Enable it first.",
            ))
        }
    }
}
