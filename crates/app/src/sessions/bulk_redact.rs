//! Redacting many sessions, each in a commit of its own.

use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;
use verifa_store::db::DbError;

use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::{App, ROUNDS};

/// What became of one session of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkOutcome {
    /// Its data is destroyed.
    Deleted {
        /// Images deleted.
        documents_removed: usize,
    },
    /// It was destroyed before.
    AlreadyRedacted,
    /// There is no such session for this caller.
    NotFound,
    /// It is in a state that forbids it.
    Conflict,
}

impl App {
    /// Redacts sessions one after another; what stands in the way of one does not stand in the way
    /// of the others. An id that is none counts as unknown.
    ///
    /// # Errors
    /// When database or keys fail: what was done stays done, and a repetition goes on.
    pub async fn redact_sessions(
        &self,
        actor: &Actor,
        tenant: Tenant,
        ids: &[String],
    ) -> Result<Vec<BulkOutcome>, AppError> {
        let mut outcomes = Vec::with_capacity(ids.len());
        for id in ids {
            outcomes.push(match id.parse() {
                Ok(id) => self.redact_one(actor, tenant, id).await?,
                Err(_) => BulkOutcome::NotFound,
            });
        }
        Ok(outcomes)
    }

    async fn redact_one(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<BulkOutcome, AppError> {
        for round in 0..ROUNDS {
            match self.session(tenant, id).await {
                Ok(session) if session.is_redacted() => return Ok(BulkOutcome::AlreadyRedacted),
                Ok(_) => {}
                Err(AppError::NotFound(Thing::Session)) => return Ok(BulkOutcome::NotFound),
                Err(error) => return Err(error),
            }
            let decided = match self.redact_session(actor, tenant, id).await {
                Ok(decided) => decided,
                Err(AppError::Conflict(_)) => return Ok(BulkOutcome::Conflict),
                Err(error) => return Err(error),
            };
            let documents_removed = decided.answer.documents_removed;
            match self.apply(decided.commit).await {
                Ok(()) => return Ok(BulkOutcome::Deleted { documents_removed }),
                Err(DbError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            self.step_aside(round).await;
        }
        Ok(BulkOutcome::Conflict)
    }
}
