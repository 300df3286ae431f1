//! Into the queue of reviewers.

use verifa_core::case::{CaseEvent, CasePriority, CaseStatus, transition};
use verifa_core::id::{CaseId, Id as _};
use verifa_core::workflow::Because;
use verifa_store::cases::{self as store, CaseRecord};

use super::contest::CONTESTED;
use crate::error::AppError;
use crate::sessions::Session;
use crate::{App, Change};

/// Puts a session before the reviewers: a new case, or its former one. An undecided case stays
/// with whoever holds it and only learns the new reasons; a decided one begins anew.
///
/// Writes the case only and answers its row: its events belong to the fact that needs the review.
pub(crate) async fn put_to_review(
    change: &mut Change<'_>,
    session: &Session,
    because: &[Because],
) -> Result<CaseRecord, AppError> {
    let app = change.app();
    let Some(case) = app.case_of(session.id()).await? else {
        let record = new_record(app, change, session, as_text(because)?);
        change.push(store::insert(&record));
        return Ok(record);
    };
    let undecided = case.status().is_undecided();
    let mut reasons = because.to_vec();
    if undecided {
        // That the person objected stays to be seen until it is answered.
        let contested = case
            .reasons()
            .into_iter()
            .filter(|because| because.code == CONTESTED);
        reasons.extend(contested.filter(|former| !because.contains(former)));
    }
    let mut record = case.record;
    record.status = transition(Some(record.status), CaseEvent::Opened)
        .map_err(|_| AppError::Internal("a case can't be opened again"))?;
    record.reasons = as_text(&reasons)?;
    if !undecided {
        record.decision = None;
        record.decided_by = None;
        record.decided_at = None;
        record.assigned_to = None;
        record.claimed_at = None;
        record.claimed_until = None;
        record.left_review_at = None;
        record.entered_review_at = Some(change.now);
    }
    change.push(store::update(&record, change.now));
    Ok(record)
}

fn as_text(because: &[Because]) -> Result<String, AppError> {
    serde_json::to_string(because).map_err(|_| AppError::Internal("grounds are no JSON"))
}

fn new_record(app: &App, change: &Change<'_>, session: &Session, reasons: String) -> CaseRecord {
    CaseRecord {
        id: CaseId::generate(change.now, &*app.random),
        session_id: session.id(),
        tenant: session.record.tenant,
        status: CaseStatus::Open,
        priority: CasePriority::Normal,
        reasons,
        revision: 1,
        entered_review_at: Some(change.now),
        created_at: change.now,
        updated_at: change.now,
        decision: None,
        assigned_to: None,
        claimed_at: None,
        claimed_until: None,
        decided_by: None,
        decided_at: None,
        left_review_at: None,
        escalated_to: None,
        tags: Vec::new(),
        sealed: None,
        wrapped_key: session.record.wrapped_key.clone(),
        retention_status: session.record.retention_status,
    }
}
