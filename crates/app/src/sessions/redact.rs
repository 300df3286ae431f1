//! The redact call: a session's data key is destroyed, its images deleted, its record kept.

use verifa_core::id::SessionId;
use verifa_core::privacy::ErasureCause;
use verifa_core::session::Status;
use verifa_core::tenant::Tenant;

use super::erase::erase;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// A redacted session.
#[derive(Debug, Clone)]
pub struct Redacted {
    /// The session.
    pub id: SessionId,
    /// Images deleted by this call.
    pub documents_removed: usize,
}

impl App {
    /// The redact call. Repeated: the same answer, nothing removed.
    ///
    /// # Errors
    /// Not found; a session in processing, or under a legal hold, refuses with a conflict.
    pub async fn redact_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<Redacted>, AppError> {
        let mut session = self.session(tenant, id).await?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        let mut documents_removed = 0;
        if !session.is_redacted() {
            if session.status() == Status::Processing {
                return Err(AppError::Conflict("The session is being processed."));
            }
            if session.record.legal_hold_at.is_some() {
                return Err(AppError::Conflict("The session is under a legal hold."));
            }
            documents_removed = erase(self, &mut change, &mut session, ErasureCause::Call).await?;
        }
        Ok(Decided {
            commit: change.into_commit(),
            answer: Redacted {
                id,
                documents_removed,
            },
            session: None,
        })
    }
}
