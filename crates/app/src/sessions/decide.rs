//! The operator's decision at an external gate.

use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::SessionId;
use verifa_core::session::{Event, Metadata, Status, metadata};
use verifa_core::tenant::Tenant;
use verifa_core::workflow::ExternalDecision;
use verifa_store::runs::{self, GateDecisionRecord, RunRecord};

use super::load::Session;
use super::moved::audited;
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::run_memory::RunMemory;
use crate::{App, Change, Decided};

/// What an operator says at a gate.
#[derive(Clone)]
pub struct DecideGate {
    /// Where the run goes on.
    pub decision: ExternalDecision,
    /// The operator's own data, kept on the run and readable by later conditions.
    pub metadata: Metadata,
    /// The gate meant; absent: the one the run is paused at.
    pub node: Option<String>,
}

/// An accepted decision.
#[derive(Debug, Clone)]
pub struct GateDecided {
    /// The session.
    pub session_id: SessionId,
    /// What was decided.
    pub decision: ExternalDecision,
    /// The session's status.
    pub status: Status,
}

const NOT_WAITING: AppError =
    AppError::Conflict("The session is not awaiting an external decision.");

impl App {
    /// The external-decision call: of any number of concurrent calls exactly one is accepted.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the metadata; a conflict unless the session awaits a
    /// decision, and when another gate is named than the paused one.
    pub async fn decide_gate(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        command: &DecideGate,
    ) -> Result<Decided<GateDecided>, AppError> {
        metadata::check_decision("metadata", &command.metadata)?;
        let mut session = self.session(tenant, id).await?;
        if session.status() != Status::AwaitingExternal || session.is_redacted() {
            return Err(NOT_WAITING);
        }
        let mut run = self.open_run(id).await?.ok_or(NOT_WAITING)?;
        let node = run.paused_at_node.clone().ok_or(NOT_WAITING)?;
        if command.node.as_ref().is_some_and(|named| *named != node) {
            return Err(AppError::Conflict("The session is paused at another gate."));
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let before = session.status();
        if !session.step(Event::GateDecided, change.now) {
            return Err(NOT_WAITING);
        }
        let mut memory = RunMemory::open(&run, session.key()?)?
            .ok_or(AppError::Internal("a paused run has no memory"))?;
        let version = self
            .workflow_version(run.workflow_id, run.workflow_version)
            .await?;
        memory.state = memory
            .state
            .decide(
                &version.compiled.graph,
                Some(&node),
                command.decision,
                command.metadata.clone(),
                change.now,
                &actor.name(),
            )
            .map_err(|_| NOT_WAITING)?;
        let decision = GateDecisionRecord {
            node: node.clone(),
            decision: command.decision.as_str().to_owned(),
            decided_by: actor.name(),
            decided_at: change.now,
        };
        leave_gate(&mut change, &session, &mut run, &memory, &decision)?;
        change.cancel_job(&JobName::GateTimeout(run.id));
        let facts = json!({ "node": node, "decision": command.decision, "run_id": run.id });
        audited(&mut change, &session, "session.external_decision", &facts)?;
        session.write(self, &mut change, before)?;
        let answer = GateDecided {
            session_id: id,
            decision: command.decision,
            status: session.status(),
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }
}

/// Writes a run that goes on from its gate: its row, the decision, and the job that takes it up.
pub(crate) fn leave_gate(
    change: &mut Change<'_>,
    session: &Session,
    run: &mut RunRecord,
    memory: &RunMemory,
    decision: &GateDecisionRecord,
) -> Result<(), AppError> {
    "running".clone_into(&mut run.status);
    run.paused_at_node = None;
    run.gate_deadline = None;
    memory.seal_into(run, session.key()?, &*change.app().random)?;
    change.push(runs::update(run));
    change.push(runs::insert_decision(run.id, decision));
    change.job_at_once(&JobName::AdvanceRun(run.id));
    Ok(())
}

/// Reads the word of a decision.
///
/// # Errors
/// A fault that names the known words.
pub fn parse_decision(text: &str) -> Result<ExternalDecision, Fault> {
    ExternalDecision::parse(text).ok_or_else(|| {
        Fault::new(
            "decision",
            FaultCode::UnknownValue,
            "Must be continue, fail or reject.",
        )
    })
}
