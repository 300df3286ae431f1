//! Reading workflows and their versions.

use std::sync::Arc;

use uuid::Uuid;
use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_store::workflows::{self as store, WorkflowRecord};

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

    /// A page of a workflow's versions, newest first. They are numbered without gaps, so a page
    /// is known by arithmetic.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn workflow_versions(
        &self,
        organization: OrganizationId,
        id: WorkflowId,
        request: PageRequest,
    ) -> Result<Page<WorkflowView>, AppError> {
        let record = self.workflow_record(organization, id).await?;
        let newest = record.current_version;
        let numbers: Vec<i64> = match request {
            PageRequest::Offset { limit, offset } => down_from(newest - offset, limit),
            PageRequest::After { size, after: None } => down_from(newest, size + 1),
            PageRequest::After {
                size,
                after: Some(after),
            } => down_from(number_of(after).min(newest + 1) - 1, size + 1),
            PageRequest::Before { size, before } => {
                let first = number_of(before).clamp(0, newest) + 1;
                (first..=newest)
                    .take(usize::try_from(size + 1).unwrap_or(0))
                    .collect()
            }
        };
        let mut views = Vec::new();
        for number in numbers {
            let version = self.workflow_version(id, number).await?;
            views.push(WorkflowView {
                record: record.clone(),
                version,
            });
        }
        let total = request.has_total().then_some(newest);
        Ok(Page::of(views, request, total, |view| {
            cursor_of(view.version.version)
        }))
    }
}

fn down_from(first: i64, most: i64) -> Vec<i64> {
    (1..=first)
        .rev()
        .take(usize::try_from(most).unwrap_or(0))
        .collect()
}

/// A version's number as the cursor of its page.
fn cursor_of(number: i64) -> Uuid {
    Uuid::from_u128(u128::from(number.unsigned_abs()))
}

fn number_of(cursor: Uuid) -> i64 {
    i64::try_from(cursor.as_u128()).unwrap_or(i64::MAX - 1)
}
