//! The job that takes a run further: check by check, until a gate, the end, or a pause.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};
use tokio::sync::OwnedSemaphorePermit;
use verifa_core::id::RunId;
use verifa_core::sandbox::SandboxTenant;
use verifa_core::session::{CheckStatus, Event, WebhookEvent};
use verifa_core::workflow::{Because, CheckCall, Recorded, Step, jittered};
use verifa_store::db::{Commit, Stmt};
use verifa_store::jobs::{self, Job, Queue};
use verifa_store::sessions;

use super::checking::{Judged, judge, pictures};
use super::drive::Drive;
use super::housekeeping::finish;
use super::outcome;
use crate::error::AppError;
use crate::job::JobName;
use crate::sessions::{audited, close_case, tell};
use crate::{App, Change};

/// Takes a run as far as it goes.
pub(super) async fn advance(app: &Arc<App>, job: &Job, id: RunId) -> Result<(), AppError> {
    let Some(mut drive) = Drive::load(app, job, id).await? else {
        return finish(app, job).await;
    };
    drive.run.started_at.get_or_insert(app.clock.now());
    loop {
        let facts = drive.facts();
        let graph = &drive.version.compiled.graph;
        let (state, step) = drive.memory.state.clone().advance(graph, &facts);
        drive.memory.state = state;
        match step {
            Step::RunCheck(call) => {
                if drive.run_checks(vec![call]).await? == Turn::Paused {
                    return Ok(());
                }
            }
            Step::RunParallel { checks, .. } => {
                if drive.run_checks(checks).await? == Turn::Paused {
                    return Ok(());
                }
            }
            Step::PauseAtGate { node, timeout, .. } => return drive.pause(node, timeout).await,
            Step::Finish(end) => return outcome::complete(drive, end).await,
            Step::Broken { because, .. } => return drive.fail(&because).await,
        }
    }
}

/// Fails the session of a run that the engine can't take further.
pub(super) async fn give_up(app: &Arc<App>, job: &Job, id: RunId) -> Result<(), AppError> {
    match Drive::load(app, job, id).await? {
        Some(drive) => {
            let node = drive.memory.state.current.clone();
            let code = "engine_error".to_owned();
            drive
                .fail(&[Because {
                    node,
                    policy: None,
                    code,
                }])
                .await
        }
        None => finish(app, job).await,
    }
}

/// What is told of a session once, however often it is judged (spec/sessions.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Once {
    /// The document was read.
    Extracted,
    /// Every check of the document passed.
    Verified,
}

impl Once {
    /// Its part of the sum in `sessions.told_once`.
    const fn bit(self) -> i64 {
        match self {
            Self::Extracted => 1,
            Self::Verified => 2,
        }
    }

    const fn event(self) -> WebhookEvent {
        match self {
            Self::Extracted => WebhookEvent::DocumentExtracted,
            Self::Verified => WebhookEvent::DocumentVerified,
        }
    }
}

/// Whether a check that computes can begin at once.
enum Room {
    /// Every processor is busy.
    Full,
    /// For the first check that computes.
    Kept(OwnedSemaphorePermit),
    /// No check computes, or the run may wait.
    NotNeeded,
}

/// Whether the run goes on in this claim.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    GoesOn,
    Paused,
}

impl Drive<'_> {
    /// Runs checks side by side, then commits their attempts, the routing and the claim together.
    async fn run_checks(&mut self, calls: Vec<CheckCall>) -> Result<Turn, AppError> {
        let mut room = match self.room_for(&calls) {
            Room::Full => return self.queue_for_compute().await,
            Room::Kept(permit) => Some(permit),
            Room::NotNeeded => None,
        };
        let judging = calls.into_iter().map(|call| {
            let permit = if self.computes(&call) {
                room.take()
            } else {
                None
            };
            judge(self, call, permit)
        });
        let judged = futures::future::try_join_all(judging).await?;
        let actor = self.actor.clone();
        let app = Arc::clone(self.app);
        let mut change = Change::after(&app, &actor, self.latest);
        let mut pause: Option<Duration> = None;
        let mut attempts = Vec::new();
        for one in judged {
            let (recorded, written) = self.record(&mut change, one).await?;
            if let Recorded::RetryAfter(wait) = recorded {
                pause = Some(pause.map_or(wait, |known| known.min(wait)));
            }
            attempts.extend(written);
        }
        // The guards come first, so that a lost claim is known as one.
        change.push(self.write_run()?);
        match pause {
            Some(wait) => {
                let due_at = change.now.plus(jittered(wait, &*app.random));
                change.push(jobs::pause(self.job, due_at));
            }
            None => {
                change.push(self.guard());
            }
        }
        change.extend(attempts);
        self.latest = change.now;
        app.apply(change.into_commit()).await?;
        Ok(if pause.is_some() {
            Turn::Paused
        } else {
            Turn::GoesOn
        })
    }

    fn computes(&self, call: &CheckCall) -> bool {
        // A sandbox's script computes nothing.
        let is_real = SandboxTenant::of(self.session.record.tenant).is_none();
        let check = self.app.checks.get(&call.policy).filter(|_| is_real);
        check.is_some_and(|check| !pictures(check).is_empty())
    }

    /// Room for the first of the checks that computes. A run in the compute queue has come to wait
    /// for it; any other is not to hold its place meanwhile.
    fn room_for(&self, calls: &[CheckCall]) -> Room {
        let waits = self.job.queue == Queue::Compute;
        if waits || !calls.iter().any(|call| self.computes(call)) {
            return Room::NotNeeded;
        }
        Arc::clone(&self.app.compute)
            .try_acquire_owned()
            .map_or(Room::Full, Room::Kept)
    }

    /// Puts the run aside until a processor is free.
    async fn queue_for_compute(&self) -> Result<Turn, AppError> {
        let mut commit = Commit::new();
        commit
            .push(jobs::queue_for_compute(self.job, self.app.clock.now()))
            .wake_jobs();
        self.app.db.commit(commit).await?;
        Ok(Turn::Paused)
    }

    /// Takes one judgement in; answers the statements that come behind the guards, its attempt's among
    /// them.
    async fn record(
        &mut self,
        change: &mut Change<'_>,
        mut judged: Judged,
    ) -> Result<(Recorded, Vec<Stmt>), AppError> {
        let policy = judged.call.policy.clone();
        let number = self.attempts.entry(policy.clone()).or_insert(0);
        *number += 1;
        let number = *number;
        let attempt = verifa_core::workflow::Attempt {
            result: &judged.outcome.result,
            number: u32::try_from(number).unwrap_or(u32::MAX),
            started_at: judged.started_at,
            completed_at: judged.completed_at,
        };
        let graph = &self.version.compiled.graph;
        let (state, recorded) = self
            .memory
            .state
            .clone()
            .record(graph, &policy, &attempt)
            .map_err(|_| AppError::Internal("a check's result was not awaited"))?;
        self.memory.state = state;
        if recorded == Recorded::Done && !judged.outcome.result.status.is_final() {
            // The last retry is over: the trouble did not pass.
            judged.outcome.result.status = CheckStatus::Error;
        }
        let mut written = vec![self.attempt(&judged, number)?];
        let status = judged.outcome.result.status;
        metrics::counter!("verifa_checks_total", "policy" => policy.clone(), "status" => status.as_str())
            .increment(1);
        self.reasons
            .insert(policy.clone(), judged.outcome.result.reasons.clone());
        if self.version.compiled.graph.has_conditions() {
            self.details.insert(policy, judged.outcome.result.details);
        }
        if let Some(extracted) = judged.outcome.extracted {
            self.learn(extracted);
            if status == CheckStatus::Passed {
                let told = self.tell_once(change, Once::Extracted).await?;
                written.extend(told);
            }
        }
        Ok((recorded, written))
    }

    /// Tells an event of the session unless it was told before; answers the statement that notes it,
    /// which comes behind those of runs and jobs.
    pub(super) async fn tell_once(
        &self,
        change: &mut Change<'_>,
        once: Once,
    ) -> Result<Option<Stmt>, AppError> {
        let id = self.session.id();
        let row = self.app.db.query_opt(sessions::told_once(id)).await?;
        let told: i64 = row.map_or(Ok(0), |row| row.get(0))?;
        if told & once.bit() != 0 {
            return Ok(None);
        }
        let status = self.session.status().as_str();
        tell(change, &self.session, once.event(), status, Map::new())?;
        Ok(Some(sessions::note_told(id, told, told | once.bit())))
    }

    /// Pauses at an external gate.
    async fn pause(mut self, node: String, timeout: Duration) -> Result<(), AppError> {
        let actor = self.actor.clone();
        let app = Arc::clone(self.app);
        let mut change = Change::after(&app, &actor, self.latest);
        let deadline = change.now.plus(timeout);
        "paused".clone_into(&mut self.run.status);
        self.run.paused_at_node = Some(node.clone());
        self.run.gate_deadline = Some(deadline);
        change.push(self.write_run()?);
        change.push(jobs::finish(self.job));
        change.job(&JobName::GateTimeout(self.run.id), deadline);
        let before = self.session.status();
        if !self.session.step(Event::GateReached, change.now) {
            return Err(AppError::Internal("a running session can't reach its gate"));
        }
        let facts = json!({ "run_id": self.run.id, "node": node });
        audited(
            &mut change,
            &self.session,
            "session.awaiting_external",
            &facts,
        )?;
        let status = self.session.status().as_str();
        let event = WebhookEvent::SessionAwaitingExternal;
        let more = facts.as_object().cloned().unwrap_or_default();
        tell(&mut change, &self.session, event, status, more)?;
        self.write_session(&mut change, before)?;
        app.apply(change.into_commit()).await?;
        Ok(())
    }

    /// Fails the session: a check in error that routes nowhere, or the engine itself.
    async fn fail(mut self, because: &[Because]) -> Result<(), AppError> {
        let actor = self.actor.clone();
        let app = Arc::clone(self.app);
        let mut change = Change::after(&app, &actor, self.latest);
        "failed".clone_into(&mut self.run.status);
        self.run.completed_at = Some(change.now);
        change.push(self.write_run()?);
        change.push(jobs::finish(self.job));
        if !app.has_open_contest(&self.session).await? {
            close_case(&mut change, &self.session);
        }
        let before = self.session.status();
        if !self.session.step(Event::WorkflowBroke, change.now) {
            return Err(AppError::Internal("a running session can't fail"));
        }
        let facts = json!({ "run_id": self.run.id, "reasons": because });
        audited(&mut change, &self.session, "session.failed", &facts)?;
        let status = self.session.status().as_str();
        let more = facts.as_object().cloned().unwrap_or_default();
        tell(
            &mut change,
            &self.session,
            WebhookEvent::SessionFailed,
            status,
            more,
        )?;
        self.write_session(&mut change, before)?;
        app.apply(change.into_commit()).await?;
        Ok(())
    }
}
