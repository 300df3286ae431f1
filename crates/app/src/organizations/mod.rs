//! Organizations: made with their key, their default workflow and one API key of each kind; their
//! settings; what the operator does with them.

mod manage;
mod reference_secret;
mod settings;

use std::sync::Arc;

use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_core::organization::{
    MAXIMUM_SLUG, OrganizationSettings, Plan, check_name, check_slug, slug_of,
};
use verifa_core::random::Random;
use verifa_core::tenant::{Environment, Scopes, Tenant};
use verifa_core::time::{Clock, Timestamp};
use verifa_store::db::{Commit, Db};
use verifa_store::keys;
use verifa_store::organizations::{self as store, OrganizationRecord};
use verifa_vault::{ApiKeyKind, ExternalReferenceSecret, MasterKey, OrganizationKey, ServerKeys};

use crate::App;
use crate::actor::Author;
use crate::api_keys::{MadeApiKey, NewApiKey};
use crate::change::{Change, Decided, Resource, Sealing};
use crate::error::AppError;
use crate::keyring::organization_key_place;
use crate::workflows::first_workflow;

pub use manage::OrganizationChange;
pub use reference_secret::{ReferenceSecret, reference_secret_place};
pub use settings::SettingsView;

pub(crate) use settings::read_settings;

/// Numbers that are tried behind a short name that is taken.
const MOST_NAMESAKES: u32 = 1_000;

/// What an organization is made with.
#[derive(Debug, Clone, Default)]
pub struct NewOrganization {
    /// Display name.
    pub name: String,
    /// Short name; absent: from the name, with a number where it is taken.
    pub slug: Option<String>,
    /// Rate-limit plan; absent: unlimited.
    pub plan: Option<Plan>,
}

/// An organization just made, with its first keys.
pub struct MadeOrganization {
    /// The organization.
    pub id: OrganizationId,
    /// Its row.
    pub record: OrganizationRecord,
    /// Its key.
    pub key: Arc<OrganizationKey>,
    /// Its default workflow.
    pub default_workflow: WorkflowId,
    /// Every scope, live.
    pub live: MadeApiKey,
    /// Every scope, sandbox.
    pub sandbox: MadeApiKey,
    /// For browsers, live.
    pub publishable_live: MadeApiKey,
    /// For browsers, sandbox.
    pub publishable_sandbox: MadeApiKey,
}

/// Draws the server's keys and stores them wrapped, on a database that has none.
///
/// # Errors
/// When the database fails, or has keys already.
pub async fn make_server_keys(
    db: &Db,
    master: &MasterKey,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), AppError> {
    let now = clock.now();
    let mut commit = Commit::new();
    for (name, wrapped) in ServerKeys::generate(master, random) {
        commit.push(keys::insert_server(name.as_str(), &wrapped, now));
    }
    db.commit(commit).await.map_err(Into::into)
}

/// A short name with a number behind it, within its length.
fn numbered(slug: &str, number: u32) -> String {
    let number = format!("-{number}");
    let room = MAXIMUM_SLUG - number.len();
    let kept: String = slug.chars().take(room).collect();
    format!("{kept}{number}")
}

impl App {
    /// Makes an organization with its key, default workflow and first API keys, in one commit.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the name.
    pub async fn make_organization(&self, name: &str) -> Result<MadeOrganization, AppError> {
        let new = NewOrganization {
            name: name.to_owned(),
            ..NewOrganization::default()
        };
        let decided = self
            .create_organization(&Author::command_line(), &new)
            .await?;
        self.apply(decided.commit).await?;
        Ok(decided.answer)
    }

    /// Decides the making of an organization.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a name or short name that is not allowed, or one that is taken;
    /// [`AppError::Unavailable`] when the master key was rotated since this process started.
    pub async fn create_organization(
        &self,
        author: &Author,
        new: &NewOrganization,
    ) -> Result<Decided<MadeOrganization>, AppError> {
        check_name("name", &new.name)?;
        let guard = self.guard_master_key().await?;
        let slug = self.free_slug(new).await?;
        let now = self.clock.now();
        let id = OrganizationId::generate(now, &*self.random);
        let key = Arc::new(OrganizationKey::generate(&*self.random));
        let tenant = |environment| Tenant {
            organization: id,
            environment,
        };
        let actor = author.on(tenant(Environment::Live));
        let mut change = Change::begin(self, &actor);
        let (workflow, statements) = first_workflow(self, id, now)?;
        let plan = new.plan.unwrap_or(Plan::Unlimited);
        let record = self.organization_record(id, (&new.name, slug, plan), &key, workflow, now);
        change.push(guard);
        change.push(store::insert(&record));
        change.extend(statements);
        let mut make = |environment, kind, label: &str| {
            let new = NewApiKey {
                label: Some(label.to_owned()),
                scopes: Some(Scopes::all()),
                expires_at: None,
            };
            let (made, statement) = self.new_api_key(tenant(environment), kind, new);
            change.push(statement);
            made
        };
        let (live, sandbox) = (Environment::Live, Environment::Sandbox);
        let publishable = ApiKeyKind::Publishable;
        let made = MadeOrganization {
            id,
            default_workflow: workflow,
            live: make(live, ApiKeyKind::Secret, "First live key"),
            sandbox: make(sandbox, ApiKeyKind::Secret, "First sandbox key"),
            publishable_live: make(live, publishable, "First publishable live key"),
            publishable_sandbox: make(sandbox, publishable, "First publishable sandbox key"),
            record,
            key: Arc::clone(&key),
        };
        change.audit(
            "organization.created",
            Resource::organization(id),
            Sealing::Organization(&key),
            &serde_json::json!({ "keys": 4, "plan": plan }),
        );
        Ok(Decided {
            commit: change.into_commit(),
            answer: made,
            session: None,
        })
    }

    /// The short name asked for, or one from the name that nobody has.
    async fn free_slug(&self, new: &NewOrganization) -> Result<String, AppError> {
        if let Some(slug) = &new.slug {
            check_slug("slug", slug)?;
            if self.db.query_opt(store::by_slug(slug)).await?.is_none() {
                return Ok(slug.clone());
            }
            let message = "Another organization has this short name.";
            return Err(Fault::new("slug", FaultCode::Duplicate, message).into());
        }
        let first = slug_of(&new.name);
        for number in 1..=MOST_NAMESAKES {
            let slug = match number {
                1 => first.clone(),
                number => numbered(&first, number),
            };
            if self.db.query_opt(store::by_slug(&slug)).await?.is_none() {
                return Ok(slug);
            }
        }
        let message = "Too many organizations have this name: give a short name.";
        Err(Fault::new("slug", FaultCode::Required, message).into())
    }

    /// The organization of that id or short name; without a name, the only one there is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organization_named(
        &self,
        name: Option<&str>,
    ) -> Result<Option<OrganizationId>, AppError> {
        let rows = self.db.query(store::all()).await?;
        let mut all = rows
            .iter()
            .map(OrganizationRecord::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        match name {
            Some(name) => Ok(all
                .iter()
                .find(|record| record.slug == name || record.id.to_string() == name)
                .map(|record| record.id)),
            None if all.len() == 1 => Ok(all.pop().map(|record| record.id)),
            None => Ok(None),
        }
    }

    /// The settings that apply in a tenant's environment now.
    ///
    /// # Errors
    /// [`crate::Thing::Organization`] not found, or a failure of the database.
    pub async fn organization_settings(
        &self,
        tenant: Tenant,
    ) -> Result<OrganizationSettings, AppError> {
        Ok(self.settings_of(tenant).await?.settings)
    }

    fn organization_record(
        &self,
        id: OrganizationId,
        (name, slug, plan): (&str, String, Plan),
        key: &OrganizationKey,
        default_workflow_id: WorkflowId,
        now: Timestamp,
    ) -> OrganizationRecord {
        let master = self.keys.masters().current();
        let secret = ExternalReferenceSecret::generate(&*self.random);
        let sealed_reference_secret = reference_secret::sealed(&secret, id, key, &*self.random);
        OrganizationRecord {
            id,
            name: name.trim().to_owned(),
            slug,
            plan: plan.as_str().to_owned(),
            settings: "{}".to_owned(),
            sandbox_settings: None,
            wrapped_key: master.wrap(key, &organization_key_place(id), &*self.random),
            sealed_reference_secret,
            default_workflow_id,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }
}
