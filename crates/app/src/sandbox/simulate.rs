//! The simulate call: an outcome by choice, with real rows and real events, in one commit.

use serde_json::{Map, Value, json};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::SessionId;
use verifa_core::sandbox::{SandboxTenant, Script};
use verifa_core::session::{
    Event, ProcessingMode, Reason, RejectionReasonCode, ResultStatus, SimulatedAction, Status,
    WebhookEvent,
};
use verifa_core::tenant::Tenant;
use verifa_core::workflow::{Because, DECISION_POLICIES, Graph};
use verifa_store::results::{self, ResultRecord};

use super::sample::{FACE_MATCH_SCORE, FACE_MISMATCH_SCORE, jane_doe};
use crate::actor::Actor;
use crate::cases::put_to_review;
use crate::error::{AppError, Thing};
use crate::job::JobName;
use crate::sessions::{
    Session, StoredResult, audited, cancel_run, close_case, expire, new_run, result_fields,
    result_place, tell, version_for,
};
use crate::{App, Change, Decided};

/// A simulated outcome.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The session.
    pub id: SessionId,
    /// What was asked for.
    pub action: SimulatedAction,
    /// The session's status.
    pub status: Status,
}

const FACE_MATCH: &str = "face_match";
const REFUSED: AppError = AppError::BadRequest("The session's status does not allow this action.");

/// Reads the word of an action.
///
/// # Errors
/// A fault that names the known words.
pub fn parse_action(text: &str) -> Result<SimulatedAction, Fault> {
    SimulatedAction::parse(text).ok_or_else(|| {
        Fault::new(
            "action",
            FaultCode::UnknownValue,
            "Must be approve, decline, require-review, expire or run-workflow.",
        )
    })
}

/// Refuses a live tenant, before anything else is looked at.
///
/// # Errors
/// [`AppError::Forbidden`] for a live tenant.
pub fn require(tenant: Tenant) -> Result<(), AppError> {
    sandbox_of(tenant).map(drop)
}

/// Whether a tenant may use the calls of the sandbox.
///
/// # Errors
/// [`AppError::Forbidden`] for a live tenant.
pub(super) fn sandbox_of(tenant: Tenant) -> Result<SandboxTenant, AppError> {
    SandboxTenant::of(tenant).ok_or(AppError::Forbidden(
        "Only a sandbox key can simulate: this one is live.",
    ))
}

impl App {
    /// The simulate call.
    ///
    /// # Errors
    /// Forbidden for a live tenant; not found; [`AppError::Invalid`] for a script that can't be
    /// read, before `run-workflow`; [`AppError::BadRequest`] in every other status than those of
    /// the table, and for redacted sessions.
    pub async fn simulate_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        action: SimulatedAction,
    ) -> Result<Decided<Simulated>, AppError> {
        let tenant = sandbox_of(tenant)?.tenant();
        let mut session = self.session(tenant, id).await?;
        if session.is_redacted() {
            return Err(REFUSED);
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let event = Event::Simulated(action);
        match action {
            SimulatedAction::Expire => {
                self.simulate_expiry(&mut change, &mut session, event)
                    .await?;
            }
            SimulatedAction::RunWorkflow => {
                self.simulate_run(&mut change, &mut session, event).await?;
            }
            SimulatedAction::Approve
            | SimulatedAction::Decline
            | SimulatedAction::RequireReview => {
                self.simulate_outcome(&mut change, &mut session, action)
                    .await?;
            }
        }
        Ok(Decided {
            answer: Simulated {
                id,
                action,
                status: session.status(),
            },
            commit: change.into_commit(),
            session: Some(id),
        })
    }

    async fn simulate_expiry(
        &self,
        change: &mut Change<'_>,
        session: &mut Session,
        event: Event,
    ) -> Result<(), AppError> {
        let run = self.open_run(session.id()).await?;
        expire(change, session, event, run).map_err(|error| match error {
            AppError::BadRequest(_) => REFUSED,
            other => other,
        })
    }

    /// Starts the real graph; the engine gives it simulated checks.
    async fn simulate_run(
        &self,
        change: &mut Change<'_>,
        session: &mut Session,
        event: Event,
    ) -> Result<(), AppError> {
        Script::of(&session.private.metadata)?;
        let before = session.status();
        if !session.step(event, change.now) {
            return Err(REFUSED);
        }
        let organization = session.record.tenant.organization;
        let workflow = self
            .workflow_record(organization, session.record.workflow_id)
            .await?;
        let run = new_run(self, change, session, &workflow).await?;
        change.cancel_job(&JobName::ExpireSession(session.id()));
        let facts = json!({ "action": SimulatedAction::RunWorkflow, "run_id": run });
        audited(change, session, "session.simulated", &facts)?;
        session.write(self, change, before)
    }

    /// Brings the session to a decision, or before a reviewer.
    async fn simulate_outcome(
        &self,
        change: &mut Change<'_>,
        session: &mut Session,
        action: SimulatedAction,
    ) -> Result<(), AppError> {
        let id = session.id();
        let before = session.status();
        let event = Event::Simulated(action);
        if !session.step(event, change.now) {
            return Err(REFUSED);
        }
        let outcome = Outcome::of(action)?;
        if let Some(run) = self.open_run(id).await? {
            cancel_run(change, run);
        }
        change.cancel_job(&JobName::ExpireSession(id));
        let mut told = Map::new();
        if outcome.status == ResultStatus::NeedsReview {
            let because = [Because {
                node: "sandbox".to_owned(),
                policy: None,
                code: "simulated".to_owned(),
            }];
            let case = put_to_review(change, session, &because).await?;
            told.insert("case_id".to_owned(), json!(case.id));
        } else if !self.has_open_contest(session).await? {
            close_case(change, session);
        }
        let known = &mut session.record.document_type;
        *known = known.take().or(jane_doe().document_type);
        let (record, stored) = self.simulated_result(change, session, &outcome).await?;
        change.push(results::upsert(&record));
        let facts = json!({ "action": action });
        audited(change, session, "session.simulated", &facts)?;
        let settings = self.organization_settings(change.tenant()).await?;
        for event in event.webhook_events() {
            let mut more = told.clone();
            if *event != WebhookEvent::CaseCreated {
                more.extend(result_fields(&record, &stored, &settings));
            }
            tell(change, session, *event, outcome.status.as_str(), more)?;
        }
        session.write(self, change, before)
    }

    /// The result of a simulated outcome: the sample person, every check of the workflow.
    async fn simulated_result(
        &self,
        change: &Change<'_>,
        session: &Session,
        outcome: &Outcome,
    ) -> Result<(ResultRecord, StoredResult), AppError> {
        let person = jane_doe();
        let stored = StoredResult {
            extracted_age: person.age_on(change.now.date()),
            extracted_data: match serde_json::to_value(&person) {
                Ok(Value::Object(map)) => map,
                _ => return Err(AppError::Internal("the sample person is no JSON")),
            },
        };
        let plain =
            serde_json::to_vec(&stored).map_err(|_| AppError::Internal("a result is no JSON"))?;
        let place = result_place(session.id());
        let sealed = session.key()?.seal(&place, &plain, &*self.random);
        let workflow = self
            .workflow_record(
                session.record.tenant.organization,
                session.record.workflow_id,
            )
            .await
            .map_err(|error| match error {
                AppError::NotFound(Thing::Workflow) => {
                    AppError::Internal("a session's workflow is gone")
                }
                other => other,
            })?;
        let version = self
            .workflow_version(workflow.id, version_for(&workflow, session.id()))
            .await?;
        let record = ResultRecord {
            session_id: session.id(),
            tenant: session.record.tenant,
            status: outcome.status,
            rejection_reason: outcome.code.map(|code| code.sentence().to_owned()),
            rejection_reason_code: outcome.code,
            processing_mode: ProcessingMode::Simulated,
            country_used: session.record.country.clone(),
            face_match_passed: Some(outcome.face_match_passed),
            face_match_score: Some(outcome.face_match_score),
            age_check_passed: Some(true),
            check_results: outcome.check_results(&version.compiled.graph).to_string(),
            sealed: Some(sealed),
            created_at: change.now,
            updated_at: change.now,
        };
        Ok((record, stored))
    }
}

/// What an action makes of a session.
struct Outcome {
    status: ResultStatus,
    code: Option<RejectionReasonCode>,
    face_match_passed: bool,
    face_match_score: f64,
}

impl Outcome {
    fn of(action: SimulatedAction) -> Result<Self, AppError> {
        let passed = |status| Self {
            status,
            code: None,
            face_match_passed: true,
            face_match_score: FACE_MATCH_SCORE,
        };
        match action {
            SimulatedAction::Approve => Ok(passed(ResultStatus::Approved)),
            SimulatedAction::RequireReview => Ok(passed(ResultStatus::NeedsReview)),
            SimulatedAction::Decline => Ok(Self {
                status: ResultStatus::Rejected,
                code: Some(RejectionReasonCode::FaceMismatch),
                face_match_passed: false,
                face_match_score: FACE_MISMATCH_SCORE,
            }),
            SimulatedAction::Expire | SimulatedAction::RunWorkflow => {
                Err(AppError::Internal("the action has no outcome of its own"))
            }
        }
    }

    /// Every check of the graph as passed but the one that is to blame.
    fn check_results(&self, graph: &Graph) -> Value {
        let mut map = Map::new();
        let policies = graph.nodes.values().flat_map(|node| node.policies());
        for (policy, _) in policies.filter(|(policy, _)| !DECISION_POLICIES.contains(policy)) {
            map.insert(policy.to_owned(), entry(None, None));
        }
        let score = Some(self.face_match_score);
        map.insert(FACE_MATCH.to_owned(), entry(self.code, score));
        Value::Object(map)
    }
}

fn entry(code: Option<RejectionReasonCode>, score: Option<f64>) -> Value {
    let reasons = code.map(|code| Reason::new(code.as_str(), code.sentence()));
    let passed = code.is_none();
    let mut entry = json!({
        "status": if passed { "passed" } else { "failed" },
        "passed": passed,
        "reasons": reasons.into_iter().collect::<Vec<_>>(),
    });
    if let (Some(score), Some(map)) = (score, entry.as_object_mut()) {
        map.insert("score".to_owned(), json!(score));
    }
    entry
}
