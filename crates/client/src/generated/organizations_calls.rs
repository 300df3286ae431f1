// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `organizations`.

use super::types::{
    ApiKey, ApiKeyCreate, ApiKeyPage, ListOrganizationApiKeysQuery, ListOrganizationsQuery,
    NewApiKey, NewOrganization, Organization, OrganizationCreate, OrganizationPage,
    OrganizationUpdate,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List organizations.
    ///
    /// Newest first. Needs an admin token.
    ///
    /// `GET /api/v1/organizations`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_organizations(
        &self,
        query: &ListOrganizationsQuery,
    ) -> std::result::Result<OrganizationPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/organizations", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_organizations`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_organizations_stream(
        &self,
        query: &ListOrganizationsQuery,
    ) -> impl Stream<Item = std::result::Result<Organization, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/organizations", &[]).query(query);
        self.pages::<OrganizationPage>(call)
    }

    /// Create an organization.
    ///
    /// With its key, its default workflow and one API key of each kind, whose secrets are in this
    /// answer alone. Needs an admin token.
    ///
    /// `POST /api/v1/organizations`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_organization(
        &self,
        body: &OrganizationCreate,
    ) -> std::result::Result<NewOrganization, Error> {
        let call = Call::new(Method::POST, "/api/v1/organizations", &[]).body(body)?;
        self.json(call).await
    }

    /// Get an organization.
    ///
    /// Needs an admin token.
    ///
    /// `GET /api/v1/organizations/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_organization(&self, id: &str) -> std::result::Result<Organization, Error> {
        let call = Call::new(Method::GET, "/api/v1/organizations/{id}", &[id]);
        self.json(call).await
    }

    /// Change an organization.
    ///
    /// Its name and its plan; what it decides for itself is under `/api/v1/settings`. Needs an admin
    /// token.
    ///
    /// `PATCH /api/v1/organizations/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_organization(
        &self,
        id: &str,
        body: &OrganizationUpdate,
    ) -> std::result::Result<Organization, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/organizations/{id}", &[id]).body(body)?;
        self.json(call).await
    }

    /// List an organization's API keys.
    ///
    /// Those of both environments, newest first, dead ones included. Needs an admin token.
    ///
    /// `GET /api/v1/organizations/{id}/api-keys`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_organization_api_keys(
        &self,
        id: &str,
        query: &ListOrganizationApiKeysQuery,
    ) -> std::result::Result<ApiKeyPage, Error> {
        let call =
            Call::new(Method::GET, "/api/v1/organizations/{id}/api-keys", &[id]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_organization_api_keys`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_organization_api_keys_stream(
        &self,
        id: &str,
        query: &ListOrganizationApiKeysQuery,
    ) -> impl Stream<Item = std::result::Result<ApiKey, Error>> + Send + use<> {
        let call =
            Call::new(Method::GET, "/api/v1/organizations/{id}/api-keys", &[id]).query(query);
        self.pages::<ApiKeyPage>(call)
    }

    /// Create an organization's API key.
    ///
    /// In the environment that the body names; live without. The secret is in this answer alone. Needs
    /// an admin token.
    ///
    /// `POST /api/v1/organizations/{id}/api-keys`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_organization_api_key(
        &self,
        id: &str,
        body: &ApiKeyCreate,
    ) -> std::result::Result<NewApiKey, Error> {
        let call =
            Call::new(Method::POST, "/api/v1/organizations/{id}/api-keys", &[id]).body(body)?;
        self.json(call).await
    }

    /// Stop an organization's API key.
    ///
    /// For good; running servers know within a second. Repeated: the same answer. Needs an admin token.
    ///
    /// `POST /api/v1/organizations/{id}/api-keys/{key_id}/expire`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn expire_organization_api_key(
        &self,
        id: &str,
        key_id: &str,
    ) -> std::result::Result<ApiKey, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/organizations/{id}/api-keys/{key_id}/expire",
            &[id, key_id],
        );
        self.json(call).await
    }
}
