//! Mailing an applicant: the first invitation with the session, further ones by call.

use serde::{Deserialize, Serialize};
use serde_json::json;
use verifa_core::id::SessionId;
use verifa_core::session::Status;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use super::load::Session;
use super::moved::audited;
use crate::actor::Actor;
use crate::error::AppError;
use crate::mail::queue_invitation;
use crate::{App, Change, Decided};

/// Most invitations after the first (spec/sessions.md, "resend invite").
const MAXIMUM_RESENDS: u32 = 5;

/// The mails that a session's applicant was sent.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Invited {
    /// How many; 0: the session was not created with `send_email`.
    pub count: u32,
    /// When the last was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
}

/// An invitation that is on its way again.
#[derive(Debug, Clone)]
pub struct Reinvited {
    /// The session.
    pub id: SessionId,
    /// Invitations so far, this one included.
    pub invites_sent: u32,
    /// When this one was asked for.
    pub last_invited_at: Timestamp,
}

/// Queues an invitation and counts it; the caller writes the session.
pub(super) fn invite(change: &mut Change<'_>, session: &mut Session) -> Result<u32, AppError> {
    let begun = session.status() == Status::Capturing;
    let to = session.private.invitation.email.as_deref();
    let to = to.ok_or(AppError::Internal("an invitation to nobody"))?;
    queue_invitation(change, session.id(), session.sealing()?, to, begun)?;
    let invited = &mut session.private.invited;
    invited.count = invited.count.saturating_add(1);
    invited.last_at = Some(change.now);
    Ok(invited.count)
}

impl App {
    /// The resend-invite call.
    ///
    /// # Errors
    /// Not found; refused when the session takes nothing any more, was not created with
    /// `send_email`, or was mailed as often as it may be.
    pub async fn resend_invite(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<Reinvited>, AppError> {
        let mut session = self.session(tenant, id).await?;
        let before = session.status();
        if session.is_redacted() || !before.accepts_capture() {
            return Err(AppError::BadRequest(
                "Only a pending or capturing session can be invited to.",
            ));
        }
        let sent = session.private.invited.count;
        if sent == 0 {
            return Err(AppError::BadRequest(
                "The session was not created with send_email.",
            ));
        }
        if sent > MAXIMUM_RESENDS {
            return Err(AppError::BadRequest(
                "The invitation was sent again five times already.",
            ));
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let invites_sent = invite(&mut change, &mut session)?;
        let facts = json!({ "invites_sent": invites_sent });
        audited(&mut change, &session, "session.invited", &facts)?;
        session.write(self, &mut change, before)?;
        let answer = Reinvited {
            id,
            invites_sent,
            last_invited_at: change.now,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}
