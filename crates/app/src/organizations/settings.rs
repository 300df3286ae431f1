//! An organization's settings: read, and changed as a whole under its revision. The sandbox may
//! have settings of its own; while it has none, the live ones apply to it.

use serde_json::{Value, json};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{OrganizationId, WorkflowId};
use verifa_core::organization::{OrganizationSettings, Plan, SettingsChange, read_change};
use verifa_core::tenant::{Environment, Tenant};
use verifa_store::organizations::{self as store, OrganizationRecord};
use verifa_store::workflows;

use crate::App;
use crate::actor::Actor;
use crate::change::{Change, Decided, Resource, Sealing};
use crate::error::{AppError, Thing};

/// An organization with the settings of one of its environments read.
#[derive(Clone)]
pub struct SettingsView {
    /// The row.
    pub record: OrganizationRecord,
    /// What applies in that environment.
    pub settings: OrganizationSettings,
}

impl SettingsView {
    fn of(record: OrganizationRecord, environment: Environment) -> Result<Self, AppError> {
        let settings = read_settings(&record, environment)?;
        Ok(Self { record, settings })
    }
}

/// The settings that apply in one environment of an organization.
///
/// # Errors
/// When the stored text is none.
pub(crate) fn read_settings(
    record: &OrganizationRecord,
    environment: Environment,
) -> Result<OrganizationSettings, AppError> {
    let text = match (environment, &record.sandbox_settings) {
        (Environment::Sandbox, Some(own)) => own,
        _ => &record.settings,
    };
    serde_json::from_str(text)
        .map_err(|_| AppError::Internal("an organization's settings are no settings"))
}

/// What a form takes for an address is more than a mail can be sent to.
fn check_addresses(settings: &OrganizationSettings) -> Result<(), AppError> {
    let from = settings.email.from.as_ref();
    let from = from.map(|text| ("email.from".to_owned(), text));
    let admins = settings.email.admins.iter().enumerate();
    let admins = admins.map(|(place, text)| (format!("email.admins[{place}]"), text));
    let faults: Vec<Fault> = from
        .into_iter()
        .chain(admins)
        .filter(|(_, text)| verifa_mail::Address::parse(text).is_err())
        .map(|(path, _)| Fault::new(path, FaultCode::Invalid, "Must be an e-mail address."))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(faults))
    }
}

impl App {
    /// An organization's row.
    ///
    /// # Errors
    /// [`Thing::Organization`] not found, or a failure of the database.
    pub async fn organization(&self, id: OrganizationId) -> Result<OrganizationRecord, AppError> {
        let row = self.db.query_opt(store::get(id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::Organization))?;
        Ok(OrganizationRecord::from_row(&row)?)
    }

    /// An organization with the settings that apply in the tenant's environment now.
    ///
    /// # Errors
    /// [`Thing::Organization`] not found, or a failure of the database.
    pub async fn settings_of(&self, tenant: Tenant) -> Result<SettingsView, AppError> {
        let record = self.organization(tenant.organization).await?;
        SettingsView::of(record, tenant.environment)
    }

    /// Changes the settings of the caller's environment by the body of the call; an unchanged body
    /// writes nothing.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with the path of each offence; a conflict when the body names a
    /// revision that is not the present one; forbidden where only the operator chooses plans, and
    /// for a sandbox key that would change what is the organization's.
    pub async fn update_settings(
        &self,
        actor: &Actor,
        body: &Value,
    ) -> Result<Decided<SettingsView>, AppError> {
        let environment = actor.tenant.environment;
        let mut view = self.settings_of(actor.tenant).await?;
        let asked = read_change(body, &view.settings)?;
        check_addresses(&asked.settings)?;
        if environment.is_sandbox() && changes_organization(&view.record, &asked) {
            return Err(AppError::Forbidden(
                "A sandbox key changes the sandbox's settings only. The name, the plan and the \
                 default workflow are also the live environment's: change them with a live key.",
            ));
        }
        if asked
            .revision
            .is_some_and(|seen| seen != view.record.revision)
        {
            return Err(AppError::Conflict(
                "The settings have changed since. Read them again.",
            ));
        }
        let mut change = Change::after(self, actor, view.record.updated_at);
        let fields = self.take_over(&mut change, &mut view, asked).await?;
        if !fields.is_empty() {
            let text = serde_json::to_string(&view.settings)
                .map_err(|_| AppError::Internal("settings are no JSON"))?;
            match environment {
                Environment::Live => view.record.settings = text,
                Environment::Sandbox => view.record.sandbox_settings = Some(text),
            }
            self.write_organization(&mut change, &mut view.record, "settings.updated", &fields)
                .await?;
        }
        Ok(Decided {
            commit: change.into_commit(),
            answer: view,
            session: None,
        })
    }

    /// Puts what was asked for into the view; answers the names of the fields that differ.
    async fn take_over(
        &self,
        change: &mut Change<'_>,
        view: &mut SettingsView,
        asked: SettingsChange,
    ) -> Result<Vec<&'static str>, AppError> {
        let mut fields = view.settings.differences(&asked.settings);
        view.settings = asked.settings;
        let record = &mut view.record;
        if let Some(name) = asked.name.filter(|name| *name != record.name) {
            record.name = name;
            fields.push("name");
        }
        if let Some(plan) = asked.plan.filter(|plan| plan.as_str() != record.plan) {
            if !self.settings.plan_by_organization {
                return Err(AppError::Forbidden(
                    "The operator of this server chooses the plan.",
                ));
            }
            set_plan(record, plan);
            fields.push("plan");
        }
        let workflow = asked
            .default_workflow_id
            .filter(|workflow| *workflow != record.default_workflow_id);
        if let Some(workflow) = workflow {
            self.make_default(change, record.id, workflow).await?;
            record.default_workflow_id = workflow;
            fields.push("default_workflow_id");
        }
        Ok(fields)
    }

    /// Checks that a workflow may be the default, and guards against its deactivation meanwhile.
    async fn make_default(
        &self,
        change: &mut Change<'_>,
        organization: OrganizationId,
        id: WorkflowId,
    ) -> Result<(), AppError> {
        let workflow = match self.workflow(organization, id).await {
            Ok(view) if view.record.is_active => view.record,
            Ok(_) | Err(AppError::NotFound(_)) => {
                return Err(Fault::new(
                    "default_workflow_id",
                    FaultCode::UnknownReference,
                    "There is no such active workflow.",
                )
                .into());
            }
            Err(error) => return Err(error),
        };
        change.push(workflows::update(&workflow, change.now));
        Ok(())
    }

    /// Writes an organization's row with its audit event, which names fields and no values.
    pub(super) async fn write_organization(
        &self,
        change: &mut Change<'_>,
        record: &mut OrganizationRecord,
        event_type: &str,
        fields: &[&'static str],
    ) -> Result<(), AppError> {
        change.push(store::update(record, change.now));
        record.revision += 1;
        record.updated_at = change.now;
        let key = self.keys.organization(&self.db, record.id).await?;
        change.audit(
            event_type,
            Resource::organization(record.id),
            Sealing::Organization(&key),
            &json!({ "fields": fields }),
        );
        Ok(())
    }
}

/// Whether a body asks for another value of what both environments share.
fn changes_organization(record: &OrganizationRecord, asked: &SettingsChange) -> bool {
    let workflow = asked.default_workflow_id;
    asked.name.as_ref().is_some_and(|name| *name != record.name)
        || asked.plan.is_some_and(|plan| plan.as_str() != record.plan)
        || workflow.is_some_and(|workflow| workflow != record.default_workflow_id)
}

/// Gives an organization a plan.
pub(super) fn set_plan(record: &mut OrganizationRecord, plan: Plan) {
    plan.as_str().clone_into(&mut record.plan);
}
