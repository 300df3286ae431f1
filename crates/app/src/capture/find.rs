//! From a token to the session that it opens.

use verifa_core::id::{LinkId, SessionId};
use verifa_core::session::LinkStatus;
use verifa_store::client_tokens::{self, ClientTokenRecord};
use verifa_store::one_time_links::{self as links, LinkRecord};
use verifa_store::sessions::{self as store, SessionRecord};
use verifa_vault::CaptureToken;

use crate::App;
use crate::error::{AppError, Thing};
use crate::sessions::Session;

/// One sentence for every token that opens nothing, so that nothing can be probed
/// (spec/capture.md: 400 for a dead token).
pub(super) const DEAD: AppError =
    AppError::BadRequest("This link is not valid any more. Ask for a new one.");

/// What kind of token opened the session.
pub(super) enum Way {
    /// The session's own capture token.
    Token,
    /// A one-time link.
    Link(LinkId),
    /// A client token, by its keyed hash.
    Client(Vec<u8>),
}

impl App {
    /// The session that a token opens, its due expiry applied, open for capture.
    ///
    /// # Errors
    /// [`DEAD`] for every token that opens nothing, whatever the cause.
    pub(super) async fn session_of_token(&self, token: &str) -> Result<(Session, Way), AppError> {
        let token = CaptureToken::parse(token).map_err(|_| DEAD)?;
        let hash = *self.keys.server().token_hash(&token).as_bytes();
        let (id, way) = self.find_way(&hash).await?.ok_or(DEAD)?;
        let record = self.session_by_id(id).await;
        let tenant = match record {
            Ok(session) => session.record.tenant,
            Err(AppError::NotFound(Thing::Session)) => return Err(DEAD),
            Err(error) => return Err(error),
        };
        let session = self.session(tenant, id).await?;
        let own = session.record.token_hash.as_deref() == Some(hash.as_slice());
        let still = own || !matches!(way, Way::Token);
        if session.is_redacted() || !session.status().accepts_capture() || !still {
            return Err(DEAD);
        }
        Ok((session, way))
    }

    async fn find_way(&self, hash: &[u8]) -> Result<Option<(SessionId, Way)>, AppError> {
        if let Some(row) = self.db.query_opt(store::by_token(hash)).await? {
            let record = SessionRecord::from_row(&row)?;
            return Ok(Some((record.id, Way::Token)));
        }
        let now = self.clock.now();
        if let Some(row) = self.db.query_opt(links::by_token(hash)).await? {
            let link = LinkRecord::from_row(&row)?;
            let active = link.status.at(now, link.expires_at) == LinkStatus::Active;
            return Ok(active.then_some((link.session_id, Way::Link(link.id))));
        }
        let Some(row) = self.db.query_opt(client_tokens::get(hash)).await? else {
            return Ok(None);
        };
        let kept = ClientTokenRecord::from_row(&row)?;
        let alive = now < kept.expires_at;
        Ok(alive.then(|| (kept.session_id, Way::Client(hash.to_vec()))))
    }
}
