// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `account`.

use super::types::{
    ApiKey, ApiKeyCreate, ApiKeyPage, ApiKeyUpdate, AuditCheckpoint, AuditEvent, AuditEventPage,
    ListApiKeysQuery, ListAuditEventsQuery, NewApiKey, RateLimits, ReferenceSecret, Settings,
    SettingsUpdate,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List API keys.
    ///
    /// Those of the environment of the calling key, newest first, dead ones included.
    ///
    /// `GET /api/v1/api-keys`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_api_keys(
        &self,
        query: &ListApiKeysQuery,
    ) -> std::result::Result<ApiKeyPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/api-keys", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_api_keys`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_api_keys_stream(
        &self,
        query: &ListApiKeysQuery,
    ) -> impl Stream<Item = std::result::Result<ApiKey, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/api-keys", &[]).query(query);
        self.pages::<ApiKeyPage>(call)
    }

    /// Create an API key.
    ///
    /// In the environment of the calling key. The secret is in this answer alone. The limits of the
    /// calling key, `expires_at` and `allowed_ips`, hold for what it makes: absent fields take them,
    /// wider ones are refused (422).
    ///
    /// `POST /api/v1/api-keys`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_api_key(
        &self,
        body: &ApiKeyCreate,
    ) -> std::result::Result<NewApiKey, Error> {
        let call = Call::new(Method::POST, "/api/v1/api-keys", &[]).body(body)?;
        self.json(call).await
    }

    /// Get an API key.
    ///
    /// `GET /api/v1/api-keys/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_api_key(&self, id: &str) -> std::result::Result<ApiKey, Error> {
        let call = Call::new(Method::GET, "/api/v1/api-keys/{id}", &[id]);
        self.json(call).await
    }

    /// Change an API key.
    ///
    /// Running servers follow within a second. A key that was stopped refuses. Whoever changes
    /// `expires_at`, `allowed_ips` or `allowed_origins` must hold every scope of the key (403), and
    /// widens them no further than its own limits reach (422); its own it can only tighten.
    ///
    /// `PATCH /api/v1/api-keys/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_api_key(
        &self,
        id: &str,
        body: &ApiKeyUpdate,
    ) -> std::result::Result<ApiKey, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/api-keys/{id}", &[id]).body(body)?;
        self.json(call).await
    }

    /// Clone an API key.
    ///
    /// A new secret with everything else as the key has it; the key itself goes on. The secret is in
    /// this answer alone. Of a key that may more than the calling one, or is under wider limits, no
    /// copy is made (403, 422).
    ///
    /// `POST /api/v1/api-keys/{id}/clone`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn clone_api_key(&self, id: &str) -> std::result::Result<NewApiKey, Error> {
        let call = Call::new(Method::POST, "/api/v1/api-keys/{id}/clone", &[id]);
        self.json(call).await
    }

    /// Stop an API key.
    ///
    /// For good; running servers know within a second. Repeated: the same answer. The calling key
    /// can't stop itself (422).
    ///
    /// `POST /api/v1/api-keys/{id}/expire`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn expire_api_key(&self, id: &str) -> std::result::Result<ApiKey, Error> {
        let call = Call::new(Method::POST, "/api/v1/api-keys/{id}/expire", &[id]);
        self.json(call).await
    }

    /// List audit events.
    ///
    /// Those of the environment of the calling key, newest first. Facts about the organization itself
    /// stand in the environment of the key that caused them, those of the operator in `live`. Every
    /// filter but `q` finds events of any age.
    ///
    /// `GET /api/v1/events`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_audit_events(
        &self,
        query: &ListAuditEventsQuery,
    ) -> std::result::Result<AuditEventPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/events", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_audit_events`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_audit_events_stream(
        &self,
        query: &ListAuditEventsQuery,
    ) -> impl Stream<Item = std::result::Result<AuditEvent, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/events", &[]).query(query);
        self.pages::<AuditEventPage>(call)
    }

    /// Get the latest audit checkpoint.
    ///
    /// `verifa audit verify` checks the chain against all of them.
    ///
    /// `GET /api/v1/events/checkpoint`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_audit_checkpoint(&self) -> std::result::Result<AuditCheckpoint, Error> {
        let call = Call::new(Method::GET, "/api/v1/events/checkpoint", &[]);
        self.json(call).await
    }

    /// Get rate limits.
    ///
    /// Limits and quotas of the organization and environment of the calling key. This call counts.
    ///
    /// `GET /api/v1/rate-limits`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_rate_limits(&self) -> std::result::Result<RateLimits, Error> {
        let call = Call::new(Method::GET, "/api/v1/rate-limits", &[]);
        self.json(call).await
    }

    /// Get the settings.
    ///
    /// Those of the organization of the calling key; both environments share them.
    ///
    /// `GET /api/v1/settings`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_settings(&self) -> std::result::Result<Settings, Error> {
        let call = Call::new(Method::GET, "/api/v1/settings", &[]);
        self.json(call).await
    }

    /// Change the settings.
    ///
    /// Absent fields stay; null gives a field's default, or switches it off where that is said. Lists
    /// and maps take the place of the former ones. Signed links, capture tokens, the filter of personal
    /// data and limits follow within a second.
    ///
    /// `PATCH /api/v1/settings`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_settings(
        &self,
        body: &SettingsUpdate,
    ) -> std::result::Result<Settings, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/settings", &[]).body(body)?;
        self.json(call).await
    }

    /// Replace the reference secret.
    ///
    /// A publishable key may name an `external_ref` only with its hexadecimal HMAC-SHA-256 under this
    /// secret. The answer shows the new one, this once; signatures of the former one are refused from
    /// now on, in both environments.
    ///
    /// `POST /api/v1/settings/rotate-reference-secret`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn rotate_reference_secret(&self) -> std::result::Result<ReferenceSecret, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/settings/rotate-reference-secret",
            &[],
        );
        self.json(call).await
    }
}
