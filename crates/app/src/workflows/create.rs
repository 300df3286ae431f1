//! Creating a workflow: validated and compiled before anything is stored.

use std::sync::Arc;

use serde_json::{Value, json};
use verifa_core::id::{Id, WorkflowId};
use verifa_core::time::Timestamp;
use verifa_core::workflow::{Compiled, Content, input};
use verifa_store::organizations;
use verifa_store::workflows::{self as store, WorkflowRecord, WorkflowVersionRecord};

use super::cache::CompiledVersion;
use super::catalog::Catalog;
use super::guard::require_live_for_default;
use super::read::WorkflowView;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided, Resource, Sealing};

/// A version ready to be stored.
pub(super) fn version_record(
    workflow_id: WorkflowId,
    version: i64,
    content: &Content,
    compiled: &Compiled,
    now: Timestamp,
) -> Result<WorkflowVersionRecord, AppError> {
    let broken = |_| AppError::Internal("a workflow can't be written as JSON");
    Ok(WorkflowVersionRecord {
        workflow_id,
        version,
        content: serde_json::to_string(content).map_err(broken)?,
        compiled: serde_json::to_string(compiled).map_err(broken)?,
        created_at: now,
    })
}

impl App {
    /// Creates a workflow from the body of the call; unknown keys are refused at every level.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with the path of each offence; forbidden for a sandbox key that would
    /// make it the default; nothing is stored.
    pub async fn create_workflow(
        &self,
        actor: &Actor,
        body: &Value,
    ) -> Result<Decided<WorkflowView>, AppError> {
        let given = input::create(body, &Catalog(&self.checks))?;
        let is_default = given.attributes.is_default == Some(true);
        if is_default {
            require_live_for_default(actor.tenant)?;
        }
        let mut change = Change::begin(self, actor);
        let organization = actor.tenant.organization;
        let id = WorkflowId::generate(change.now, &*self.random);
        let attributes = given.attributes;
        let profile = attributes.profile.over(None);
        let record = WorkflowRecord {
            id,
            organization_id: organization,
            name: attributes.name.unwrap_or_default(),
            description: attributes.description.over(None),
            current_version: 1,
            is_active: true,
            rollout_percentage: attributes.rollout_percentage.map(i64::from),
            purpose: attributes.purpose.over(None),
            profile: profile.map(|profile| profile.as_str().to_owned()),
            graph_layout: attributes
                .graph_layout
                .over(None)
                .map(|layout| layout.to_string()),
            revision: 1,
            created_at: change.now,
            updated_at: change.now,
            environment: actor.tenant.environment,
            is_default,
        };
        let version = version_record(id, 1, &given.content, &given.compiled, change.now)?;
        change.push(store::insert(&record));
        change.push(store::insert_version(&version));
        if is_default {
            change.push(organizations::set_default_workflow(
                organization,
                id,
                change.now,
            ));
        }
        self.audit_workflow(
            &mut change,
            "workflow.created",
            id,
            &json!({ "version": 1 }),
        )
        .await?;
        let version = Arc::new(CompiledVersion::read(&version)?);
        let answer = WorkflowView { record, version };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: None,
        })
    }

    /// Writes an audit event of a workflow.
    pub(super) async fn audit_workflow(
        &self,
        change: &mut Change<'_>,
        event_type: &str,
        id: WorkflowId,
        metadata: &Value,
    ) -> Result<(), AppError> {
        let organization = change.tenant().organization;
        let key = self.keys.organization(&self.db, organization).await?;
        let resource = Resource {
            kind: "workflow",
            id: id.to_string(),
        };
        change.audit(event_type, resource, Sealing::Organization(&key), metadata);
        Ok(())
    }
}
