//! What the age of a session demands (spec/resources.md, "Retention").

use serde_json::json;
use verifa_core::id::SessionId;
use verifa_core::privacy::{ErasureCause, RetentionDue, RetentionStage, RetentionStep};
use verifa_core::session::{RetentionStatus, WebhookEvent};
use verifa_store::{idempotency, retention, webhook_deliveries};

use super::erase::{erase, scrub_events};
use super::load::Session;
use super::moved::{audited, base_fields};
use crate::actor::Actor;
use crate::error::AppError;
use crate::mail::forget_mails;
use crate::{App, Change, Resource, Sealing};

impl App {
    /// Does the step that is due for a session, if one is. The row's revision settles races: what
    /// happens to the session meanwhile makes this a conflict, and the next round looks again.
    ///
    /// # Errors
    /// Not found, a conflict, or a failure of the database.
    pub(crate) async fn age_session(
        &self,
        id: SessionId,
        due: &RetentionDue,
    ) -> Result<Option<RetentionStep>, AppError> {
        let mut session = self.session_by_id(id).await?;
        let record = &session.record;
        let is_held = record.legal_hold_at.is_some();
        let step = due.step(record.retention_stage, record.retention_anchor, is_held);
        let actor = Actor::system(record.tenant);
        let mut change = Change::after(self, &actor, record.updated_at);
        match step {
            None => return Ok(None),
            Some(RetentionStep::EndSensitive) => {
                self.end_sensitive(&mut change, &mut session).await?;
            }
            Some(RetentionStep::TellExpired) => {
                self.tell_expired(&mut change, &session).await?;
                session.record.retention_stage = RetentionStage::RetentionOver;
                change.push(retention::mark(&session.record));
            }
            Some(RetentionStep::Redact) => {
                if session.record.retention_stage < RetentionStage::RetentionOver {
                    self.tell_expired(&mut change, &session).await?;
                }
                let cause = ErasureCause::Retention;
                erase(self, &mut change, &mut session, cause).await?;
            }
        }
        self.db.commit(change.into_commit()).await?;
        self.committed.notify_one();
        Ok(step)
    }

    /// From here on the API answers nothing personal. What is kept for receivers and for repeated
    /// calls is scrubbed; the rest stays sealed until the full window ends.
    async fn end_sensitive(
        &self,
        change: &mut Change<'_>,
        session: &mut Session,
    ) -> Result<(), AppError> {
        let id = session.id();
        let organization = session.record.tenant.organization;
        let organization = self.keys.organization(&self.db, organization).await?;
        scrub_events(self, change, session, &organization).await?;
        forget_mails(change, id).await?;
        audited(
            change,
            session,
            "session.sensitive_data_expired",
            &json!({}),
        )?;
        session.record.retention_stage = RetentionStage::SensitiveOver;
        session.record.retention_status = RetentionStatus::SensitiveRedacted;
        change.push(retention::mark(&session.record));
        change.push(webhook_deliveries::scrub(id));
        change.push(idempotency::erase_of_session(id));
        change.erase();
        Ok(())
    }

    /// Tells that the full window is over; under the organization's key, since the session's may
    /// be about to go.
    async fn tell_expired(
        &self,
        change: &mut Change<'_>,
        session: &Session,
    ) -> Result<(), AppError> {
        let organization = session.record.tenant.organization;
        let organization = self.keys.organization(&self.db, organization).await?;
        let sealing = Sealing::Organization(&organization);
        let id = session.id();
        let name = "session.retention_expired";
        change.audit(name, Resource::session(id), sealing, &json!({}));
        let fields = base_fields(session, session.status().as_str());
        let event = WebhookEvent::SessionRetentionExpired;
        change.tell(event, Some(id), sealing, fields);
        Ok(())
    }
}
