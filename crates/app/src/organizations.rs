//! Organizations: made with their key, their default workflow and one API key of each kind.

use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_core::organization::OrganizationSettings;
use verifa_core::random::Random;
use verifa_core::tenant::{Environment, Scopes, Tenant};
use verifa_core::time::{Clock, Timestamp};
use verifa_store::db::{Commit, Db};
use verifa_store::keys;
use verifa_store::organizations::{self as store, OrganizationRecord};
use verifa_vault::{
    ApiKeyKind, ExternalReferenceSecret, MasterKey, OrganizationKey, Place, ServerKeys, rewrap,
};

use crate::App;
use crate::actor::{Actor, Who};
use crate::api_keys::{MadeApiKey, NewApiKey};
use crate::change::{Change, Resource, Sealing};
use crate::error::{AppError, Thing};
use crate::keyring::organization_key_place;
use crate::workflows::first_workflow;

/// Longest name of an organization.
const MAXIMUM_NAME: usize = 200;

/// An organization just made, with its first keys.
pub struct MadeOrganization {
    /// The organization.
    pub id: OrganizationId,
    /// Its short name.
    pub slug: String,
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

/// Where the secret that signs external references stands.
pub fn reference_secret_place(id: OrganizationId) -> Place<'static> {
    Place::new("organizations", "sealed_reference_secret", id.uuid())
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

/// A short name from a display name: lower-case letters, digits and hyphens.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "organization".to_owned()
    } else {
        slug.to_owned()
    }
}

impl App {
    /// Makes an organization with its key, default workflow and first API keys, in one commit.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the name; a unique violation when its short name is taken.
    pub async fn make_organization(&self, name: &str) -> Result<MadeOrganization, AppError> {
        if name.trim().is_empty() || name.chars().count() > MAXIMUM_NAME {
            let message = format_args!("Must have 1 to {MAXIMUM_NAME} characters.");
            return Err(Fault::new("name", FaultCode::Invalid, message).into());
        }
        let now = self.clock.now();
        let id = OrganizationId::generate(now, &*self.random);
        let key = OrganizationKey::generate(&*self.random);
        let tenant = |environment| Tenant {
            organization: id,
            environment,
        };
        let (live, sandbox) = (tenant(Environment::Live), tenant(Environment::Sandbox));
        let actor = Actor {
            tenant: live,
            who: Who::CommandLine,
            request: None,
        };

        let mut change = Change::begin(self, &actor);
        let (workflow, statements) = first_workflow(self, id, now)?;
        let record = self.organization_record(id, name, &key, workflow, now);
        change.push(store::insert(&record));
        change.extend(statements);
        let mut make = |tenant, kind, label: &str| {
            let new = NewApiKey {
                label: Some(label.to_owned()),
                scopes: Some(Scopes::all()),
                expires_at: None,
            };
            let (made, statement) = self.new_api_key(tenant, kind, new);
            change.push(statement);
            made
        };
        let made = MadeOrganization {
            id,
            slug: record.slug.clone(),
            default_workflow: workflow,
            live: make(live, ApiKeyKind::Secret, "First live key"),
            sandbox: make(sandbox, ApiKeyKind::Secret, "First sandbox key"),
            publishable_live: make(live, ApiKeyKind::Publishable, "First publishable live key"),
            publishable_sandbox: make(
                sandbox,
                ApiKeyKind::Publishable,
                "First publishable sandbox key",
            ),
        };
        let resource = Resource {
            kind: "organization",
            id: id.to_string(),
        };
        change.audit(
            "organization.created",
            resource,
            Sealing::Organization(&key),
            &serde_json::json!({ "keys": 4 }),
        );
        self.apply(change.into_commit()).await?;
        Ok(made)
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

    /// An organization's settings as they are now.
    ///
    /// # Errors
    /// [`Thing::Organization`] not found, or a failure of the database.
    pub async fn organization_settings(
        &self,
        id: OrganizationId,
    ) -> Result<OrganizationSettings, AppError> {
        let row = self.db.query_opt(store::get(id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::Organization))?;
        let record = OrganizationRecord::from_row(&row)?;
        serde_json::from_str(&record.settings)
            .map_err(|_| AppError::Internal("an organization's settings are no settings"))
    }

    /// Wraps every key of the master key under `new`; what they seal stays as it is. Answers how
    /// many. All in one commit: a rotation that broke off changed nothing.
    ///
    /// # Errors
    /// When a key does not open, or the database fails: then nothing is changed.
    pub async fn rotate_master_key(&self, new: &MasterKey) -> Result<usize, AppError> {
        let mut commit = Commit::new();
        let mut wrapped = 0;
        let masters = self.keys.masters();
        for row in self.db.query(keys::all_server()).await? {
            let (name, old): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let place = Place::named("server_keys", "wrapped", name.as_bytes());
            let again = rewrap(masters.holder_of(&old)?, new, &place, &old, &*self.random)?;
            commit.push(keys::rewrap_server(&name, &again));
            wrapped += 1;
        }
        for row in self.db.query(store::all()).await? {
            let record = OrganizationRecord::from_row(&row)?;
            let place = organization_key_place(record.id);
            let holder = masters.holder_of(&record.wrapped_key)?;
            let again = rewrap(holder, new, &place, &record.wrapped_key, &*self.random)?;
            commit.push(store::rewrap(record.id, &again));
            wrapped += 1;
        }
        self.apply(commit).await?;
        Ok(wrapped)
    }

    fn organization_record(
        &self,
        id: OrganizationId,
        name: &str,
        key: &OrganizationKey,
        default_workflow_id: WorkflowId,
        now: Timestamp,
    ) -> OrganizationRecord {
        let master = self.keys.masters().current();
        let secret = ExternalReferenceSecret::generate(&*self.random);
        let sealed_reference_secret = key.seal(
            &reference_secret_place(id),
            secret.reveal().as_bytes(),
            &*self.random,
        );
        OrganizationRecord {
            id,
            name: name.trim().to_owned(),
            slug: slug_of(name),
            plan: "unlimited".to_owned(),
            settings: "{}".to_owned(),
            wrapped_key: master.wrap(key, &organization_key_place(id), &*self.random),
            sealed_reference_secret,
            default_workflow_id,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether an external reference carries the organization's own signature: the only way for a
    /// publishable key to name one (spec/sessions.md, "Create").
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reference_is_signed(
        &self,
        organization: OrganizationId,
        external_ref: &str,
        signature: &str,
    ) -> Result<bool, AppError> {
        let row = self
            .db
            .query_opt(store::get(organization))
            .await?
            .ok_or(AppError::Internal("unknown organization"))?;
        let record = OrganizationRecord::from_row(&row)?;
        let key = self.keys.organization(&self.db, organization).await?;
        let opened = key.open(
            &reference_secret_place(organization),
            &record.sealed_reference_secret,
        )?;
        let text = std::str::from_utf8(&opened)
            .map_err(|_| AppError::Internal("a reference secret is no text"))?;
        let secret = ExternalReferenceSecret::parse(text)
            .map_err(|_| AppError::Internal("a reference secret has no such shape"))?;
        Ok(secret.verifies(external_ref, signature))
    }
}

#[cfg(test)]
mod tests {
    use super::slug_of;

    #[test]
    fn slugs() {
        assert_eq!(slug_of("Demo Bank & Co."), "demo-bank-co");
        assert_eq!(slug_of("Ünïcode"), "n-code");
        assert_eq!(slug_of("…"), "organization");
    }
}
