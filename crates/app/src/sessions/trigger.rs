//! Judging a finished session again, by a workflow named by call.

use serde_json::json;
use verifa_core::id::{SessionId, WorkflowId};
use verifa_core::session::{Event, Status};
use verifa_core::tenant::Tenant;
use verifa_store::results;

use super::moved::audited;
use super::start::new_run;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// A triggered run.
#[derive(Debug, Clone)]
pub struct Triggered {
    /// The session.
    pub session_id: SessionId,
    /// Its status.
    pub status: Status,
}

impl App {
    /// Runs a workflow's current version on a completed or failed session.
    ///
    /// # Errors
    /// Not found: the workflow or the session; a conflict in every other status and for an
    /// inactive workflow.
    pub async fn trigger_workflow(
        &self,
        actor: &Actor,
        tenant: Tenant,
        workflow: WorkflowId,
        id: SessionId,
    ) -> Result<Decided<Triggered>, AppError> {
        let workflow = self.workflow_record(tenant.organization, workflow).await?;
        let mut session = self.session(tenant, id).await?;
        if !workflow.is_active {
            return Err(AppError::Conflict("The workflow is not active."));
        }
        let gone = "The session's data has been deleted.";
        session.reopenable(AppError::Conflict(gone))?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        let before = session.status();
        if !session.step(Event::WorkflowTriggered, change.now) {
            return Err(AppError::Conflict(
                "Only a completed or failed session can be run again.",
            ));
        }
        let run = new_run(self, &mut change, &mut session, &workflow).await?;
        // Until the new run decides there is no result: the old one no longer stands.
        change.push(results::delete(id));
        let facts = json!({ "run_id": run, "workflow_id": workflow.id });
        audited(&mut change, &session, "workflow.triggered", &facts)?;
        session.write(self, &mut change, before)?;
        let answer = Triggered {
            session_id: id,
            status: session.status(),
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}
