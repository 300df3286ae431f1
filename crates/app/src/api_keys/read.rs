//! Finding keys: by id, page by page.

use verifa_core::id::{ApiKeyId, Id, OrganizationId};
use verifa_core::tenant::Tenant;
use verifa_store::api_keys::{self as store, ApiKeyRecord};
use verifa_store::db::{Row, Stmt};
use verifa_store::organizations;

use crate::App;
use crate::error::{AppError, Thing};
use crate::page::{Page, PageRequest};

fn record(row: Option<Row>) -> Result<ApiKeyRecord, AppError> {
    let row = row.ok_or(AppError::NotFound(Thing::ApiKey))?;
    Ok(ApiKeyRecord::from_row(&row)?)
}

impl App {
    /// One key of a tenant, whatever its state.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn api_key(&self, tenant: Tenant, id: ApiKeyId) -> Result<ApiKeyRecord, AppError> {
        record(self.db.query_opt(store::of_tenant(tenant, id)).await?)
    }

    /// One key of any tenant, for the operator.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn any_api_key(&self, id: ApiKeyId) -> Result<ApiKeyRecord, AppError> {
        record(self.db.query_opt(store::get(id)).await?)
    }

    /// A page of a tenant's keys, dead ones included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page_of_api_keys(
        &self,
        tenant: Tenant,
        request: PageRequest,
    ) -> Result<Page<ApiKeyRecord>, AppError> {
        let (start, limit) = request.start();
        let page = store::page(tenant, start, limit);
        self.page_of(page, store::count(tenant), request).await
    }

    /// A page of the keys of both environments of an organization, for the operator.
    ///
    /// # Errors
    /// Not found: the organization; a failure of the database.
    pub async fn page_of_organization_keys(
        &self,
        organization: OrganizationId,
        request: PageRequest,
    ) -> Result<Page<ApiKeyRecord>, AppError> {
        let found = self.db.query_opt(organizations::get(organization)).await?;
        if found.is_none() {
            return Err(AppError::NotFound(Thing::Organization));
        }
        let (start, limit) = request.start();
        let page = store::organization_page(organization, start, limit);
        let count = store::organization_count(organization);
        self.page_of(page, count, request).await
    }

    async fn page_of(
        &self,
        page: Stmt,
        count: Stmt,
        request: PageRequest,
    ) -> Result<Page<ApiKeyRecord>, AppError> {
        let rows = self.db.query(page).await?;
        let records = rows
            .iter()
            .map(ApiKeyRecord::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        let total = if request.has_total() {
            let row = self.db.query_opt(count).await?;
            Some(row.map_or(Ok(0), |row| row.get(0))?)
        } else {
            None
        };
        Ok(Page::of(records, request, total, |key| key.id.uuid()))
    }

    /// The newest thousand keys of an organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_api_keys(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ApiKeyRecord>, AppError> {
        let rows = self.db.query(store::list(organization)).await?;
        rows.iter()
            .map(ApiKeyRecord::from_row)
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }
}
