//! Judging again: one check of a finished session, or all of it.

use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::SessionId;
use verifa_core::session::{CheckStatus, Event, IdKind, Status};
use verifa_core::tenant::Tenant;
use verifa_core::workflow::RunState;
use verifa_store::attempts::{self, AttemptRecord};
use verifa_store::runs::{self, RunRecord};
use verifa_store::{cases, results};

use super::load::Session;
use super::moved::audited;
use super::start::{insert_run, new_run};
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::run_memory::RunMemory;
use crate::{App, Change, Decided};

/// The check whose reading of the document all others rest on.
const READING: &str = "document_ocr";

/// A session whose checks run again.
#[derive(Debug, Clone)]
pub struct Rerun {
    /// The session.
    pub session_id: SessionId,
    /// `processing`.
    pub status: Status,
}

impl App {
    /// Tries a check again, and whatever came after it; what was judged before it stands. The
    /// workflow routes anew, on the version that the session ran on.
    ///
    /// # Errors
    /// Not found: the session, or a check that never ran in it; a bad request when its newest
    /// attempt did not fail, and in every status but under review, completed and failed.
    pub async fn retry_verification(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        policy: &str,
    ) -> Result<Decided<Rerun>, AppError> {
        const REFUSED: AppError =
            AppError::BadRequest("The session's checks can't be tried again in its status.");
        let mut session = self.session(tenant, id).await?;
        let newest = self.newest_status(id, policy).await?;
        let newest = newest.ok_or(AppError::NotFound(Thing::Verification))?;
        if !newest.is_retryable() {
            return Err(AppError::BadRequest(
                "Only a check that failed can be tried again.",
            ));
        }
        let gone = "The session's data has been deleted.";
        session.reopenable(AppError::BadRequest(gone))?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        let before = session.status();
        if !session.step(Event::CheckRetried, change.now) {
            return Err(REFUSED);
        }
        let row = self.db.query_opt(runs::latest(id)).await?;
        let former = RunRecord::from_row(&row.ok_or(REFUSED)?)?;
        let mut memory = RunMemory::open(&former, session.key()?)?.ok_or(REFUSED)?;
        let version = self
            .workflow_version(former.workflow_id, former.workflow_version)
            .await?;
        memory.state = RunState::repeat(&version.compiled.graph, &memory.state, policy)
            .map_err(|_| REFUSED)?;
        if !memory.state.carried.contains_key(READING) {
            // The document is read anew: what was read before is nobody's word any more.
            memory.extracted = verifa_checks::ExtractedData::default();
        }
        let place = (former.workflow_id, former.workflow_version);
        let run = insert_run(&mut change, &mut session, place, &memory)?;
        undo_decision(&mut change, &session, before).await?;
        let facts = json!({ "policy": policy, "run_id": run });
        audited(&mut change, &session, "verification.retried", &facts)?;
        session.write(self, &mut change, before)?;
        Ok(rerun(change, &session))
    }

    /// Judges a completed or failed session anew by its workflow's current version, on the
    /// documents that it has.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] when the session's data is gone, or lacks what the
    /// workflow demands now; a conflict in every other status.
    pub async fn reprocess_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<Rerun>, AppError> {
        let mut session = self.session(tenant, id).await?;
        let gone = "The session's documents have been deleted; nothing can be judged again.";
        session.reopenable(Fault::new("", FaultCode::Invalid, gone).into())?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        let before = session.status();
        if !session.step(Event::Reprocessed, change.now) {
            return Err(AppError::Conflict(
                "Only a completed or failed session can be processed again.",
            ));
        }
        let told = session.told_document_type().and_then(IdKind::parse);
        let (workflow, missing) = self.lacking(&session, told).await?;
        if !missing.is_empty() {
            return Err(AppError::Invalid(missing));
        }
        let run = new_run(self, &mut change, &mut session, &workflow).await?;
        undo_decision(&mut change, &session, before).await?;
        let facts = json!({ "run_id": run, "workflow_id": workflow.id });
        audited(&mut change, &session, "session.reprocessed", &facts)?;
        session.write(self, &mut change, before)?;
        Ok(rerun(change, &session))
    }

    /// The status of a check's newest attempt in a session.
    async fn newest_status(
        &self,
        id: SessionId,
        policy: &str,
    ) -> Result<Option<CheckStatus>, AppError> {
        let mut newest: Option<AttemptRecord> = None;
        for row in self.db.query(attempts::of_session(id)).await? {
            let attempt = AttemptRecord::from_row(&row)?;
            let later = newest
                .as_ref()
                .is_none_or(|known| known.attempt_number < attempt.attempt_number);
            if attempt.policy == policy && later {
                newest = Some(attempt);
            }
        }
        Ok(newest.map(|attempt| attempt.status))
    }
}

/// Until the new run decides there is no result, and nothing for a reviewer to decide.
async fn undo_decision(
    change: &mut Change<'_>,
    session: &Session,
    before: Status,
) -> Result<(), AppError> {
    if before == Status::UnderReview && !change.app().has_open_contest(session).await? {
        change.push(cases::close(session.id(), change.now));
    }
    change.push(results::delete(session.id()));
    Ok(())
}

fn rerun(change: Change<'_>, session: &Session) -> Decided<Rerun> {
    Decided {
        commit: change.into_commit(),
        answer: Rerun {
            session_id: session.id(),
            status: session.status(),
        },
        session: Some(session.id()),
    }
}
