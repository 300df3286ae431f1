//! The beginning of processing: a new run on the workflow's current version.

use verifa_core::id::{Id, RunId, SessionId, WorkflowId};
use verifa_core::workflow::takes_newest;
use verifa_store::runs::{self, RunRecord};
use verifa_store::workflows::WorkflowRecord;

use super::load::Session;
use crate::error::AppError;
use crate::job::JobName;
use crate::run_memory::RunMemory;
use crate::{App, Change};

/// The version that a session takes: the newest, or while it is being rolled out the one before
/// for the sessions whose turn has not come.
pub(crate) fn version_for(workflow: &WorkflowRecord, session: SessionId) -> i64 {
    let share = workflow
        .rollout_percentage
        .and_then(|share| u8::try_from(share).ok());
    let newest = workflow.current_version;
    match share {
        Some(share) if newest > 1 && !takes_newest(session, share) => newest - 1,
        _ => newest,
    }
}

/// Writes a fresh run of `workflow` for a session and the job that takes it up.
pub(crate) async fn new_run(
    app: &App,
    change: &mut Change<'_>,
    session: &mut Session,
    workflow: &WorkflowRecord,
) -> Result<RunId, AppError> {
    let version = version_for(workflow, session.id());
    let compiled = app.workflow_version(workflow.id, version).await?;
    let memory = RunMemory::start(&compiled.compiled.graph);
    insert_run(change, session, (workflow.id, version), &memory)
}

/// Writes a run that begins with a memory, on a version of a workflow, and the job that takes it up.
pub(crate) fn insert_run(
    change: &mut Change<'_>,
    session: &mut Session,
    (workflow_id, workflow_version): (WorkflowId, i64),
    memory: &RunMemory,
) -> Result<RunId, AppError> {
    let app = change.app();
    let id = RunId::generate(change.now, &*app.random);
    let mut run = RunRecord {
        id,
        session_id: session.id(),
        organization_id: session.record.tenant.organization,
        workflow_id,
        workflow_version,
        status: "running".to_owned(),
        final_status: None,
        paused_at_node: None,
        current_node: None,
        gate_deadline: None,
        revision: 1,
        sealed: None,
        created_at: change.now,
        started_at: None,
        completed_at: None,
    };
    memory.seal_into(&mut run, session.key()?, &*app.random)?;
    change.push(runs::insert(&run));
    change.job_at_once(&JobName::AdvanceRun(id));
    session.record.processing_attempts += 1;
    Ok(id)
}
