//! Kept answers: where they stand, what seals them, and whether a call is the same call.

use std::time::Duration;

use bytes::Bytes;
use verifa_app::App;
use verifa_core::id::{ApiKeyId, Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_store::db::Commit;
use verifa_store::idempotency::{self, KeptAnswer};
use verifa_vault::{DataKey, Place};

use crate::body::Canonical;
use crate::error::{ApiError, Code};
use crate::keys::ApiKey;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_hours(24);

/// One idempotency key of one API key, with the fingerprint of the call that uses it.
pub(crate) struct KeptKey {
    api_key: ApiKeyId,
    tenant: Tenant,
    hash: [u8; 32],
    fingerprint: [u8; 32],
    /// Names the row in the associated data of the sealed body.
    row: Vec<u8>,
}

/// What a look-up found.
pub(crate) enum Found {
    /// Nothing under this key.
    Nothing,
    /// An answer whose time is over; its row has to go before the next one.
    Expired,
    /// The answer to give again.
    Answer(Bytes),
}

impl KeptKey {
    /// For `text` as the header gave it; `target` is method, path and query.
    pub(crate) fn new(
        app: &App,
        caller: &ApiKey,
        text: &str,
        target: &str,
        parameters: &Canonical,
    ) -> Self {
        let keys = app.keys.server();
        let hash = *keys
            .request_fingerprint("Idempotency-Key", "", text.as_bytes())
            .as_bytes();
        let fingerprint = *keys
            .request_fingerprint("", target, &parameters.0)
            .as_bytes();
        let row = [caller.id.uuid().as_bytes().as_slice(), &hash].concat();
        Self {
            api_key: caller.id,
            tenant: caller.tenant,
            hash,
            fingerprint,
            row,
        }
    }

    fn place(&self) -> Place<'_> {
        Place::named("idempotency_keys", "sealed", &self.row)
    }

    /// The answer that was given before.
    ///
    /// # Errors
    /// 422 when the key was used with other parameters; 410 when the answer was deleted with the
    /// data of its session: the call must not happen again all the same.
    pub(crate) async fn find(&self, app: &App) -> Result<Found, ApiError> {
        let statement = idempotency::get(self.api_key, &self.hash);
        let Some(row) = app.db.query_opt(statement).await? else {
            return Ok(Found::Nothing);
        };
        let kept = KeptAnswer::from_row(&row)?;
        if kept.expires_at <= app.clock.now() {
            return Ok(Found::Expired);
        }
        // Both are keyed hashes of ours: nothing can be learned from the time of comparing.
        if kept.fingerprint != self.fingerprint {
            return Err(ApiError::idempotency_mismatch());
        }
        if kept.sealed.is_empty() {
            let detail = "The answer to this call was deleted with its session's data.";
            return Err(ApiError::new(Code::Gone, detail));
        }
        let place = self.place();
        let opened = if let Some(session) = kept.session_id {
            let session = app.session(self.tenant, session).await?;
            session.key()?.open(&place, &kept.sealed)
        } else {
            let key = app
                .keys
                .organization(&app.db, self.tenant.organization)
                .await?;
            key.open(&place, &kept.sealed)
        };
        let opened = opened.map_err(|error| ApiError::from_fault(&error))?;
        Ok(Found::Answer(Bytes::copy_from_slice(&opened)))
    }

    /// Seals an answer: under the key of the session it concerns, `held` by the caller where the
    /// session is only being made, else under the organization's.
    ///
    /// # Errors
    /// When no key can be had.
    pub(crate) async fn seal(
        &self,
        app: &App,
        session: Option<SessionId>,
        held: Option<&DataKey>,
        body: &[u8],
    ) -> Result<Vec<u8>, ApiError> {
        let place = self.place();
        match (session, held) {
            (Some(_), Some(key)) => Ok(key.seal(&place, body, &*app.random)),
            (Some(id), None) => {
                let session = app.session(self.tenant, id).await?;
                Ok(session.key()?.seal(&place, body, &*app.random))
            }
            (None, _) => {
                let key = app
                    .keys
                    .organization(&app.db, self.tenant.organization)
                    .await?;
                Ok(key.seal(&place, body, &*app.random))
            }
        }
    }

    /// Adds a sealed answer to the commit of its effect.
    pub(crate) fn keep(
        &self,
        app: &App,
        mut commit: Commit,
        replaces_expired: bool,
        status: u16,
        session_id: Option<SessionId>,
        sealed: Vec<u8>,
    ) -> Commit {
        let now = app.clock.now();
        if replaces_expired {
            commit.push(idempotency::delete_expired_one(
                self.api_key,
                &self.hash,
                now,
            ));
        }
        let answer = KeptAnswer {
            fingerprint: self.fingerprint.to_vec(),
            session_id,
            status: i64::from(status),
            sealed,
            expires_at: now.plus(KEPT),
        };
        commit.push(idempotency::insert(self.api_key, &self.hash, &answer));
        commit
    }
}
