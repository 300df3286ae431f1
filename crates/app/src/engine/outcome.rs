//! The end of a run: the result, the session's new status, a case where a person has to look.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use verifa_core::session::{
    CheckStatus, Event, ProcessingMode, Reason, ResultStatus, WebhookEvent,
};
use verifa_core::workflow::{
    Because, Finish, NodeResult, OVERRIDDEN, RunState, SKIPPED_BY_CONDITION, SKIPPED_NOT_REQUESTED,
};
use verifa_store::jobs;
use verifa_store::results::{self, ResultRecord};

use super::advance::Once;
use super::drive::{Drive, as_map};
use crate::error::AppError;
use crate::sessions::{StoredResult, audited, close_case, result_fields, result_place, tell};
use crate::{Change, cases};

/// Checks that look at the identity document itself.
const DOCUMENT_CHECKS: &[&str] = &[
    "document_ocr",
    "document_expiration",
    "id_document_filter",
    "document_authenticity",
];

/// Writes everything that the end of a run does, in one commit.
pub(super) async fn complete(mut drive: Drive<'_>, mut end: Finish) -> Result<(), AppError> {
    let actor = drive.actor.clone();
    let app = Arc::clone(drive.app);
    let mut change = Change::after(&app, &actor, drive.latest);
    let tenant = drive.session.record.tenant;
    let settings = app.organization_settings(tenant).await?;
    if settings.dual_review && processing_mode(&drive.memory.state) == ProcessingMode::Manual {
        end = needs_two(end);
    }
    let mut once = None;
    if documents_passed(&drive) {
        once = drive.tell_once(&mut change, Once::Verified).await?;
    }
    "completed".clone_into(&mut drive.run.status);
    drive.run.final_status = Some(end.outcome.as_str().to_owned());
    drive.run.completed_at = Some(change.now);
    change.push(drive.write_run()?);
    change.push(jobs::finish(drive.job));

    let case = settle_case(&drive, &mut change, &end).await?;
    let stored = stored_result(&drive, &change);
    let record = result_record(&drive, &change, &end, &stored)?;
    change.push(results::upsert(&record));

    let event = match end.outcome {
        ResultStatus::Approved => Event::TerminalApproved,
        ResultStatus::Rejected => Event::TerminalRejected,
        ResultStatus::NeedsReview => Event::TerminalNeedsReview,
    };
    let before = drive.session.status();
    if !drive.session.step(event, change.now) {
        return Err(AppError::Internal("a running session can't end"));
    }
    let facts = json!({
        "run_id": drive.run.id,
        "outcome": end.outcome,
        "reason_code": end.reason_code,
        "because": end.because,
    });
    audited(&mut change, &drive.session, "session.decided", &facts)?;
    for told in event.webhook_events() {
        let mut more = case.clone();
        if *told != WebhookEvent::CaseCreated {
            more.extend(result_fields(&record, &stored, &settings));
        }
        let status = end.outcome.as_str();
        tell(&mut change, &drive.session, *told, status, more)?;
    }
    change.extend(once);
    drive.write_session(&mut change, before)?;
    app.apply(change.into_commit()).await?;
    metrics::counter!("verifa_sessions_decided_total", "outcome" => end.outcome.as_str())
        .increment(1);
    Ok(())
}

/// An end that one reviewer brought about by replacing a check's judgement, where the organization
/// wants two to decide: a case, whatever the run came to.
fn needs_two(end: Finish) -> Finish {
    if end.outcome == ResultStatus::NeedsReview {
        return end;
    }
    let mut because = end.because.clone();
    because.push(Because {
        node: end.node.clone(),
        policy: None,
        code: OVERRIDDEN.to_owned(),
    });
    Finish {
        outcome: ResultStatus::NeedsReview,
        reason_code: None,
        because,
        ..end
    }
}

/// Opens the case where a person has to look, and closes one that no person has to look at any
/// more; answers what events tell of it.
async fn settle_case(
    drive: &Drive<'_>,
    change: &mut Change<'_>,
    end: &Finish,
) -> Result<Map<String, Value>, AppError> {
    let mut told = Map::new();
    if end.outcome == ResultStatus::NeedsReview {
        let case = cases::put_to_review(change, &drive.session, &end.because).await?;
        told.insert("case_id".to_owned(), json!(case.id));
    } else if !drive.app.has_open_contest(&drive.session).await? {
        close_case(change, &drive.session);
    }
    Ok(told)
}

/// Whether the document was read and everything that looks at it passed. What could not be judged
/// did not pass; what was left out on purpose was not asked.
fn documents_passed(drive: &Drive<'_>) -> bool {
    let state = &drive.memory.state;
    let mut judged = DOCUMENT_CHECKS
        .iter()
        .filter_map(|policy| state.result_of(policy));
    state
        .result_of("document_ocr")
        .is_some_and(|result| result.passed)
        && judged.all(|result| result.passed || result.passed_over())
}

fn stored_result(drive: &Drive<'_>, change: &Change<'_>) -> StoredResult {
    let extracted = &drive.memory.extracted;
    StoredResult {
        extracted_data: as_map(extracted),
        extracted_age: extracted.age_on(change.now.date()),
    }
}

fn result_record(
    drive: &Drive<'_>,
    change: &Change<'_>,
    end: &Finish,
    stored: &StoredResult,
) -> Result<ResultRecord, AppError> {
    let state = &drive.memory.state;
    let verdict = |policy: &str| {
        let result = state.result_of(policy)?;
        matches!(result.status, CheckStatus::Passed | CheckStatus::Failed).then_some(result.passed)
    };
    let plain =
        serde_json::to_vec(stored).map_err(|_| AppError::Internal("a result is no JSON"))?;
    let session = &drive.session;
    let sealed = session
        .key()?
        .seal(&result_place(session.id()), &plain, &*drive.app.random);
    let rejected = end.outcome == ResultStatus::Rejected;
    let code = end.reason_code.filter(|_| rejected);
    Ok(ResultRecord {
        session_id: session.id(),
        tenant: session.record.tenant,
        status: end.outcome,
        rejection_reason: code.map(|code| code.sentence().to_owned()),
        rejection_reason_code: code,
        processing_mode: processing_mode(state),
        country_used: session.record.country.clone(),
        face_match_passed: verdict("face_match"),
        face_match_score: state
            .result_of("face_match")
            .and_then(|result| result.score),
        age_check_passed: verdict("age_verification"),
        check_results: check_results(drive).to_string(),
        sealed: Some(sealed),
        created_at: change.now,
        updated_at: change.now,
    })
}

/// Who decided: a person who replaced a check's judgement had a part in it (GDPR Art. 22).
fn processing_mode(state: &RunState) -> ProcessingMode {
    let by_hand = state
        .check_results()
        .any(|(_, result)| result.is_overridden());
    if by_hand {
        ProcessingMode::Manual
    } else {
        ProcessingMode::Workflow
    }
}

/// Policy → status, verdict, score and reasons.
fn check_results(drive: &Drive<'_>) -> Value {
    let entry = |result: &NodeResult| {
        let reasons = reasons(drive, result);
        let mut entry = json!({
            "status": result.status,
            "passed": result.passed,
            "reasons": reasons,
        });
        if let (Some(score), Some(map)) = (result.score, entry.as_object_mut()) {
            map.insert("score".to_owned(), json!(score));
        }
        entry
    };
    let checks = drive.memory.state.check_results();
    let map: Map<String, Value> = checks
        .filter_map(|(_, result)| Some((result.policy.clone()?, entry(result))))
        .collect();
    Value::Object(map)
}

/// The reasons of a check as its attempt gave them; those of a check that was passed over in
/// words of our own.
fn reasons(drive: &Drive<'_>, result: &NodeResult) -> Vec<Reason> {
    let given = result
        .policy
        .as_ref()
        .and_then(|policy| drive.reasons.get(policy));
    let codes = result.reasons.iter().filter(|code| !code.is_empty());
    codes
        .map(|code| {
            let known = given
                .into_iter()
                .flatten()
                .find(|reason| reason.code == *code);
            known
                .cloned()
                .unwrap_or_else(|| Reason::new(code.clone(), passed_over(code)))
        })
        .collect()
}

fn passed_over(code: &str) -> &'static str {
    match code {
        SKIPPED_BY_CONDITION => "The step's condition did not hold.",
        SKIPPED_NOT_REQUESTED => "The session did not ask for this check.",
        _ => "",
    }
}
