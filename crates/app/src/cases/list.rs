//! Listing cases.

use verifa_core::case::claim_has_lapsed;
use verifa_core::id::Id;
use verifa_core::tenant::Tenant;
use verifa_store::cases::{self as store, CaseFilter, CaseRecord};

use super::load::Case;
use crate::App;
use crate::error::AppError;
use crate::page::{Page, PageRequest};

/// Lists are counted exactly up to this many rows; beyond it the total is unknown.
const COUNTED: i64 = 10_000;

impl App {
    /// A page of a tenant's cases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_cases(
        &self,
        tenant: Tenant,
        filter: &CaseFilter,
        request: PageRequest,
    ) -> Result<Page<Case>, AppError> {
        let now = self.clock.now();
        let (start, limit) = request.start();
        let mut cases = Vec::new();
        let rows = store::list(tenant, filter, now, start, limit);
        for row in self.db.query(rows).await? {
            let record = CaseRecord::from_row(&row)?;
            // As for any other case that is asked for.
            let case = if claim_has_lapsed(record.claimed_until, now) {
                self.case(tenant, record.id).await?
            } else {
                self.open_case(record).await?
            };
            cases.push(case);
        }
        let total = if request.has_total() {
            let count = store::count(tenant, filter, now, COUNTED + 1);
            let row = self.db.query_opt(count).await?;
            let total: i64 = row.map_or(Ok(0), |row| row.get(0))?;
            (total <= COUNTED).then_some(total)
        } else {
            None
        };
        Ok(Page::of(cases, request, total, |case| case.id().uuid()))
    }
}
