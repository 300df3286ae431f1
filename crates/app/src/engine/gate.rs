//! The job that ends the wait at a gate.

use std::sync::Arc;

use serde_json::json;
use verifa_core::id::RunId;
use verifa_core::session::{Event, Status};
use verifa_core::workflow::BY_TIMEOUT;
use verifa_store::jobs::{self, Job};
use verifa_store::runs::{self, GateDecisionRecord, RunRecord};

use super::housekeeping::finish;
use crate::actor::Actor;
use crate::error::AppError;
use crate::run_memory::RunMemory;
use crate::sessions::{audited, leave_gate};
use crate::{App, Change};

/// Decides a gate by its time limit, unless somebody decided it before.
pub(super) async fn time_out(app: &Arc<App>, job: &Job, id: RunId) -> Result<(), AppError> {
    let Some(row) = app.db.query_opt(runs::by_id(id)).await? else {
        return finish(app, job).await;
    };
    let mut run = RunRecord::from_row(&row)?;
    let mut session = app.session_by_id(run.session_id).await?;
    let Some(node) = run.paused_at_node.clone() else {
        return finish(app, job).await;
    };
    if session.status() != Status::AwaitingExternal || session.is_redacted() {
        return finish(app, job).await;
    }
    let actor = Actor::system(session.record.tenant);
    let mut change = Change::after(app, &actor, session.record.updated_at);
    if let Some(deadline) = run.gate_deadline.filter(|deadline| *deadline > change.now) {
        // Another gate than the one this job was made for; and its time limit has not just been
        // brought nearer by a sandbox's clock.
        change.push(runs::unchanged(&run));
        change.push(jobs::pause(job, deadline));
        return app.apply(change.into_commit()).await.map_err(Into::into);
    }
    let version = app
        .workflow_version(run.workflow_id, run.workflow_version)
        .await?;
    let Some(mut memory) = RunMemory::open(&run, session.key()?)? else {
        return finish(app, job).await;
    };
    memory.state = memory
        .state
        .time_out(&version.compiled.graph, &node, change.now)
        .map_err(|_| AppError::Internal("a paused run does not wait at its gate"))?;
    let decision = memory
        .state
        .decision_of(&node)
        .map(|decision| decision.decision.clone());
    let decision = GateDecisionRecord {
        node: node.clone(),
        decision: decision.unwrap_or_default(),
        decided_by: BY_TIMEOUT.to_owned(),
        decided_at: change.now,
    };
    leave_gate(&mut change, &session, &mut run, &memory, &decision)?;
    change.push(jobs::finish(job));
    let before = session.status();
    if !session.step(Event::GateTimedOut, change.now) {
        return Err(AppError::Internal("a waiting session can't time out"));
    }
    let facts = json!({ "run_id": id, "node": node });
    audited(&mut change, &session, "session.gate_timed_out", &facts)?;
    session.write(app, &mut change, before)?;
    app.apply(change.into_commit()).await.map_err(Into::into)
}
