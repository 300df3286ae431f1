//! Changing a workflow: a new version where the change decides a session's way; the default; the
//! end of its use.

use std::sync::Arc;

use serde_json::{Value, json};
use verifa_core::id::WorkflowId;
use verifa_core::workflow::Profile;
use verifa_core::workflow::input::{self, Attributes};
use verifa_store::organizations;
use verifa_store::workflows::{self as store, WorkflowRecord};

use super::cache::CompiledVersion;
use super::catalog::Catalog;
use super::create::version_record;
use super::guard::require_live_for_default;
use super::read::WorkflowView;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

impl App {
    /// Changes a workflow by the body of the call. Steps, graph, data requirements and screening
    /// settings make a new version; name, description, layout and rollout don't.
    ///
    /// # Errors
    /// Not found; forbidden for a sandbox key, where live sessions would notice; else
    /// [`AppError::Invalid`] with the path of each offence; a conflict when the default is to be no
    /// default any more: another one must take its place.
    pub async fn update_workflow(
        &self,
        actor: &Actor,
        id: WorkflowId,
        body: &Value,
    ) -> Result<Decided<WorkflowView>, AppError> {
        let organization = actor.tenant.organization;
        let WorkflowView {
            mut record,
            mut version,
        } = self.workflow(organization, id).await?;
        self.require_changeable(actor.tenant, &record).await?;
        let profile = record.profile.as_deref().and_then(Profile::parse);
        let catalog = Catalog(&self.checks);
        let given = input::update(body, &version.content, profile, &catalog)?;
        let is_default = given.attributes.is_default;
        if is_default == Some(true) {
            require_live_for_default(actor.tenant)?;
        }
        if is_default == Some(false) && record.is_default {
            return Err(AppError::Conflict(
                "Make another workflow the default instead.",
            ));
        }
        if is_default == Some(true) && !record.is_active {
            return Err(AppError::Conflict(
                "An inactive workflow can't be the default.",
            ));
        }
        let mut change = Change::after(self, actor, record.updated_at);
        if given.new_version {
            record.current_version += 1;
            let number = record.current_version;
            let next = version_record(id, number, &given.content, &given.compiled, change.now)?;
            change.push(store::insert_version(&next));
            version = Arc::new(CompiledVersion::read(&next)?);
        }
        apply(&mut record, given.attributes);
        change.push(store::update(&record, change.now));
        if is_default == Some(true) && !record.is_default {
            change.push(organizations::set_default_workflow(
                organization,
                id,
                change.now,
            ));
            record.is_default = true;
        }
        let facts = json!({ "version": record.current_version });
        self.audit_workflow(&mut change, "workflow.updated", id, &facts)
            .await?;
        record.revision += 1;
        record.updated_at = change.now;
        let answer = WorkflowView { record, version };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: None,
        })
    }

    /// Makes a workflow the organization's default.
    ///
    /// # Errors
    /// Forbidden for a sandbox key; not found; a conflict when it is not active.
    pub async fn set_default_workflow(
        &self,
        actor: &Actor,
        id: WorkflowId,
    ) -> Result<Decided<WorkflowView>, AppError> {
        require_live_for_default(actor.tenant)?;
        let organization = actor.tenant.organization;
        let mut view = self.workflow(organization, id).await?;
        if !view.record.is_active {
            return Err(AppError::Conflict(
                "An inactive workflow can't be the default.",
            ));
        }
        let mut change = Change::after(self, actor, view.record.updated_at);
        // Guards against a deactivation at the same time.
        change.push(store::update(&view.record, change.now));
        change.push(organizations::set_default_workflow(
            organization,
            id,
            change.now,
        ));
        self.audit_workflow(&mut change, "workflow.set_default", id, &json!({}))
            .await?;
        view.record.is_default = true;
        view.record.updated_at = change.now;
        Ok(Decided {
            commit: change.into_commit(),
            answer: view,
            session: None,
        })
    }

    /// Ends a workflow's use by new sessions; those that have it go on.
    ///
    /// # Errors
    /// Not found; forbidden for a sandbox key, where live sessions would notice; a conflict for the
    /// default.
    pub async fn deactivate_workflow(
        &self,
        actor: &Actor,
        id: WorkflowId,
    ) -> Result<Decided<WorkflowView>, AppError> {
        let organization = actor.tenant.organization;
        let mut view = self.workflow(organization, id).await?;
        self.require_changeable(actor.tenant, &view.record).await?;
        if view.record.is_default {
            return Err(AppError::Conflict(
                "The default workflow can't be deactivated.",
            ));
        }
        let mut change = Change::after(self, actor, view.record.updated_at);
        view.record.is_active = false;
        change.push(store::update(&view.record, change.now));
        self.audit_workflow(&mut change, "workflow.deactivated", id, &json!({}))
            .await?;
        view.record.updated_at = change.now;
        Ok(Decided {
            commit: change.into_commit(),
            answer: view,
            session: None,
        })
    }
}

/// Sets the attributes that were named.
fn apply(record: &mut WorkflowRecord, attributes: Attributes) {
    if let Some(name) = attributes.name {
        record.name = name;
    }
    let WorkflowRecord {
        description,
        purpose,
        profile,
        graph_layout,
        ..
    } = record;
    *description = attributes.description.over(description.take());
    *purpose = attributes.purpose.over(purpose.take());
    if !attributes.profile.is_keep() {
        *profile = attributes
            .profile
            .over(None)
            .map(|profile| profile.as_str().to_owned());
    }
    if !attributes.graph_layout.is_keep() {
        *graph_layout = attributes
            .graph_layout
            .over(None)
            .map(|layout| layout.to_string());
    }
    if let Some(share) = attributes.rollout_percentage {
        record.rollout_percentage = Some(i64::from(share));
    }
}
