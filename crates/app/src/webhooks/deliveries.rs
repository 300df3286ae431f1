//! What was sent to endpoints: lists of deliveries with their tries and their bodies.

use std::collections::HashMap;

use serde_json::Value;
use verifa_core::id::{DeliveryId, EventId, Id, SessionId, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_store::db::Stmt;
use verifa_store::outbox::{self, EventBody};
use verifa_store::webhook_deliveries::{
    self as store, AttemptRecord, DeliveryFilter, DeliveryRecord,
};
use verifa_store::webhook_endpoints::{self, WebhookEndpointRecord};
use verifa_vault::OrganizationKey;

use super::bodies::{open_body, open_response, shape_of};
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::page::{Page, PageRequest};
use crate::{App, Decided};

/// Lists are counted exactly up to this many rows; beyond it the total is unknown.
const COUNTED: i64 = 10_000;

/// A delivery as its endpoint's owner may see it. Deliberately without `Debug`.
pub struct Delivery {
    /// The row.
    pub record: DeliveryRecord,
    /// Its tries, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// The body as it is sent to that endpoint; none where it was erased, or the endpoint is gone.
    pub payload: Option<Value>,
}

/// One try of a delivery.
pub struct DeliveryAttempt {
    /// The row.
    pub record: AttemptRecord,
    /// The beginning of the receiver's answer.
    pub response: Option<String>,
}

impl App {
    /// A page of the deliveries to an endpoint.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn list_deliveries(
        &self,
        tenant: Tenant,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        request: PageRequest,
    ) -> Result<Page<Delivery>, AppError> {
        let endpoint = self.endpoint_record(tenant, endpoint).await?;
        let (start, limit) = request.start();
        let list = store::list_of_endpoint(tenant, endpoint.id, filter, start, limit);
        let count = store::count_of_endpoint(tenant, endpoint.id, filter, COUNTED + 1);
        self.delivery_page(tenant, list, count, request).await
    }

    /// A page of the deliveries of a session's events, to all endpoints.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn list_session_deliveries(
        &self,
        tenant: Tenant,
        session: SessionId,
        request: PageRequest,
    ) -> Result<Page<Delivery>, AppError> {
        let session = self.session(tenant, session).await?.id();
        let (start, limit) = request.start();
        let list = store::list_of_session(tenant, session, start, limit);
        let count = store::count_of_session(tenant, session, COUNTED + 1);
        self.delivery_page(tenant, list, count, request).await
    }

    /// [`App::retry_delivery`], its answer with tries and body.
    ///
    /// # Errors
    /// As there.
    pub async fn resend_delivery(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: DeliveryId,
    ) -> Result<Decided<Delivery>, AppError> {
        let decided = self.retry_delivery(actor, tenant, id).await?;
        let mut shown = self.with_contents(tenant, vec![decided.answer]).await?;
        Ok(Decided {
            commit: decided.commit,
            answer: shown.pop().ok_or(AppError::NotFound(Thing::Delivery))?,
            session: decided.session,
        })
    }

    async fn delivery_page(
        &self,
        tenant: Tenant,
        list: Stmt,
        count: Stmt,
        request: PageRequest,
    ) -> Result<Page<Delivery>, AppError> {
        let rows = self.db.query(list).await?;
        let records = rows
            .iter()
            .map(DeliveryRecord::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        let total = if request.has_total() {
            let row = self.db.query_opt(count).await?;
            let total: i64 = row.map_or(Ok(0), |row| row.get(0))?;
            Some(total).filter(|total| *total <= COUNTED)
        } else {
            None
        };
        let page = Page::of(records, request, total, |record| record.id.uuid());
        let Page {
            items,
            request,
            total,
            next,
            previous,
        } = page;
        Ok(Page {
            items: self.with_contents(tenant, items).await?,
            request,
            total,
            next,
            previous,
        })
    }

    /// The same deliveries with tries and bodies, read a few at a time.
    async fn with_contents(
        &self,
        tenant: Tenant,
        records: Vec<DeliveryRecord>,
    ) -> Result<Vec<Delivery>, AppError> {
        let organization = self.organization_key(tenant).await?;
        let endpoints = self.endpoints_of(tenant, &records).await?;
        let mut deliveries = Vec::with_capacity(records.len());
        for some in records.chunks(verifa_store::SOME) {
            let mut tries = self.tries_of(some).await?;
            let bodies = self.bodies_of(some).await?;
            for record in some {
                let body = bodies.get(&record.event_id);
                let tries = tries.remove(&record.id).unwrap_or_default();
                deliveries.push(Delivery {
                    payload: payload(&organization, endpoints.get(&record.endpoint_id), body),
                    // Those that the row counts: one may have ended since it was read.
                    attempts: tries
                        .into_iter()
                        .filter(|try_| try_.number <= record.attempts)
                        .map(|try_| DeliveryAttempt {
                            response: open_response(&organization, body, &try_),
                            record: try_,
                        })
                        .collect(),
                    record: record.clone(),
                });
            }
        }
        Ok(deliveries)
    }

    /// The endpoints that some deliveries go to, but for those that are gone.
    async fn endpoints_of(
        &self,
        tenant: Tenant,
        records: &[DeliveryRecord],
    ) -> Result<HashMap<WebhookEndpointId, WebhookEndpointRecord>, AppError> {
        let mut found = HashMap::new();
        let mut ids: Vec<_> = records.iter().map(|record| record.endpoint_id).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            if let Some(row) = self
                .db
                .query_opt(webhook_endpoints::get(tenant, id))
                .await?
            {
                found.insert(id, WebhookEndpointRecord::from_row(&row)?);
            }
        }
        Ok(found)
    }

    async fn tries_of(
        &self,
        records: &[DeliveryRecord],
    ) -> Result<HashMap<DeliveryId, Vec<AttemptRecord>>, AppError> {
        let ids: Vec<_> = records.iter().map(|record| record.id).collect();
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in self.db.query(store::attempts_of_some(&ids)).await? {
            let record = AttemptRecord::from_row(&row)?;
            found.entry(record.delivery_id).or_default().push(record);
        }
        Ok(found)
    }

    async fn bodies_of(
        &self,
        records: &[DeliveryRecord],
    ) -> Result<HashMap<EventId, EventBody>, AppError> {
        let ids: Vec<_> = records.iter().map(|record| record.event_id).collect();
        let mut found = HashMap::new();
        for row in self.db.query(outbox::bodies_of_some(&ids)).await? {
            let body = EventBody::from_row(&row)?;
            found.insert(body.event.id, body);
        }
        Ok(found)
    }
}

/// The body as the endpoint gets it.
fn payload(
    organization: &OrganizationKey,
    endpoint: Option<&WebhookEndpointRecord>,
    body: Option<&EventBody>,
) -> Option<Value> {
    let endpoint = endpoint?;
    let body = open_body(organization, body?)?;
    serde_json::from_slice(&shape_of(endpoint).render(&body)).ok()
}
