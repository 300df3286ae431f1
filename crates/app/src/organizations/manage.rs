//! What the operator does with organizations: lists them, and changes name and plan.

use verifa_core::id::{Id, OrganizationId};
use verifa_core::organization::{Plan, check_name};
use verifa_core::tenant::{Environment, Tenant};
use verifa_store::organizations::{self as store, OrganizationRecord};

use super::settings::set_plan;
use crate::App;
use crate::actor::Author;
use crate::change::{Change, Decided};
use crate::error::AppError;
use crate::page::{Page, PageRequest};

/// What the operator may change; absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct OrganizationChange {
    /// Display name.
    pub name: Option<String>,
    /// Rate-limit plan.
    pub plan: Option<Plan>,
}

impl App {
    /// A page of the server's organizations.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_organizations(
        &self,
        request: PageRequest,
    ) -> Result<Page<OrganizationRecord>, AppError> {
        let (start, limit) = request.start();
        let rows = self.db.query(store::page(start, limit)).await?;
        let records = rows
            .iter()
            .map(OrganizationRecord::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        let total = if request.has_total() {
            let row = self.db.query_opt(store::count()).await?;
            Some(row.map_or(Ok(0), |row| row.get(0))?)
        } else {
            None
        };
        Ok(Page::of(records, request, total, |record| record.id.uuid()))
    }

    /// Changes an organization's name and plan.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the name.
    pub async fn update_organization(
        &self,
        author: &Author,
        id: OrganizationId,
        asked: &OrganizationChange,
    ) -> Result<Decided<OrganizationRecord>, AppError> {
        let mut record = self.organization(id).await?;
        if let Some(name) = &asked.name {
            check_name("name", name)?;
        }
        let actor = author.on(Tenant {
            organization: id,
            environment: Environment::Live,
        });
        let mut change = Change::after(self, &actor, record.updated_at);
        let mut fields = Vec::new();
        let name = asked.name.as_deref().map(str::trim);
        if let Some(name) = name.filter(|name| *name != record.name) {
            name.clone_into(&mut record.name);
            fields.push("name");
        }
        if let Some(plan) = asked.plan.filter(|plan| plan.as_str() != record.plan) {
            set_plan(&mut record, plan);
            fields.push("plan");
        }
        if !fields.is_empty() {
            self.write_organization(&mut change, &mut record, "organization.updated", &fields)
                .await?;
        }
        Ok(Decided {
            commit: change.into_commit(),
            answer: record,
            session: None,
        })
    }
}
