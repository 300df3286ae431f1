//! Client tokens: what a browser exchanges for the capture flow, once, within ten minutes.

use std::time::Duration;

use serde_json::json;
use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::client_tokens;
use verifa_vault::CaptureToken;

use super::moved::audited;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// How long a browser has to exchange its token (spec/sessions.md, "client token").
const LIFE: Duration = Duration::from_mins(10);

/// A client token, shown once. Deliberately without `Debug`.
#[derive(Clone)]
pub struct ClientToken {
    /// The token.
    pub token: String,
    /// The page that a browser opens with it.
    pub embed_url: String,
    /// When it runs out.
    pub expires_at: Timestamp,
}

impl App {
    /// Makes a client token for a session that is open for capture. It dies with the session's own
    /// token, if that is sooner.
    ///
    /// # Errors
    /// Not found; every status but pending and capturing refuses, and a redacted session.
    pub async fn make_client_token(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<ClientToken>, AppError> {
        let mut session = self.session(tenant, id).await?;
        let before = session.status();
        if session.is_redacted() || !before.accepts_capture() {
            return Err(AppError::BadRequest(
                "Only a pending or capturing session has client tokens.",
            ));
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let own = change.now.plus(LIFE);
        let end = session.record.token_expires_at;
        let expires_at = end.map_or(own, |end| end.min(own));
        let token = CaptureToken::generate(&*self.random);
        let hash = *self.keys.server().token_hash(&token).as_bytes();
        change.push(client_tokens::insert(&hash, id, expires_at));
        session.private.has_grants = true;
        audited(&mut change, &session, "session.client_token", &json!({}))?;
        session.write(self, &mut change, before)?;
        let answer = ClientToken {
            token: token.reveal().to_owned(),
            embed_url: self.capture_page(token.reveal()),
            expires_at,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}
