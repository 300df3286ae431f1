//! Redacting a session: its data key is destroyed, its images deleted, its record kept.

use serde_json::{Map, json};
use verifa_core::id::SessionId;
use verifa_core::session::{Event, RetentionStatus, Status, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::sessions as store;
use verifa_store::{attempts, idempotency, keys, outbox, results, runs};

use super::expire;
use super::moved::{base_fields, counter};
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided, Resource, Sealing};

/// A redacted session.
#[derive(Debug, Clone)]
pub struct Redacted {
    /// The session.
    pub id: SessionId,
    /// Images deleted by this call.
    pub documents_removed: usize,
}

impl App {
    /// The redact call. Repeated: the same answer, nothing removed.
    ///
    /// # Errors
    /// Not found; a session in processing refuses with a conflict.
    pub async fn redact_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<Redacted>, AppError> {
        let mut session = self.session(tenant, id).await?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        if session.is_redacted() {
            let answer = Redacted {
                id,
                documents_removed: 0,
            };
            return Ok(Decided {
                commit: change.into_commit(),
                answer,
                session: None,
            });
        }
        if session.status() == Status::Processing {
            return Err(AppError::Conflict("The session is being processed."));
        }
        if session.status().is_active() {
            let run = self.open_run(id).await?;
            expire(&mut change, &mut session, Event::ExpireCalled, run)?;
        }
        let removed = self.remove_documents(&mut change, id).await?;

        let before = session.status();
        session.record.retention_status = RetentionStatus::Redacted;
        session.record.sealed = None;
        session.record.token_hash = None;
        change.push(store::update(&session.record, change.now));
        change.extend([
            attempts::scrub(id),
            runs::scrub(id),
            results::scrub(id),
            outbox::scrub(id),
            idempotency::delete_of_session(id),
            keys::destroy_data(id),
        ]);
        debug_assert_eq!(counter(before), counter(session.status()));

        let organization = self
            .keys
            .organization(&self.db, tenant.organization)
            .await?;
        let sealing = Sealing::Organization(&organization);
        let certificate = json!({ "documents_removed": removed, "data_key": "destroyed" });
        change.audit(
            "session.redacted",
            Resource::session(id),
            sealing,
            &certificate,
        );
        let mut fields = base_fields(&session, before.as_str());
        fields.extend(Map::from_iter([(
            "documents_removed".to_owned(),
            json!(removed),
        )]));
        change.tell(WebhookEvent::SessionRedacted, Some(id), sealing, fields);

        let answer = Redacted {
            id,
            documents_removed: removed,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: None,
        })
    }

    /// Drops the rows of a session's documents and orders their blobs deleted.
    async fn remove_documents(
        &self,
        change: &mut Change<'_>,
        id: SessionId,
    ) -> Result<usize, AppError> {
        let rows = self.db.query(documents::of_session(id)).await?;
        for row in &rows {
            let document = DocumentRecord::from_row(row)?;
            change.push(documents::delete(document.id));
            change.job(&JobName::DeleteBlob(document.id), change.now);
        }
        Ok(rows.len())
    }
}
