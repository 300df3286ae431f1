//! Loading a session, its due expiry applied first.

use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{Id, SessionId};
use verifa_core::session::{Event, IdKind, RetentionStatus, Status, due_expiry, transition};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::db::DbError;
use verifa_store::sessions::{self as store, SessionRecord};
use verifa_vault::{CaptureToken, DataKey, Place};

use super::private::Private;
use crate::actor::Actor;
use crate::change::Sealing;
use crate::error::{AppError, Thing};
use crate::keyring::data_key_place;
use crate::{App, Change, ROUNDS};

/// A session with its sealed part opened.
pub struct Session {
    /// The row.
    pub record: SessionRecord,
    /// The sealed part; empty once the key is destroyed.
    pub private: Private,
    pub(crate) key: Option<DataKey>,
}

impl Session {
    /// Its id.
    pub const fn id(&self) -> SessionId {
        self.record.id
    }

    /// Where it stands.
    pub const fn status(&self) -> Status {
        self.record.status
    }

    /// Whether its personal data is destroyed; it then refuses every change.
    pub fn is_redacted(&self) -> bool {
        self.record.retention_status == RetentionStatus::Redacted
    }

    /// That the caller may still change what it told of the session.
    ///
    /// # Errors
    /// [`AppError::Invalid`] once its personal data is destroyed (spec/sessions.md, "Update").
    pub(super) fn changeable(&self) -> Result<(), AppError> {
        if !self.is_redacted() {
            return Ok(());
        }
        let message = "The session's data has been deleted; it can no longer change.";
        Err(Fault::new("", FaultCode::Invalid, message).into())
    }

    /// That the session may be opened or judged again: nothing that was handed in may come to light
    /// once the sensitive window is over (spec/resources.md, "Retention").
    ///
    /// # Errors
    /// `refused`, unless everything is still there.
    pub(crate) fn reopenable(&self, refused: AppError) -> Result<(), AppError> {
        if self.record.retention_status == RetentionStatus::Active {
            Ok(())
        } else {
            Err(refused)
        }
    }

    /// What the API may show of the sealed part: nothing once the sensitive window is over
    /// (spec/resources.md, "Retention").
    pub fn disclosed(&self) -> Option<&Private> {
        (self.record.retention_status == RetentionStatus::Active).then_some(&self.private)
    }

    /// Leaves of the session what [`Session::disclosed`] lets the API show; its key is forgotten, so
    /// that nothing else opens either.
    pub(super) fn hide(&mut self) {
        if self.disclosed().is_none() {
            self.private = Private::default();
            self.key = None;
            self.record.redirect_url = None;
            self.record.locale = None;
        }
    }

    /// The data key.
    ///
    /// # Errors
    /// When it was destroyed.
    pub fn key(&self) -> Result<&DataKey, AppError> {
        self.key
            .as_ref()
            .ok_or(AppError::Gone("The session's data has been deleted."))
    }

    /// What seals facts about this session.
    ///
    /// # Errors
    /// When the key was destroyed.
    pub fn sealing(&self) -> Result<Sealing<'_>, AppError> {
        Ok(Sealing::Session(self.id(), self.key()?))
    }

    /// The capture page's address, while the session is open for capture.
    pub fn capture_url(&self, app: &App) -> Option<String> {
        let token = self.private.capture_token.as_ref()?;
        let open = self.status().accepts_capture();
        open.then(|| app.capture_page(token))
    }

    /// Gives the session a new capture token; the old one is dead.
    pub(crate) fn give_token(&mut self, app: &App, expires_at: Timestamp) {
        let token = CaptureToken::generate(&*app.random);
        self.record.token_hash = Some(app.keys.server().token_hash(&token).as_bytes().to_vec());
        self.record.former_token_hash = None;
        self.record.token_expires_at = Some(expires_at);
        self.private.capture_token = Some(token.reveal().to_owned());
    }

    /// The kind of document that the caller told.
    pub(crate) fn told_document_type(&self) -> Option<&str> {
        let named = self.record.document_type.as_deref();
        named.filter(|named| self.private.read_document_type.as_deref() != Some(*named))
    }

    /// Takes the kind of document that the caller tells.
    pub(crate) fn tell_document_type(&mut self, kind: IdKind) {
        self.record.document_type = Some(kind.as_str().to_owned());
        self.private.read_document_type = None;
    }

    /// Takes the kind of document that was read, unless the caller told one.
    pub(crate) fn learn_document_type(&mut self, read: Option<&str>) {
        if let (None, Some(read)) = (self.told_document_type(), read) {
            self.record.document_type = Some(read.to_owned());
            self.private.read_document_type = Some(read.to_owned());
        }
    }

    /// Moves the session by an event of its state machine; `false` when the table refuses.
    pub(crate) fn step(&mut self, event: Event, now: Timestamp) -> bool {
        let sandbox = self.record.tenant.environment.is_sandbox();
        let Ok(status) = transition(Some(self.record.status), event, sandbox) else {
            return false;
        };
        self.record.status = status;
        self.record.terminal_at = status.is_terminal().then_some(now);
        if !status.accepts_capture() {
            self.forget_token();
        }
        true
    }

    /// Kills the capture token. What remains of it is a hash, by which the person can be told the
    /// decision and contest it.
    pub(crate) fn forget_token(&mut self) {
        if let Some(hash) = self.record.token_hash.take() {
            self.record.former_token_hash = Some(hash);
        }
        self.private.capture_token = None;
    }

    /// Seals the private part into the row again.
    pub(crate) fn seal(&mut self, app: &App) -> Result<(), AppError> {
        let text = serde_json::to_vec(&self.private)
            .map_err(|_| AppError::Internal("the private part is no JSON"))?;
        let sealed = self
            .key()?
            .seal(&sealed_place(self.id()), &text, &*app.random);
        self.record.sealed = Some(sealed);
        Ok(())
    }
}

fn sealed_place(id: SessionId) -> Place<'static> {
    Place::new("sessions", "sealed", id.uuid())
}

impl App {
    /// The capture page that a token opens.
    pub(crate) fn capture_page(&self, token: &str) -> String {
        format!("{}/verify/{token}", self.settings.public_url)
    }

    /// A session of a tenant, as it stands now: a capture token that is over by the clock expires
    /// the session first, in its own commit, whether or not the job ran.
    ///
    /// # Errors
    /// [`Thing::Session`] not found, or a failure of the database.
    pub async fn session(&self, tenant: Tenant, id: SessionId) -> Result<Session, AppError> {
        for round in 0..ROUNDS {
            let row = self.db.query_opt(store::get(tenant, id)).await?;
            let row = row.ok_or(AppError::NotFound(Thing::Session))?;
            let session = self.open_session(SessionRecord::from_row(&row)?).await?;
            if !self.expire_if_due(&session).await? {
                return Ok(session);
            }
            self.step_aside(round).await;
        }
        Err(AppError::Unavailable("The session is busy. Try again."))
    }

    /// A session by id alone, for workers; no expiry is applied.
    ///
    /// # Errors
    /// [`Thing::Session`] not found, or a failure of the database.
    pub(crate) async fn session_by_id(&self, id: SessionId) -> Result<Session, AppError> {
        let row = self.db.query_opt(store::by_id(id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::Session))?;
        self.open_session(SessionRecord::from_row(&row)?).await
    }

    /// Opens the sealed part of a row.
    pub(crate) async fn open_session(&self, record: SessionRecord) -> Result<Session, AppError> {
        let Some(wrapped) = &record.wrapped_key else {
            return Ok(Session {
                record,
                private: Private::default(),
                key: None,
            });
        };
        let organization = self
            .keys
            .organization(&self.db, record.tenant.organization)
            .await?;
        let key = organization.unwrap(&data_key_place(record.id), wrapped)?;
        let private = match &record.sealed {
            Some(sealed) => {
                let text = key.open(&sealed_place(record.id), sealed)?;
                serde_json::from_slice(&text)
                    .map_err(|_| AppError::Internal("a session's sealed part is no JSON"))?
            }
            None => Private::default(),
        };
        Ok(Session {
            record,
            private,
            key: Some(key),
        })
    }

    /// Expires a session whose token is over; whether it has to be loaded again.
    async fn expire_if_due(&self, session: &Session) -> Result<bool, AppError> {
        let record = &session.record;
        if !due_expiry(record.status, record.token_expires_at, self.clock.now()) {
            return Ok(false);
        }
        let actor = Actor::system(record.tenant);
        let mut change = Change::after(self, &actor, record.updated_at);
        let mut expired = self.open_session(record.clone()).await?;
        super::expire(&mut change, &mut expired, Event::TokenExpired, None)?;
        match self.apply(change.into_commit()).await {
            Ok(()) | Err(DbError::Conflict { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}
