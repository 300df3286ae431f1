//! Start was pressed: the capture begins, and a link or client token is used up.

use serde_json::json;
use verifa_core::id::SessionId;
use verifa_core::session::{Event, Status};
use verifa_core::time::Timestamp;
use verifa_store::{client_tokens, one_time_links};

use super::find::{DEAD, Way};
use crate::actor::{Actor, RequestInfo, Who};
use crate::error::AppError;
use crate::sessions::{audited, note_capturing};
use crate::{App, Change, Decided};

/// A capture that has begun. Deliberately without `Debug`: the address holds the token.
#[derive(Clone)]
pub struct Begun {
    /// The session.
    pub session_id: SessionId,
    /// `capturing`.
    pub status: Status,
    /// Where the capture goes on: the session's own token, whichever token began it.
    pub capture_url: String,
    /// When that token dies.
    pub expires_at: Option<Timestamp>,
    /// Whether the session belongs to the sandbox.
    pub is_sandbox: bool,
}

impl App {
    /// Begins the capture that a token opens: the session's own, as often as somebody comes back
    /// to it; a one-time link's or a client token's once. Only this uses a link up: whoever merely
    /// opens its page, such as a mail scanner, changes nothing.
    ///
    /// # Errors
    /// A bad request in one sentence for every token that opens nothing.
    pub async fn begin_capture(
        &self,
        token: &str,
        request: Option<&RequestInfo>,
    ) -> Result<Decided<Begun>, AppError> {
        let (mut session, way) = self.session_of_token(token).await?;
        let id = session.id();
        let actor = Actor {
            tenant: session.record.tenant,
            who: Who::Applicant,
            request: request.cloned(),
        };
        let mut change = Change::after(self, &actor, session.record.updated_at);
        let before = session.status();
        let facts = match &way {
            Way::Token => json!({ "by": "capture_token" }),
            Way::Link(link) => {
                change.push(one_time_links::consume(*link, change.now));
                json!({ "by": "one_time_link", "link_id": link })
            }
            Way::Client(hash) => {
                change.push(client_tokens::take(hash));
                json!({ "by": "client_token" })
            }
        };
        let again = matches!(way, Way::Token) && before == Status::Capturing;
        if !again {
            note_capturing(&mut change, &mut session, Event::CaptureBegun)?;
            audited(&mut change, &session, "session.capture_begun", &facts)?;
            session.write(self, &mut change, before)?;
        }
        let answer = Begun {
            session_id: id,
            status: session.status(),
            capture_url: session.capture_url(self).ok_or(DEAD)?,
            expires_at: session.record.token_expires_at,
            is_sandbox: session.record.tenant.environment.is_sandbox(),
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}
