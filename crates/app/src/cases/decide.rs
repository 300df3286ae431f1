//! A reviewer's decision: the case, the session and its result change in one commit.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use verifa_core::case::{CaseDecision, CaseEvent, CaseStatus};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::CaseId;
use verifa_core::organization::OrganizationSettings;
use verifa_core::session::{Event, ProcessingMode, RejectionReasonCode, Status, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_store::{contests, results, sessions};

use super::claim::{SECOND_BY_ANOTHER, decided};
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
    /// Where the case stood at the first look. A decision that another overtook is made anew, but
    /// what was meant as the first one does not become the second by that.
    pub seen: OnceLock<CaseStatus>,
}

const DECIDED: AppError = AppError::Conflict("The case is no longer open.");

impl App {
    /// The approve and the reject call: of any number of concurrent ones exactly one is accepted.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the input; a conflict when the case is decided, when
    /// another reviewer holds it, when it waits for a second decision of somebody else, and when its
    /// session is neither under review nor contested by its person.
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
        let is_second = case.status() == CaseStatus::PendingSecondReview;
        let seen = *command.seen.get_or_init(|| case.status());
        if is_second && seen != CaseStatus::PendingSecondReview {
            return Err(AppError::Conflict("Another reviewer has decided first."));
        }
        let settings = self.organization_settings(tenant).await?;
        let holder = case.record.assigned_to.clone();
        let holder = command.reviewer_id.clone().or(holder);
        if holder.is_none() && (settings.dual_review || is_second) {
            let message = "Where two reviewers decide, each has to be named, or to hold the case.";
            return Err(Fault::new("reviewer_id", FaultCode::Required, message).into());
        }
        let reviewer = holder.clone().unwrap_or_else(|| actor.name());
        if case.awaits_another_than(&reviewer) {
            return Err(SECOND_BY_ANOTHER);
        }
        let before = session.status();
        let (case_event, event) = match command.decision {
            CaseDecision::Approved => (CaseEvent::Approved, Event::CaseApproved),
            CaseDecision::Rejected => (CaseEvent::Rejected, Event::CaseRejected),
        };
        let is_contested = before == Status::Completed && self.has_open_contest(&session).await?;
        if !is_contested && !session.step(event, change.now) {
            return Err(AppError::Conflict("The session is not under review."));
        }
        if settings.dual_review && case.step(CaseEvent::FirstDecided) {
            // The session waits for the second one; nobody may move it meanwhile.
            change.push(sessions::unchanged(&session.record));
            decide_first(&mut change, &mut case, command, code, reviewer)?;
            return Ok(decided(change, case));
        }
        if !case.step(case_event) {
            return Err(DECIDED);
        }
        case.drop_claim(&mut change);
        case.record.decision = Some(command.decision);
        case.record.decided_by = Some(reviewer.clone());
        case.record.decided_at = Some(change.now);
        case.record.left_review_at = Some(change.now);
        case.record.assigned_to = holder;
        case.write(&mut change)?;
        if let Some(text) = &command.notes {
            write_note(&mut change, &case, text, Some(&reviewer))?;
        }
        let mut result = self.result_of(&session).await?;
        result.record.status = command.decision.result();
        result.record.rejection_reason_code = code;
        result.record.rejection_reason = code.map(|code| code.sentence().to_owned());
        result.record.processing_mode = ProcessingMode::Manual;
        result.record.updated_at = change.now;
        change.push(results::upsert(&result.record));
        change.push(contests::answer(session.id(), change.now));

        let facts =
            json!({ "decision": command.decision, "reviewer_id": reviewer, "reason_code": code });
        let happened = format!("case.{}", command.decision);
        case.audited(&mut change, &happened, &facts)?;
        announce(&mut change, &case, &session, &result, &settings, event)?;
        session.write(self, &mut change, before)?;
        Ok(decided(change, case))
    }
}

/// The first of two decisions, where the organization demands two (`dual_review`): it is kept with
/// its author, and the case waits for somebody else, whose decision counts.
fn decide_first(
    change: &mut Change<'_>,
    case: &mut Case,
    command: &DecideCase,
    code: Option<RejectionReasonCode>,
    reviewer: String,
) -> Result<(), AppError> {
    case.drop_claim(change);
    case.record.assigned_to = None;
    case.record.decision = Some(command.decision);
    let facts =
        json!({ "decision": command.decision, "reviewer_id": reviewer, "reason_code": code });
    if let Some(text) = &command.notes {
        write_note(change, case, text, Some(&reviewer))?;
    }
    case.record.decided_by = Some(reviewer);
    case.write(change)?;
    case.audited(change, "case.first_decided", &facts)
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
