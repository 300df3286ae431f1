//! The legal hold on a session: while it stands, no retention window ends and nothing redacts it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use verifa_core::id::SessionId;
use verifa_core::session::check_text;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use super::load::Session;
use super::moved::audited;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// The audit event of a hold that is placed.
pub(super) const HOLD_PLACED: &str = "session.legal_hold_placed";
/// The audit event of a hold that ends.
pub(super) const HOLD_LIFTED: &str = "session.legal_hold_lifted";

/// Most characters of a hold's reason.
const MAXIMUM_REASON: usize = 2_000;

/// Why and since when a session is held. Kept sealed: a reason names proceedings and persons.
/// Deliberately without `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct LegalHold {
    /// Why.
    pub reason: String,
    /// Since when.
    pub placed_at: Timestamp,
    /// Who placed it.
    pub placed_by: String,
}

/// Whether a session is held.
pub struct HoldState {
    /// The session.
    pub id: SessionId,
    /// The hold, if one stands.
    pub hold: Option<LegalHold>,
}

const REDACTED: AppError = AppError::Conflict("The session's data has been deleted.");

impl App {
    /// The hold on a session, if one stands.
    ///
    /// # Errors
    /// Not found.
    pub async fn legal_hold(&self, tenant: Tenant, id: SessionId) -> Result<HoldState, AppError> {
        let session = self.session(tenant, id).await?;
        Ok(HoldState {
            id,
            hold: session.private.legal_hold,
        })
    }

    /// Places a hold; on a session that is held already, its reason is replaced and its time
    /// stays.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the reason; a conflict when the data is gone.
    pub async fn place_legal_hold(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        reason: &str,
    ) -> Result<Decided<HoldState>, AppError> {
        let mut session = self.session(tenant, id).await?;
        check_text("reason", reason, MAXIMUM_REASON)?;
        if session.is_redacted() {
            return Err(REDACTED);
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let placed_at = session.record.legal_hold_at.unwrap_or(change.now);
        let hold = LegalHold {
            reason: reason.to_owned(),
            placed_at,
            placed_by: actor.name(),
        };
        session.record.legal_hold_at = Some(placed_at);
        session.private.legal_hold = Some(hold);
        audited(&mut change, &session, HOLD_PLACED, &json!({}))?;
        self.held(change, session)
    }

    /// Lifts the hold, if one stands: the windows go on as if it had never been.
    ///
    /// # Errors
    /// Not found; a conflict when the data is gone.
    pub async fn lift_legal_hold(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<HoldState>, AppError> {
        let mut session = self.session(tenant, id).await?;
        if session.is_redacted() {
            return Err(REDACTED);
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        if session.record.legal_hold_at.take().is_none() {
            let commit = change.into_commit();
            let answer = HoldState { id, hold: None };
            return Ok(Decided {
                commit,
                answer,
                session: Some(id),
            });
        }
        session.private.legal_hold = None;
        audited(&mut change, &session, HOLD_LIFTED, &json!({}))?;
        self.held(change, session)
    }

    fn held(
        &self,
        mut change: Change<'_>,
        mut session: Session,
    ) -> Result<Decided<HoldState>, AppError> {
        let status = session.status();
        session.write(self, &mut change, status)?;
        let id = session.id();
        let answer = HoldState {
            id,
            hold: session.private.legal_hold,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}
