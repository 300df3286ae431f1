//! Expiring a session: its token dies, a run is cancelled, a case closed.

use serde_json::{Map, json};
use verifa_core::id::{RunId, SessionId};
use verifa_core::session::{Event, Status};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::cases;
use verifa_store::runs::{self, RunRecord};

use super::load::Session;
use super::moved::{audited, tell};
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided};

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
    if !session.step(event, change.now) {
        return Err(AppError::BadRequest("The session can no longer expire."));
    }
    session.forget_token();
    tell(
        change,
        session,
        event.webhook_events()[0],
        Status::Expired.as_str(),
        Map::new(),
    )?;
    let why = if event == Event::TokenExpired {
        "token"
    } else {
        "call"
    };
    audited(change, session, "session.expired", &json!({ "by": why }))?;
    change.cancel_job(&JobName::ExpireSession(session.id()));
    if let Some(run) = run {
        cancel_run(change, run);
    }
    if before == Status::UnderReview {
        change.push(cases::close(session.id(), change.now));
    }
    let app = change.app();
    session.write(app, change, before)
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
