//! Reading workflows and their versions.

use std::sync::Arc;

use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_store::workflows::{self as store, WorkflowRecord, WorkflowVersionRecord};

use super::cache::CompiledVersion;
use crate::App;
use crate::error::AppError;
use crate::page::{Page, PageRequest};

/// A workflow and one of its versions.
#[derive(Clone)]
pub struct WorkflowView {
    /// The workflow.
    pub record: WorkflowRecord,
    /// The version shown.
    pub version: Arc<CompiledVersion>,
}

impl App {
    /// A workflow with its current version.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn workflow(
        &self,
        organization: OrganizationId,
        id: WorkflowId,
    ) -> Result<WorkflowView, AppError> {
        let record = self.workflow_record(organization, id).await?;
        let version = self.workflow_version(id, record.current_version).await?;
        Ok(WorkflowView { record, version })
    }

    /// A page of an organization's workflows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_workflows(
        &self,
        organization: OrganizationId,
        request: PageRequest,
    ) -> Result<Page<WorkflowView>, AppError> {
        let (start, limit) = request.start();
        let mut rows = Vec::new();
        for row in self
            .db
            .query(store::list(organization, start, limit))
            .await?
        {
            let record = WorkflowRecord::from_row(&row)?;
            let version = self
                .workflow_version(record.id, record.current_version)
                .await?;
            rows.push(WorkflowView { record, version });
        }
        let total = if request.has_total() {
            let row = self.db.query_opt(store::count(organization)).await?;
            Some(row.map_or(Ok(0), |row| row.get(0))?)
        } else {
            None
        };
        Ok(Page::of(rows, request, total, |view| view.record.id.uuid()))
    }

    /// One version of a workflow.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn workflow_at(
        &self,
        organization: OrganizationId,
        id: WorkflowId,
        version: i64,
    ) -> Result<WorkflowView, AppError> {
        let record = self.workflow_record(organization, id).await?;
        let version = self.workflow_version(id, version).await?;
        Ok(WorkflowView { record, version })
    }

    /// A page of a workflow's versions, newest first, and their number.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn workflow_versions(
        &self,
        organization: OrganizationId,
        id: WorkflowId,
        offset: i64,
        limit: i64,
    ) -> Result<(Vec<WorkflowView>, i64), AppError> {
        let record = self.workflow_record(organization, id).await?;
        let mut views = Vec::new();
        for row in self.db.query(store::versions(id, offset, limit)).await? {
            let version = WorkflowVersionRecord::from_row(&row)?;
            let version = Arc::new(CompiledVersion::read(version)?);
            views.push(WorkflowView {
                record: record.clone(),
                version,
            });
        }
        let row = self.db.query_opt(store::count_versions(id)).await?;
        Ok((views, row.map_or(Ok(0), |row| row.get(0))?))
    }
}
