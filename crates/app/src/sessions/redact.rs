//! Redacting a session: its data key is destroyed, its images deleted, its record kept.

use serde_json::{Map, Value, json};
use verifa_core::id::SessionId;
use verifa_core::session::{Event, RetentionStatus, Status, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::sessions as store;
use verifa_store::{attempts, case_notes, cases, idempotency, keys, results, runs};
use verifa_vault::OrganizationKey;

use super::expire::{close_case, end};
use super::load::Session;
use super::moved::base_fields;
use crate::actor::Actor;
use crate::change::outbox_place;
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
        let organization = self
            .keys
            .organization(&self.db, tenant.organization)
            .await?;
        let removed = self.remove_documents(&mut change, id).await?;
        self.scrub_events(&mut change, &session, &organization)
            .await?;
        let before = session.status();
        if before.is_active() {
            let run = self.open_run(id).await?;
            let event = Event::ExpireCalled;
            end(&mut change, &mut session, event, run, Some(&organization))?;
        }
        close_case(&mut change, &session);
        change.push(runs::scrub(id));
        change.extend([cases::scrub(id), case_notes::erase(id)]);
        session.record.retention_status = RetentionStatus::Redacted;
        session.record.sealed = None;
        session.record.token_hash = None;
        session.write_row(&mut change, before);
        change.extend([
            store::erase(id),
            attempts::scrub(id),
            results::scrub(id),
            idempotency::erase_of_session(id),
            keys::destroy_data(id),
        ]);
        change.erase();

        certify(&mut change, &session, &organization, removed);
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

    /// Takes what is personal out of the session's events, and puts the rest under the
    /// organization's key: receivers still hear that they happened.
    async fn scrub_events(
        &self,
        change: &mut Change<'_>,
        session: &Session,
        organization: &OrganizationKey,
    ) -> Result<(), AppError> {
        for row in self.db.query(outbox::of_session(session.id())).await? {
            let event = OutboxRecord::from_row(&row)?;
            let place = outbox_place(event.id);
            // What can't be read can't be told either, and must not stand in the way.
            let body = event.sealed.as_ref().and_then(|sealed| {
                let text = session.key().ok()?.open(&place, sealed).ok()?;
                serde_json::from_slice(&text).ok()
            });
            let sealed = body.map(|body| {
                let rest = Value::Object(impersonal(body)).to_string();
                organization.seal(&place, rest.as_bytes(), &*self.random)
            });
            change.push(outbox::replace_body(event.id, sealed.as_deref()));
        }
        Ok(())
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
            change.job_at_once(&JobName::DeleteBlob(document.id));
        }
        Ok(rows.len())
    }
}

/// Notes the redaction and tells of it.
fn certify(
    change: &mut Change<'_>,
    session: &Session,
    organization: &OrganizationKey,
    removed: usize,
) {
    let id = session.id();
    let sealing = Sealing::Organization(organization);
    let certificate = json!({ "documents_removed": removed, "data_key": "destroyed" });
    let resource = Resource::session(id);
    change.audit("session.redacted", resource, sealing, &certificate);
    let mut fields = base_fields(session, session.status().as_str());
    fields.insert("documents_removed".to_owned(), json!(removed));
    change.tell(WebhookEvent::SessionRedacted, Some(id), sealing, fields);
}

/// What of an event's body is about the process and not about the person. `external_ref` is the
/// operator's own key, which the session's record keeps too.
const IMPERSONAL: &[&str] = &[
    "event",
    "idempotency_key",
    "created_at",
    "session_id",
    "external_ref",
    "status",
    "is_sandbox",
    "run_id",
    "node",
    "case_id",
    "identity_id",
    "rejection_reason_code",
];
/// The same within its `result`.
const IMPERSONAL_RESULT: &[&str] = &["face_match_passed", "age_check_passed"];

fn impersonal(mut body: Map<String, Value>) -> Map<String, Value> {
    let result = body.remove("result");
    body.retain(|key, _| IMPERSONAL.contains(&key.as_str()));
    if let Some(Value::Object(mut result)) = result {
        result.retain(|key, _| IMPERSONAL_RESULT.contains(&key.as_str()));
        result.insert("extracted_data".to_owned(), json!({}));
        body.insert("result".to_owned(), Value::Object(result));
    }
    body
}
