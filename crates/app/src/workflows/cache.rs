//! Compiled workflow versions, kept in memory: a version never changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use verifa_core::id::{OrganizationId, WorkflowId};
use verifa_core::time::Timestamp;
use verifa_core::workflow::{Compiled, Content};
use verifa_store::workflows::{self as store, WorkflowRecord, WorkflowVersionRecord};

use crate::App;
use crate::error::{AppError, Thing};

/// Most versions kept: a few hundred kilobytes at the very most of each.
const KEPT: usize = 1_000;

/// A version ready to run.
pub struct CompiledVersion {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// 1, 2, …
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the operator wrote.
    pub content: Content,
    /// What it compiles to.
    pub compiled: Compiled,
    /// The checks that the operator placed.
    pub operator_policies: Vec<String>,
}

/// Versions by workflow and number.
#[derive(Default)]
pub struct Cache(RwLock<HashMap<(WorkflowId, i64), Arc<CompiledVersion>>>);

impl Cache {
    fn get(&self, key: (WorkflowId, i64)) -> Option<Arc<CompiledVersion>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned()
    }

    fn put(&self, key: (WorkflowId, i64), version: &Arc<CompiledVersion>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            // Rare, and cheap to fill again.
            kept.clear();
        }
        kept.insert(key, Arc::clone(version));
    }
}

impl CompiledVersion {
    /// Reads a stored version.
    ///
    /// # Errors
    /// When the stored JSON is not what this release writes.
    pub fn read(record: &WorkflowVersionRecord) -> Result<Self, AppError> {
        let broken = |_| AppError::Internal("a stored workflow version can't be read");
        let content: Content = serde_json::from_str(&record.content).map_err(broken)?;
        let compiled: Compiled = serde_json::from_str(&record.compiled).map_err(broken)?;
        let checks = compiled.graph.operator_checks();
        let operator_policies = checks
            .into_iter()
            .map(|(name, _)| name.to_owned())
            .collect();
        Ok(Self {
            workflow_id: record.workflow_id,
            version: record.version,
            created_at: record.created_at,
            content,
            compiled,
            operator_policies,
        })
    }
}

impl App {
    /// A compiled version of a workflow.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn workflow_version(
        &self,
        id: WorkflowId,
        version: i64,
    ) -> Result<Arc<CompiledVersion>, AppError> {
        if let Some(found) = self.workflow_cache.get((id, version)) {
            return Ok(found);
        }
        let row = self.db.query_opt(store::get_version(id, version)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::WorkflowVersion))?;
        let compiled = CompiledVersion::read(&WorkflowVersionRecord::from_row(&row)?)?;
        let compiled = Arc::new(compiled);
        self.workflow_cache.put((id, version), &compiled);
        Ok(compiled)
    }

    /// The workflow that a new session may use: the one named, if it is active, else the default.
    pub(crate) async fn usable_workflow(
        &self,
        organization: OrganizationId,
        named: Option<WorkflowId>,
    ) -> Result<Option<WorkflowRecord>, AppError> {
        let statement = match named {
            Some(id) => store::get(organization, id),
            None => store::default_of(organization),
        };
        let row = self.db.query_opt(statement).await?;
        let workflow = row.as_ref().map(WorkflowRecord::from_row).transpose()?;
        Ok(workflow.filter(|workflow| workflow.is_active))
    }

    /// A workflow's row.
    pub(crate) async fn workflow_record(
        &self,
        organization: OrganizationId,
        id: WorkflowId,
    ) -> Result<WorkflowRecord, AppError> {
        let row = self.db.query_opt(store::get(organization, id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::Workflow))?;
        WorkflowRecord::from_row(&row).map_err(Into::into)
    }
}
