//! Expiring a session: its token dies, a run is cancelled, a case closed.

use serde_json::json;
use verifa_core::id::{RunId, SessionId};
use verifa_core::session::{Event, Status};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::runs::{self, RunRecord};
use verifa_store::{cases, results};
use verifa_vault::OrganizationKey;

use super::load::Session;
use super::moved::base_fields;
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided, Resource, Sealing};

/// An expired session.
#[derive(Debug, Clone)]
pub struct Expired {
    /// The session.
    pub id: SessionId,
    /// When it expired.
    pub expired_at: Timestamp,
}

/// Writes everything that an expiry does. `run` is the session's open run, if it has one.
///
/// # Errors
/// When the state machine refuses.
pub(crate) fn expire(
    change: &mut Change<'_>,
    session: &mut Session,
    event: Event,
    run: Option<RunRecord>,
) -> Result<(), AppError> {
    let before = session.status();
    end(change, session, event, run, None)?;
    let app = change.app();
    session.write(app, change, before)
}

/// An expiry but for the session's row, which the caller writes. Its event is sealed by
/// `organization` where the session's own key is about to be destroyed.
pub(super) fn end(
    change: &mut Change<'_>,
    session: &mut Session,
    event: Event,
    run: Option<RunRecord>,
    organization: Option<&OrganizationKey>,
) -> Result<(), AppError> {
    let before = session.status();
    if !session.step(event, change.now) {
        return Err(AppError::BadRequest("The session can no longer expire."));
    }
    session.forget_token();
    let sealing = match organization {
        Some(key) => Sealing::Organization(key),
        None => session.sealing()?,
    };
    let id = session.id();
    for told in event.webhook_events() {
        let fields = base_fields(session, Status::Expired.as_str());
        change.tell(*told, Some(id), sealing, fields);
    }
    let why = if event == Event::TokenExpired {
        "token"
    } else {
        "call"
    };
    let facts = json!({ "by": why });
    change.audit("session.expired", Resource::session(id), sealing, &facts);
    if let Some(run) = run {
        cancel_run(change, run);
    }
    change.cancel_job(&JobName::ExpireSession(id));
    close_case(change, session);
    if before == Status::UnderReview {
        // A session has a result from its review on, but never when it expired.
        change.push(results::delete(id));
    }
    Ok(())
}

/// Closes a session's case, if it has an undecided one: nobody has to look any more.
pub(crate) fn close_case(change: &mut Change<'_>, session: &Session) {
    if let Some((case, _)) = session.record.case {
        change.cancel_job(&JobName::ReleaseCase(case));
        change.push(cases::close(session.id(), change.now));
    }
}

/// Ends a run that goes no further.
pub(crate) fn cancel_run(change: &mut Change<'_>, mut run: RunRecord) {
    let id: RunId = run.id;
    "cancelled".clone_into(&mut run.status);
    run.paused_at_node = None;
    run.gate_deadline = None;
    run.completed_at = Some(change.now);
    change.push(runs::update(&run));
    change.cancel_job(&JobName::AdvanceRun(id));
    change.cancel_job(&JobName::GateTimeout(id));
}

impl App {
    /// The newest run of a session if it has not ended.
    pub(crate) async fn open_run(&self, session: SessionId) -> Result<Option<RunRecord>, AppError> {
        let row = self.db.query_opt(runs::latest(session)).await?;
        let run = row.as_ref().map(RunRecord::from_row).transpose()?;
        Ok(run.filter(|run| matches!(run.status.as_str(), "running" | "paused")))
    }

    /// The expire call.
    ///
    /// # Errors
    /// Not found; every terminal status and redacted sessions refuse.
    pub async fn expire_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Decided<Expired>, AppError> {
        let mut session = self.session(tenant, id).await?;
        if session.status().is_terminal() || session.is_redacted() {
            return Err(AppError::BadRequest(
                "Only an active session can be expired.",
            ));
        }
        let run = self.open_run(id).await?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        expire(&mut change, &mut session, Event::ExpireCalled, run)?;
        let answer = Expired {
            id,
            expired_at: change.now,
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}
