//! The secret that signs external references for publishable keys: kept sealed, shown to whoever
//! runs the server, replaced, and asked whether a signature is its own (spec/sessions.md, "Create").

use serde_json::json;
use verifa_core::id::{Id, OrganizationId};
use verifa_core::random::Random;
use verifa_store::organizations::{self as store, OrganizationRecord};
use verifa_vault::{ExternalReferenceSecret, OrganizationKey, Place};

use crate::App;
use crate::actor::Actor;
use crate::change::{Change, Decided, Resource, Sealing};
use crate::error::AppError;

/// Where the secret that signs external references stands.
pub fn reference_secret_place(id: OrganizationId) -> Place<'static> {
    Place::new("organizations", "sealed_reference_secret", id.uuid())
}

/// The secret as its column holds it.
pub(super) fn sealed(
    secret: &ExternalReferenceSecret,
    id: OrganizationId,
    key: &OrganizationKey,
    random: &dyn Random,
) -> Vec<u8> {
    let plain = secret.reveal().as_bytes();
    key.seal(&reference_secret_place(id), plain, random)
}

fn opened(
    record: &OrganizationRecord,
    key: &OrganizationKey,
) -> Result<ExternalReferenceSecret, AppError> {
    let place = reference_secret_place(record.id);
    let plain = key.open(&place, &record.sealed_reference_secret)?;
    let text = std::str::from_utf8(&plain)
        .map_err(|_| AppError::Internal("a reference secret is no text"))?;
    ExternalReferenceSecret::parse(text)
        .map_err(|_| AppError::Internal("a reference secret has no such shape"))
}

/// An organization's secret, for whoever may sign with it.
pub struct ReferenceSecret {
    /// Whose.
    pub organization: OrganizationId,
    /// The secret.
    pub secret: ExternalReferenceSecret,
}

impl App {
    /// Shows the secret of an organization. That somebody saw it stands in the audit trail.
    ///
    /// # Errors
    /// [`crate::Thing::Organization`] not found, or a failure of the database.
    pub async fn show_reference_secret(
        &self,
        actor: &Actor,
    ) -> Result<Decided<ReferenceSecret>, AppError> {
        let id = actor.tenant.organization;
        let record = self.organization(id).await?;
        let key = self.keys.organization(&self.db, id).await?;
        let secret = opened(&record, &key)?;
        let change = Change::begin(self, actor);
        let event_type = "organization.reference_secret_shown";
        Ok(told(change, &key, event_type, secret))
    }

    /// Draws a new secret for an organization. The former one, and every signature made with it,
    /// is refused from the commit on.
    ///
    /// # Errors
    /// Forbidden for a sandbox key: live sessions are made with the same secret.
    /// [`crate::Thing::Organization`] not found, or a failure of the database.
    pub async fn rotate_reference_secret(
        &self,
        actor: &Actor,
    ) -> Result<Decided<ReferenceSecret>, AppError> {
        if actor.tenant.environment.is_sandbox() {
            return Err(AppError::Forbidden(
                "The reference secret is also the live environment's: replace it with a live key.",
            ));
        }
        let id = actor.tenant.organization;
        let record = self.organization(id).await?;
        let key = self.keys.organization(&self.db, id).await?;
        let secret = ExternalReferenceSecret::generate(&*self.random);
        let mut change = Change::after(self, actor, record.updated_at);
        let column = sealed(&secret, id, &key, &*self.random);
        change.push(store::replace_reference_secret(
            &record, &column, change.now,
        ));
        let event_type = "organization.reference_secret_rotated";
        Ok(told(change, &key, event_type, secret))
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
        let record = self.organization(organization).await?;
        let key = self.keys.organization(&self.db, organization).await?;
        Ok(opened(&record, &key)?.verifies(external_ref, signature))
    }
}

/// Adds the audit event, which holds nothing of the secret.
fn told(
    mut change: Change<'_>,
    key: &OrganizationKey,
    event_type: &str,
    secret: ExternalReferenceSecret,
) -> Decided<ReferenceSecret> {
    let organization = change.tenant().organization;
    let resource = Resource::organization(organization);
    let sealing = Sealing::Organization(key);
    change.audit(event_type, resource, sealing, &json!({}));
    Decided {
        commit: change.into_commit(),
        answer: ReferenceSecret {
            organization,
            secret,
        },
        session: None,
    }
}
