// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `webhooks`.

use super::types::{
    GetWebhookFeedQuery, ListWebhookDeliveriesQuery, ListWebhookEndpointsQuery, WebhookDelivery,
    WebhookDeliveryPage, WebhookEndpoint, WebhookEndpointCreate, WebhookEndpointDeleted,
    WebhookEndpointPage, WebhookEndpointTested, WebhookEndpointUpdate, WebhookEventTypes,
    WebhookFeed, WebhookRecovery, WebhookRecoveryAccepted, WebhookSecretRotation,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// Retry a webhook delivery.
    ///
    /// Sends it again at once, whatever became of it, with a whole schedule of tries before it. The
    /// body and its `idempotency_key` stay the same.
    ///
    /// `POST /api/v1/webhooks/deliveries/{id}/retry`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn retry_webhook_delivery(
        &self,
        id: &str,
    ) -> std::result::Result<WebhookDelivery, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/webhooks/deliveries/{id}/retry",
            &[id],
        );
        self.json(call).await
    }

    /// List webhook endpoints.
    ///
    /// Those of the key's environment, newest first.
    ///
    /// `GET /api/v1/webhooks/endpoints`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_webhook_endpoints(
        &self,
        query: &ListWebhookEndpointsQuery,
    ) -> std::result::Result<WebhookEndpointPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/webhooks/endpoints", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_webhook_endpoints`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_webhook_endpoints_stream(
        &self,
        query: &ListWebhookEndpointsQuery,
    ) -> impl Stream<Item = std::result::Result<WebhookEndpoint, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/webhooks/endpoints", &[]).query(query);
        self.pages::<WebhookEndpointPage>(call)
    }

    /// Create a webhook endpoint.
    ///
    /// The answer shows the signing secret, this once (in the sandbox always). Without `enabled_events`
    /// all events are sent. At most 50 endpoints an environment.
    ///
    /// `POST /api/v1/webhooks/endpoints`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_webhook_endpoint(
        &self,
        body: &WebhookEndpointCreate,
    ) -> std::result::Result<WebhookEndpoint, Error> {
        let call = Call::new(Method::POST, "/api/v1/webhooks/endpoints", &[]).body(body)?;
        self.json(call).await
    }

    /// List the events of webhooks.
    ///
    /// Their bodies are described in the `webhooks` of this document.
    ///
    /// `GET /api/v1/webhooks/endpoints/event-types`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_webhook_event_types(&self) -> std::result::Result<WebhookEventTypes, Error> {
        let call = Call::new(Method::GET, "/api/v1/webhooks/endpoints/event-types", &[]);
        self.json(call).await
    }

    /// Get a webhook endpoint.
    ///
    /// `GET /api/v1/webhooks/endpoints/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_webhook_endpoint(
        &self,
        id: &str,
    ) -> std::result::Result<WebhookEndpoint, Error> {
        let call = Call::new(Method::GET, "/api/v1/webhooks/endpoints/{id}", &[id]);
        self.json(call).await
    }

    /// Delete a webhook endpoint.
    ///
    /// What waits for it is given up; its deliveries stay in the lists of their sessions.
    ///
    /// `DELETE /api/v1/webhooks/endpoints/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn delete_webhook_endpoint(
        &self,
        id: &str,
    ) -> std::result::Result<WebhookEndpointDeleted, Error> {
        let call = Call::new(Method::DELETE, "/api/v1/webhooks/endpoints/{id}", &[id]);
        self.json(call).await
    }

    /// Update a webhook endpoint.
    ///
    /// Absent fields stay. What is under way is sent by the new settings. `enabled: true` sends what
    /// waited while the endpoint was disabled; use `recover` for what came meanwhile.
    ///
    /// `PATCH /api/v1/webhooks/endpoints/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_webhook_endpoint(
        &self,
        id: &str,
        body: &WebhookEndpointUpdate,
    ) -> std::result::Result<WebhookEndpoint, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/webhooks/endpoints/{id}", &[id]).body(body)?;
        self.json(call).await
    }

    /// Clone a webhook endpoint.
    ///
    /// Another endpoint with the same settings and a secret of its own.
    ///
    /// `POST /api/v1/webhooks/endpoints/{id}/clone`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn clone_webhook_endpoint(
        &self,
        id: &str,
    ) -> std::result::Result<WebhookEndpoint, Error> {
        let call = Call::new(Method::POST, "/api/v1/webhooks/endpoints/{id}/clone", &[id]);
        self.json(call).await
    }

    /// List the deliveries of a webhook endpoint.
    ///
    /// With each try and the body as it is sent. Newest first.
    ///
    /// `GET /api/v1/webhooks/endpoints/{id}/deliveries`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_webhook_deliveries(
        &self,
        id: &str,
        query: &ListWebhookDeliveriesQuery,
    ) -> std::result::Result<WebhookDeliveryPage, Error> {
        let call = Call::new(
            Method::GET,
            "/api/v1/webhooks/endpoints/{id}/deliveries",
            &[id],
        )
        .query(query)?;
        self.json(call).await
    }

    /// [`Client::list_webhook_deliveries`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_webhook_deliveries_stream(
        &self,
        id: &str,
        query: &ListWebhookDeliveriesQuery,
    ) -> impl Stream<Item = std::result::Result<WebhookDelivery, Error>> + Send + use<> {
        let call = Call::new(
            Method::GET,
            "/api/v1/webhooks/endpoints/{id}/deliveries",
            &[id],
        )
        .query(query);
        self.pages::<WebhookDeliveryPage>(call)
    }

    /// Recover what a webhook endpoint missed.
    ///
    /// Puts into line what failed of the events since a time, and what came while the endpoint was
    /// disabled, in the order of each session. A disabled endpoint gets it once it is enabled, before
    /// what comes from then on: recover first, then enable, then recover once more for what came in
    /// between. A call is bounded: while `is_complete` is false, call again with `after`.
    ///
    /// `POST /api/v1/webhooks/endpoints/{id}/recover`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn recover_webhook_endpoint(
        &self,
        id: &str,
        body: &WebhookRecovery,
    ) -> std::result::Result<WebhookRecoveryAccepted, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/webhooks/endpoints/{id}/recover",
            &[id],
        )
        .body(body)?;
        self.json(call).await
    }

    /// Rotate the secret of a webhook endpoint.
    ///
    /// The answer shows the new secret, this once. With an overlap both sign meanwhile, so that the
    /// receiver can change without losing a delivery.
    ///
    /// `POST /api/v1/webhooks/endpoints/{id}/rotate-secret`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn rotate_webhook_secret(
        &self,
        id: &str,
        body: &WebhookSecretRotation,
    ) -> std::result::Result<WebhookEndpoint, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/webhooks/endpoints/{id}/rotate-secret",
            &[id],
        )
        .body(body)?;
        self.json(call).await
    }

    /// Test a webhook endpoint.
    ///
    /// Sends `webhook.test` at once, signed like every event, and answers with what the receiver said.
    /// A disabled endpoint is tested too. The event is in no list and is not tried again.
    ///
    /// `POST /api/v1/webhooks/endpoints/{id}/test`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn test_webhook_endpoint(
        &self,
        id: &str,
    ) -> std::result::Result<WebhookEndpointTested, Error> {
        let call = Call::new(Method::POST, "/api/v1/webhooks/endpoints/{id}/test", &[id]);
        self.json(call).await
    }

    /// Read the feed of events.
    ///
    /// The pull form of webhooks: every event of the environment, oldest first, each exactly once,
    /// under numbers without gaps. Begin with `after=0` or `after=latest`, then go on with `next_after`.
    /// With `wait` the call stays until there is an event or the time is over. No endpoint is needed.
    /// 409 where the feed ends before `after`, as after the restore of a backup; the detail names the
    /// end, behind which to go on.
    ///
    /// `GET /api/v1/webhooks/feed`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_webhook_feed(
        &self,
        query: &GetWebhookFeedQuery,
    ) -> std::result::Result<WebhookFeed, Error> {
        let call = Call::new(Method::GET, "/api/v1/webhooks/feed", &[]).query(query)?;
        self.json(call).await
    }
}
