//! Listing sessions.

use verifa_core::id::Id;
use verifa_core::session::due_expiry;
use verifa_core::tenant::Tenant;
use verifa_store::counters;
use verifa_store::sessions::{self as store, SessionFilter, SessionRecord};

use super::load::Session;
use super::moved::counter;
use crate::App;
use crate::error::AppError;
use crate::page::{Page, PageRequest};

/// Filtered lists are counted exactly up to this many rows; beyond it the total is unknown.
pub(super) const COUNTED: i64 = 10_000;

impl App {
    /// A page of a tenant's sessions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sessions(
        &self,
        tenant: Tenant,
        filter: &SessionFilter,
        request: PageRequest,
    ) -> Result<Page<Session>, AppError> {
        let (start, limit) = request.start();
        let mut rows = Vec::new();
        for row in self
            .db
            .query(store::list(tenant, filter, start, limit))
            .await?
        {
            let record = SessionRecord::from_row(&row)?;
            rows.push(self.listed(record).await?);
        }
        let total = if request.has_total() {
            self.total(tenant, filter).await?
        } else {
            None
        };
        Ok(Page::of(rows, request, total, |session| {
            session.id().uuid()
        }))
    }

    /// A listed session; one whose token is over is expired first, like any other that is asked
    /// for.
    async fn listed(&self, record: SessionRecord) -> Result<Session, AppError> {
        if due_expiry(record.status, record.token_expires_at, self.clock.now()) {
            return self.session(record.tenant, record.id).await;
        }
        self.open_session(record).await
    }

    async fn total(&self, tenant: Tenant, filter: &SessionFilter) -> Result<Option<i64>, AppError> {
        let statement = match filter.status {
            _ if !filter.is_counted() => store::count(tenant, filter, COUNTED + 1),
            Some(status) => counters::sum(tenant, &counter(status)),
            None => counters::sum_family(tenant, "sessions"),
        };
        let row = self.db.query_opt(statement).await?;
        let total: i64 = row.map_or(Ok(0), |row| row.get(0))?;
        Ok((filter.is_counted() || total <= COUNTED).then_some(total))
    }
}
