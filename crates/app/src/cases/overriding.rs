//! A reviewer's judgement in place of a check's: the workflow routes anew by it.

use serde_json::json;
use verifa_core::fault::Fault;
use verifa_core::id::{CaseId, Id, SessionId, VerificationId};
use verifa_core::session::{CheckStatus, Event, Reason, Status};
use verifa_core::tenant::Tenant;
use verifa_core::workflow::{OVERRIDDEN, RunState};
use verifa_store::attempts::{self, AttemptRecord};
use verifa_store::results;
use verifa_store::runs::{self, RunRecord};

use super::claim::SECOND_BY_ANOTHER;
use super::load::{Case, check_reviewer};
use super::notes::{check_note, write_note};
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::run_memory::RunMemory;
use crate::sessions::{Session, details_place, insert_run};
use crate::{App, Change, Decided};

/// A reviewer's judgement of one check.
#[derive(Clone)]
pub struct OverrideCheck {
    /// The check.
    pub policy: String,
    /// Whether it counts as passed.
    pub passed: bool,
    /// Why; kept as a note on the case, 1–10,000 characters.
    pub reason: String,
    /// Who judges, by the operator's own name; absent: whoever holds the case.
    pub reviewer_id: Option<String>,
}

/// An accepted override.
#[derive(Debug, Clone)]
pub struct Overridden {
    /// The case.
    pub case_id: CaseId,
    /// Its session.
    pub session_id: SessionId,
    /// The check.
    pub policy: String,
    /// What it counts as now.
    pub passed: bool,
    /// The session's status: its workflow runs.
    pub status: Status,
}

impl App {
    /// The override call: every other judgement of the newest run stands, the workflow is routed
    /// through once more.
    ///
    /// # Errors
    /// Not found: the case, or a judgement of the check in the session's newest run;
    /// [`AppError::Invalid`] for the input; a conflict while another reviewer holds the case, and
    /// unless the session is under review, completed or failed.
    pub async fn override_check(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
        command: &OverrideCheck,
    ) -> Result<Decided<Overridden>, AppError> {
        let mut case = self.case(tenant, id).await?;
        check(command)?;
        let mut session = self.session(tenant, case.record.session_id).await?;
        let latest = case.record.updated_at.max(session.record.updated_at);
        let mut change = Change::after(self, actor, latest);
        let gone = "The session's data has been deleted.";
        session.reopenable(AppError::Conflict(gone))?;
        let named = command.reviewer_id.as_deref();
        if named.is_some_and(|reviewer| case.is_held_by_another(reviewer, change.now)) {
            return Err(AppError::Conflict("Another reviewer holds the case."));
        }
        let holder = case.record.assigned_to.clone();
        let reviewer = command.reviewer_id.clone().or(holder);
        if reviewer
            .as_deref()
            .is_some_and(|reviewer| case.awaits_another_than(reviewer))
        {
            return Err(SECOND_BY_ANOTHER);
        }
        let before = session.status();
        if !session.step(Event::CheckOverridden, change.now) {
            return Err(AppError::Conflict(
                "The session must be under review, completed or failed.",
            ));
        }
        let (previous, memory) = self.rerouted(&session, command).await?;
        let version = (previous.workflow_id, previous.workflow_version);
        let run = insert_run(&mut change, &mut session, version, &memory)?;
        let attempt = self
            .attempt_of_reviewer(&change, &session, run, command)
            .await?;
        change.push(attempts::insert(&attempt));
        case.keep_claim(&mut change);
        case.write(&mut change)?;
        write_note(&mut change, &case, &command.reason, reviewer.as_deref())?;
        // Until the new run decides there is no result: the old one no longer stands.
        change.push(results::delete(session.id()));
        let facts = json!({
            "policy": command.policy,
            "passed": command.passed,
            "reviewer_id": reviewer,
            "run_id": run,
        });
        case.audited(&mut change, "case.check_overridden", &facts)?;
        session.write(self, &mut change, before)?;
        Ok(Decided {
            commit: change.into_commit(),
            answer: answer(&case, &session, command),
            session: Some(session.id()),
        })
    }

    /// The newest run of a session, and the memory of one that stands on it with the judgement
    /// replaced.
    async fn rerouted(
        &self,
        session: &Session,
        command: &OverrideCheck,
    ) -> Result<(RunRecord, RunMemory), AppError> {
        const MISSING: AppError = AppError::NotFound(Thing::Verification);
        let row = self.db.query_opt(runs::latest(session.id())).await?;
        let previous = RunRecord::from_row(&row.ok_or(MISSING)?)?;
        let mut memory = RunMemory::open(&previous, session.key()?)?.ok_or(MISSING)?;
        let version = self
            .workflow_version(previous.workflow_id, previous.workflow_version)
            .await?;
        let graph = &version.compiled.graph;
        memory.state = RunState::overridden(graph, &memory.state, &command.policy, command.passed)
            .map_err(|_| MISSING)?;
        Ok((previous, memory))
    }

    /// The reviewer's judgement as the check's newest attempt.
    async fn attempt_of_reviewer(
        &self,
        change: &Change<'_>,
        session: &Session,
        run: verifa_core::id::RunId,
        command: &OverrideCheck,
    ) -> Result<AttemptRecord, AppError> {
        let mut number = 0;
        let mut node = String::new();
        for row in self.db.query(attempts::of_session(session.id())).await? {
            let attempt = AttemptRecord::from_row(&row)?;
            if attempt.policy == command.policy && attempt.attempt_number > number {
                number = attempt.attempt_number;
                node = attempt.node;
            }
        }
        let id = VerificationId::generate(change.now, &*self.random);
        let reason = Reason::new(OVERRIDDEN, "A reviewer's judgement replaces the check's.");
        let sealed = session
            .key()?
            .seal(&details_place(id), b"{}", &*self.random);
        Ok(AttemptRecord {
            id,
            session_id: session.id(),
            run_id: run,
            node,
            policy: command.policy.clone(),
            attempt_number: number + 1,
            status: if command.passed {
                CheckStatus::Passed
            } else {
                CheckStatus::Failed
            },
            score: None,
            reasons: serde_json::to_string(&[reason])
                .map_err(|_| AppError::Internal("reasons are no JSON"))?,
            sealed: Some(sealed),
            engine: "reviewer".to_owned(),
            started_at: change.now,
            completed_at: Some(change.now),
            duration_ms: Some(0),
        })
    }
}

fn answer(case: &Case, session: &Session, command: &OverrideCheck) -> Overridden {
    Overridden {
        case_id: case.id(),
        session_id: session.id(),
        policy: command.policy.clone(),
        passed: command.passed,
        status: session.status(),
    }
}

fn check(command: &OverrideCheck) -> Result<(), AppError> {
    let mut faults: Vec<Fault> = Vec::new();
    faults.extend(check_note("reason", &command.reason).err());
    let reviewer = command.reviewer_id.as_deref();
    faults.extend(reviewer.and_then(|reviewer| check_reviewer(reviewer).err()));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(faults))
    }
}
