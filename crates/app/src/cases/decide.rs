//! A reviewer's decision: the case, the session and its result change in one commit.

use serde_json::{Map, Value, json};
use verifa_core::case::{CaseDecision, CaseEvent};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::CaseId;
use verifa_core::organization::OrganizationSettings;
use verifa_core::session::{Event, ProcessingMode, RejectionReasonCode, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_store::results;

use super::claim::decided;
use super::load::{Case, check_reviewer};
use super::notes::{check_note, write_note};
use crate::actor::Actor;
use crate::error::AppError;
use crate::sessions::{Session, StoredView, result_fields, tell};
use crate::{App, Change, Decided};

/// What a reviewer decides.
#[derive(Clone)]
pub struct DecideCase {
    /// The decision.
    pub decision: CaseDecision,
    /// Who decides, by the operator's own name; absent: whoever holds the case.
    pub reviewer_id: Option<String>,
    /// Why, as a note on the case.
    pub notes: Option<String>,
    /// Why not, as a stable code; `manual_review` where a rejection names none.
    pub rejection_reason_code: Option<String>,
}

const DECIDED: AppError = AppError::Conflict("The case is no longer open.");

impl App {
    /// The approve and the reject call: of any number of concurrent ones exactly one is accepted.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the input; a conflict when the case is decided, when
    /// another reviewer holds it, and when its session is not under review.
    pub async fn decide_case(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
        command: &DecideCase,
    ) -> Result<Decided<Case>, AppError> {
        let mut case = self.case(tenant, id).await?;
        let code = check(command)?;
        let mut session = self.session(tenant, case.record.session_id).await?;
        let latest = case.record.updated_at.max(session.record.updated_at);
        let mut change = Change::after(self, actor, latest);
        let named = command.reviewer_id.as_deref();
        if !case.status().is_undecided() || case.key.is_none() {
            return Err(DECIDED);
        }
        if named.is_some_and(|reviewer| case.is_held_by_another(reviewer, change.now)) {
            return Err(AppError::Conflict("Another reviewer holds the case."));
        }
        let before = session.status();
        let (case_event, event) = match command.decision {
            CaseDecision::Approved => (CaseEvent::Approved, Event::CaseApproved),
            CaseDecision::Rejected => (CaseEvent::Rejected, Event::CaseRejected),
        };
        if !session.step(event, change.now) {
            return Err(AppError::Conflict("The session is not under review."));
        }
        if !case.step(case_event) {
            return Err(DECIDED);
        }
        let reviewer = command
            .reviewer_id
            .clone()
            .or(case.record.assigned_to.clone());
        case.drop_claim(&mut change);
        case.record.decision = Some(command.decision);
        case.record.decided_by = Some(reviewer.clone().unwrap_or_else(|| actor.name()));
        case.record.decided_at = Some(change.now);
        case.record.left_review_at = Some(change.now);
        case.record.assigned_to.clone_from(&reviewer);
        case.write(&mut change)?;
        if let Some(text) = &command.notes {
            write_note(&mut change, &case, text, reviewer.as_deref())?;
        }
        let mut result = self.result_of(&session).await?;
        result.record.status = command.decision.result();
        result.record.rejection_reason_code = code;
        result.record.rejection_reason = code.map(|code| code.sentence().to_owned());
        result.record.processing_mode = ProcessingMode::Manual;
        result.record.updated_at = change.now;
        change.push(results::upsert(&result.record));

        let facts =
            json!({ "decision": command.decision, "reviewer_id": reviewer, "reason_code": code });
        let happened = format!("case.{}", command.decision);
        case.audited(&mut change, &happened, &facts)?;
        let settings = self.organization_settings(tenant).await?;
        announce(&mut change, &case, &session, &result, &settings, event)?;
        session.write(self, &mut change, before)?;
        Ok(decided(change, case))
    }
}

/// Tells the receivers of a decision: of the case, and of its session.
fn announce(
    change: &mut Change<'_>,
    case: &Case,
    session: &Session,
    result: &StoredView,
    settings: &OrganizationSettings,
    event: Event,
) -> Result<(), AppError> {
    let status = result.record.status.as_str();
    for told in event.webhook_events() {
        let mut more = Map::from_iter([("case_id".to_owned(), json!(case.id()))]);
        let of_case = matches!(
            told,
            WebhookEvent::CaseApproved | WebhookEvent::CaseRejected
        );
        if of_case {
            let reviewer = Value::from(case.record.decided_by.clone());
            more.insert("reviewer_id".to_owned(), reviewer);
            let code = result.record.rejection_reason_code;
            more.insert("rejection_reason_code".to_owned(), json!(code));
        } else {
            more.extend(result_fields(&result.record, &result.stored, settings));
        }
        tell(change, session, *told, status, more)?;
    }
    Ok(())
}

/// The input's own rules; answers the code of a rejection.
fn check(command: &DecideCase) -> Result<Option<RejectionReasonCode>, AppError> {
    let mut faults = Vec::new();
    let reviewer = command.reviewer_id.as_deref();
    faults.extend(reviewer.and_then(|reviewer| check_reviewer(reviewer).err()));
    let notes = command.notes.as_deref();
    faults.extend(notes.and_then(|notes| check_note("notes", notes).err()));
    let word = command.rejection_reason_code.as_deref();
    let code = match (command.decision, word) {
        (CaseDecision::Approved, _) => None,
        (CaseDecision::Rejected, None) => Some(RejectionReasonCode::ManualReview),
        (CaseDecision::Rejected, Some(word)) => {
            let code = RejectionReasonCode::parse(word);
            if code.is_none() {
                faults.push(Fault::new(
                    "rejection_reason_code",
                    FaultCode::UnknownValue,
                    "Must be one of the rejection reason codes.",
                ));
            }
            code
        }
    };
    if faults.is_empty() {
        Ok(code)
    } else {
        Err(AppError::Invalid(faults))
    }
}
