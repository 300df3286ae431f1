// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `sessions`.

use super::types::{ListSessionWebhookDeliveriesQuery, WebhookDelivery, WebhookDeliveryPage};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List the webhook deliveries of a session.
    ///
    /// Those of its events to all endpoints, newest first.
    ///
    /// `GET /api/v1/sessions/{id}/webhook-deliveries`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_session_webhook_deliveries(
        &self,
        id: &str,
        query: &ListSessionWebhookDeliveriesQuery,
    ) -> std::result::Result<WebhookDeliveryPage, Error> {
        let call = Call::new(
            Method::GET,
            "/api/v1/sessions/{id}/webhook-deliveries",
            &[id],
        )
        .query(query)?;
        self.json(call).await
    }

    /// [`Client::list_session_webhook_deliveries`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_session_webhook_deliveries_stream(
        &self,
        id: &str,
        query: &ListSessionWebhookDeliveriesQuery,
    ) -> impl Stream<Item = std::result::Result<WebhookDelivery, Error>> + Send + use<> {
        let call = Call::new(
            Method::GET,
            "/api/v1/sessions/{id}/webhook-deliveries",
            &[id],
        )
        .query(query);
        self.pages::<WebhookDeliveryPage>(call)
    }
}
