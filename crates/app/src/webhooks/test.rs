//! Trying an endpoint out: a signed event of its own, sent at once.

use bytes::Bytes;
use serde_json::{Map, json};
use verifa_core::id::{DeliveryId, EventId, Id, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_core::webhook::{AttemptFailure, TEST_EVENT};
use verifa_webhooks::{Letter, Message};

use super::bodies::shape_of;
use super::endpoints::audit;
use super::secrets::signing_secrets;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// What came of a test event.
#[derive(Debug, Clone)]
pub struct EndpointTested {
    /// Whether the receiver answered with a 2xx.
    pub success: bool,
    /// Its status code, if it answered.
    pub http_status: Option<u16>,
    /// Why it failed.
    pub error: Option<AttemptFailure>,
    /// Where it was sent.
    pub url: String,
}

impl App {
    /// Sends a test event to an endpoint, enabled or not, and waits for the answer. It is signed
    /// and written as every event to this endpoint; it is kept nowhere, never tried again, and
    /// counts for nothing.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn test_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
    ) -> Result<Decided<EndpointTested>, AppError> {
        let endpoint = self.endpoint_record(tenant, id).await?;
        let organization = self.organization_key(tenant).await?;
        let now = self.clock.now();
        let event = EventId::generate(now, &*self.random).to_string();
        let mut body = Map::new();
        body.insert("event".to_owned(), json!(TEST_EVENT));
        body.insert("idempotency_key".to_owned(), json!(event));
        body.insert("created_at".to_owned(), json!(now.to_string()));
        body.insert("endpoint_id".to_owned(), json!(id));
        let is_sandbox = tenant.environment.is_sandbox();
        body.insert("is_sandbox".to_owned(), json!(is_sandbox));
        let body = Bytes::from(shape_of(&endpoint).render(&body));
        let secrets = signing_secrets(&organization, &endpoint, now)?;
        let message = Message {
            id: &event,
            time: now,
            body: &body,
        };
        let signatures = message.sign(&secrets, &organization.webhook_signer(id.uuid()));
        let outcome = self
            .webhooks
            .send(Letter {
                url: &endpoint.url,
                delivery_id: &DeliveryId::generate(now, &*self.random).to_string(),
                event: TEST_EVENT,
                signatures: &signatures,
                body,
            })
            .await;
        let mut change = Change::begin(self, actor);
        let facts = json!({ "success": outcome.failure.is_none() });
        audit(&mut change, &organization, "tested", id, &facts);
        let answer = EndpointTested {
            success: outcome.failure.is_none(),
            http_status: outcome.http_status,
            error: outcome.failure,
            url: endpoint.url,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: None,
        })
    }
}
