//! Resuming a session: a new capture token, the old one dead, what was handed in kept.

use serde_json::{Map, json};
use verifa_core::id::SessionId;
use verifa_core::session::{Event, Status, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use super::create::expiry;
use super::load::Session;
use super::moved::{audited, tell};
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided};

/// A resumed session. Deliberately without `Debug`: the address holds the token.
#[derive(Clone)]
pub struct Resumed {
    /// The session.
    pub id: SessionId,
    /// The new capture page.
    pub capture_url: String,
    /// When its token dies.
    pub expires_at: Timestamp,
}

impl App {
    /// The resume call.
    ///
    /// # Errors
    /// Not found; redacted sessions and statuses outside the table refuse.
    pub async fn resume_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<Resumed>, AppError> {
        const REFUSED: AppError = AppError::BadRequest("The session can't be resumed.");
        let mut session = self.session(tenant, id).await?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        let before = session.status();
        session.reopenable(REFUSED)?;
        if !session.step(Event::Resumed, change.now) {
            return Err(REFUSED);
        }
        let expires_at = expiry(change.now, session.record.token_minutes);
        session.give_token(self, expires_at);
        // Whoever asks for a new way in wants the old ones closed.
        session.revoke_grants(&mut change);
        change.job(&JobName::ExpireSession(id), expires_at);
        session.tell_resumed(&mut change, before)?;
        session.write(self, &mut change, before)?;
        let capture_url = session.capture_url(self).ok_or(REFUSED)?;
        let answer = Resumed {
            id,
            capture_url,
            expires_at,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}

impl Session {
    /// Notes that a session which had ended takes captures again, and tells it where what was judged
    /// once is asked for again.
    pub(super) fn tell_resumed(
        &self,
        change: &mut Change<'_>,
        before: Status,
    ) -> Result<(), AppError> {
        audited(change, self, "session.resumed", &json!({ "from": before }))?;
        if self.record.processing_attempts > 0 {
            let status = self.status().as_str();
            let event = WebhookEvent::SessionResubmissionRequired;
            tell(change, self, event, status, Map::new())?;
        }
        Ok(())
    }
}
