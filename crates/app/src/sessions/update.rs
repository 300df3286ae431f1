//! Updating a session: its reference and its metadata.

use serde_json::json;
use verifa_core::change::Change as FieldChange;
use verifa_core::id::SessionId;
use verifa_core::session::{Metadata, check_external_ref, metadata};
use verifa_core::tenant::Tenant;

use super::load::Session;
use super::moved::audited;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// What can change; absent fields stay.
#[derive(Clone, Default)]
pub struct UpdateSession {
    /// The operator's own id for the person.
    pub external_ref: FieldChange<String>,
    /// Keys to set; `null` removes a key.
    pub metadata: Option<Metadata>,
}

impl App {
    /// Updates a session.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for offences of the input and for a redacted session.
    pub async fn update_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        command: &UpdateSession,
    ) -> Result<Decided<Session>, AppError> {
        let mut session = self.session(tenant, id).await?;
        session.changeable()?;
        let mut faults = Vec::new();
        let mut changed = Vec::new();
        if let FieldChange::Set(reference) = &command.external_ref {
            faults.extend(check_external_ref(reference).err());
        }
        if !command.external_ref.is_keep() {
            let former = session.record.external_ref.take();
            session.record.external_ref = command.external_ref.clone().over(former);
            changed.push("external_ref");
        }
        if let Some(patch) = &command.metadata {
            match metadata::merge("metadata", &session.private.metadata, patch) {
                Ok(merged) => session.private.metadata = merged,
                Err(found) => faults.extend(found),
            }
            changed.push("metadata");
        }
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        audited(
            &mut change,
            &session,
            "session.updated",
            &json!({ "fields": changed }),
        )?;
        let status = session.status();
        session.write(self, &mut change, status)?;
        Ok(Decided {
            commit: change.into_commit(),
            answer: session,
            session: Some(id),
        })
    }
}
