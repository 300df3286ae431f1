//! One-time links: made, listed; used up by [`App::begin_capture`].

use serde_json::{Map, json};
use verifa_core::id::{Id, LinkId, SessionId};
use verifa_core::session::{Event, LinkStatus, Status, WebhookEvent, check_link_minutes};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::one_time_links::{self as store, LinkRecord};
use verifa_vault::{CaptureToken, Place};

use super::create::expiry;
use super::load::Session;
use super::moved::{audited, tell};
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided};

/// Life of a link whose caller names none: a day.
const DEFAULT_MINUTES: i64 = 1_440;
/// Most links that a list shows; older ones are history.
const MOST: i64 = 100;

/// A one-time link as callers see it. Deliberately without `Debug`: the address holds the token.
#[derive(Clone)]
pub struct OneTimeLink {
    /// Its id.
    pub id: LinkId,
    /// The session that it opens.
    pub session_id: SessionId,
    /// Its page, while it is active.
    pub capture_url: Option<String>,
    /// Where it stands now.
    pub status: LinkStatus,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

fn token_place(id: LinkId) -> Place<'static> {
    Place::new("one_time_links", "sealed_token", id.uuid())
}

impl App {
    /// Makes a link, and revokes the former one. An expired session is opened again for it, and a
    /// session that is open for capture stays so for at least as long as the link.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the minutes; sessions that are completed, failed or
    /// behind their sensitive window refuse.
    pub async fn generate_link(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        expires_in_minutes: Option<i64>,
    ) -> Result<Decided<OneTimeLink>, AppError> {
        const REFUSED: AppError = AppError::BadRequest("The session takes no more links.");
        let mut session = self.session(tenant, id).await?;
        let minutes = expires_in_minutes.unwrap_or(DEFAULT_MINUTES);
        check_link_minutes(minutes)?;
        let before = session.status();
        session.reopenable(REFUSED)?;
        if matches!(before, Status::Completed | Status::Failed) {
            return Err(REFUSED);
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let expires_at = expiry(change.now, minutes);
        if before == Status::Expired {
            self.open_again(&mut session, change.now)?;
            session.tell_resumed(&mut change, before)?;
        }
        if session.status().accepts_capture() {
            session.live_until(&mut change, expires_at);
        }
        let (record, token) = self.new_link(&session, change.now, expires_at)?;
        change.push(store::revoke(id, change.now));
        change.push(store::insert(&record));
        session.private.has_grants = true;
        let facts = json!({ "link_id": record.id, "expires_at": expires_at });
        audited(&mut change, &session, "session.link_generated", &facts)?;
        let more: Map<_, _> = facts.as_object().cloned().unwrap_or_default();
        let status = session.status().as_str();
        let event = WebhookEvent::SessionLinkGenerated;
        tell(&mut change, &session, event, status, more)?;
        session.write(self, &mut change, before)?;
        Ok(Decided {
            commit: change.into_commit(),
            answer: self.link_view(&record, Some(token.reveal())),
            session: Some(id),
        })
    }

    fn new_link(
        &self,
        session: &Session,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(LinkRecord, CaptureToken), AppError> {
        let id = LinkId::generate(now, &*self.random);
        let token = CaptureToken::generate(&*self.random);
        let key = session.key()?;
        let sealed = key.seal(&token_place(id), token.reveal().as_bytes(), &*self.random);
        let record = LinkRecord {
            id,
            session_id: session.id(),
            organization_id: session.record.tenant.organization,
            status: LinkStatus::Active,
            token_hash: Some(self.keys.server().token_hash(&token).as_bytes().to_vec()),
            sealed_token: Some(sealed),
            expires_at,
            created_at: now,
        };
        Ok((record, token))
    }

    /// The newest hundred links of a session, newest first.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn links(&self, tenant: Tenant, id: SessionId) -> Result<Vec<OneTimeLink>, AppError> {
        let session = self.session(tenant, id).await?;
        let mut links = Vec::new();
        for row in self.db.query(store::of_session(id, MOST)).await? {
            let record = LinkRecord::from_row(&row)?;
            let opened = match (&record.sealed_token, &session.key) {
                (Some(sealed), Some(key)) => Some(key.open(&token_place(record.id), sealed)?),
                _ => None,
            };
            let token = opened
                .as_ref()
                .and_then(|bytes| std::str::from_utf8(bytes).ok());
            links.push(self.link_view(&record, token));
        }
        Ok(links)
    }

    fn link_view(&self, record: &LinkRecord, token: Option<&str>) -> OneTimeLink {
        let status = record.status.at(self.clock.now(), record.expires_at);
        let shown = token.filter(|_| status == LinkStatus::Active);
        OneTimeLink {
            id: record.id,
            session_id: record.session_id,
            capture_url: shown.map(|token| self.capture_page(token)),
            status,
            expires_at: record.expires_at,
            created_at: record.created_at,
        }
    }

    /// Gives an expired session a new token, as a resume does.
    fn open_again(&self, session: &mut Session, now: Timestamp) -> Result<(), AppError> {
        if !session.step(Event::Resumed, now) {
            return Err(AppError::Internal("an expired session can't be resumed"));
        }
        session.give_token(self, expiry(now, session.record.token_minutes));
        Ok(())
    }
}

impl Session {
    /// Lets the session live until `end`, if that is later than it would, and moves its expiry.
    fn live_until(&mut self, change: &mut Change<'_>, end: Timestamp) {
        let later = self.record.token_expires_at.map_or(end, |own| own.max(end));
        self.record.token_expires_at = Some(later);
        change.job(&JobName::ExpireSession(self.id()), later);
    }
}
