//! Kept answers: where they stand, what seals them, and whether a call is the same call.

use std::time::Duration;

use bytes::Bytes;
use verifa_app::App;
use verifa_core::id::{OrganizationId, SessionId};
use verifa_store::db::Commit;
use verifa_store::idempotency::{self, KeptAnswer};
use verifa_vault::Place;

use crate::body::Canonical;
use crate::error::{ApiError, Code};
use crate::outcome::{Holder, Outcome};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_hours(24);

/// One idempotency key of one key or token, with the fingerprint of the call that uses it.
pub(crate) struct KeptKey {
    holder: Holder,
    hash: [u8; 32],
    fingerprint: [u8; 32],
    /// Names the row in the associated data of the sealed body.
    row: Vec<u8>,
}

/// An answer, sealed, and what it is sealed by.
pub(crate) struct Sealed {
    session: Option<SessionId>,
    organization: Option<OrganizationId>,
    bytes: Vec<u8>,
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
        holder: Holder,
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
        let row = [holder.id.as_bytes().as_slice(), &hash].concat();
        Self {
            holder,
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
        let statement = idempotency::get(self.holder.id, &self.hash);
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
            let tenant = self.holder.tenant;
            let tenant = tenant.ok_or_else(|| ApiError::internal("an answer without a tenant"))?;
            let session = app.session(tenant, session).await?;
            session.key()?.open(&place, &kept.sealed)
        } else {
            let organization = self.organization(kept.organization_id)?;
            let key = app.keys.organization(&app.db, organization).await?;
            key.open(&place, &kept.sealed)
        };
        let opened = opened.map_err(|error| ApiError::from_fault(&error))?;
        Ok(Found::Answer(Bytes::copy_from_slice(&opened)))
    }

    /// The organization whose key seals an answer: the one named, else the caller's.
    fn organization(&self, named: Option<OrganizationId>) -> Result<OrganizationId, ApiError> {
        let own = self.holder.tenant.map(|tenant| tenant.organization);
        named
            .or(own)
            .ok_or_else(|| ApiError::internal("an answer without an organization"))
    }

    /// Seals an answer: under the key of the session it concerns, held by the outcome where the
    /// session is only being made, else under the organization's.
    ///
    /// # Errors
    /// When no key can be had.
    pub(crate) async fn seal(
        &self,
        app: &App,
        session: Option<SessionId>,
        outcome: &impl Outcome,
        body: &[u8],
    ) -> Result<Sealed, ApiError> {
        let place = self.place();
        let bytes = match (session, outcome.data_key()) {
            (Some(_), Some(key)) => key.seal(&place, body, &*app.random),
            (Some(id), None) => {
                let tenant = self.holder.tenant;
                let tenant =
                    tenant.ok_or_else(|| ApiError::internal("a session without a tenant"))?;
                let session = app.session(tenant, id).await?;
                session.key()?.seal(&place, body, &*app.random)
            }
            (None, _) => {
                let organization = self.organization(outcome.organization())?;
                if let Some(key) = outcome.organization_key() {
                    key.seal(&place, body, &*app.random)
                } else {
                    let key = app.keys.organization(&app.db, organization).await?;
                    key.seal(&place, body, &*app.random)
                }
            }
        };
        Ok(Sealed {
            session,
            organization: outcome.organization(),
            bytes,
        })
    }

    /// Adds a sealed answer to the commit of its effect.
    pub(crate) fn keep(
        &self,
        app: &App,
        mut commit: Commit,
        replaces_expired: bool,
        status: u16,
        sealed: Sealed,
    ) -> Commit {
        let now = app.clock.now();
        if replaces_expired {
            commit.push(idempotency::delete_expired_one(
                self.holder.id,
                &self.hash,
                now,
            ));
        }
        let answer = KeptAnswer {
            fingerprint: self.fingerprint.to_vec(),
            session_id: sealed.session,
            organization_id: sealed.organization,
            status: i64::from(status),
            sealed: sealed.bytes,
            expires_at: now.plus(KEPT),
        };
        commit.push(idempotency::insert(self.holder.id, &self.hash, &answer));
        commit
    }
}
