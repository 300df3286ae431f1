//! What an export for the person leaves out: screening, whose hits may concern others and whose
//! failure is a hit, and whatever gives one away, since nobody may be tipped off
//! (spec/sessions.md, "export"). Nor that data are held for proceedings.

use serde_json::Value;
use verifa_core::privacy::told_code;
use verifa_core::session::{RejectionReasonCode, WebhookEvent};
use verifa_core::workflow::Because;

use super::export::SessionExport;
use super::legal_hold::{HOLD_LIFTED, HOLD_PLACED};
use crate::error::AppError;

/// The check that is left out.
pub(crate) const SCREENING: &str = "watchlist_screening";

const CODE: &str = "rejection_reason_code";
const SENTENCE: &str = "rejection_reason";
/// Whose proceedings they are is not the person's to learn.
const HOLDS: [&str; 2] = [HOLD_PLACED, HOLD_LIFTED];

/// Leaves it out of a whole export.
pub(super) fn for_subject(export: &mut SessionExport) -> Result<(), AppError> {
    export
        .attempts
        .retain(|attempt| attempt.record.policy != SCREENING);
    export
        .audit_events
        .retain(|event| !HOLDS.contains(&event.record.event_type.as_str()));
    if let Some(result) = &mut export.result {
        let record = &mut result.record;
        if record.rejection_reason_code.is_some()
            && told_code(record.rejection_reason_code).is_none()
        {
            record.rejection_reason_code = None;
            record.rejection_reason = None;
        }
        let mut checks: Value = serde_json::from_str(&record.check_results)
            .map_err(|_| AppError::Internal("stored check results can't be read"))?;
        if let Some(checks) = checks.as_object_mut() {
            checks.remove(SCREENING);
        }
        record.check_results = checks.to_string();
    }
    export.told.retain(|told| !tells_hits(&told.event));
    for told in &mut export.told {
        told_to_subject(&mut told.payload);
    }
    Ok(())
}

/// Whether an event is one of screening.
pub fn tells_hits(event: &str) -> bool {
    WebhookEvent::parse(event).is_some_and(|event| {
        matches!(
            event,
            WebhookEvent::ScreeningCompleted
                | WebhookEvent::CheckCompleted
                | WebhookEvent::CheckMonitoringNewHits
                | WebhookEvent::ScreeningMonitoringNewHits
        )
    })
}

/// Takes out of an event's body what gives a hit away.
pub fn told_to_subject(body: &mut Value) {
    let Value::Object(body) = body else { return };
    let code = body.get(CODE).and_then(Value::as_str);
    if code.is_some_and(gives_away) {
        for name in [CODE, SENTENCE] {
            if let Some(value) = body.get_mut(name) {
                *value = Value::Null;
            }
        }
    }
    if let Some(Value::Array(reasons)) = body.get_mut("reasons") {
        reasons.retain(|reason| reason.get("policy").and_then(Value::as_str) != Some(SCREENING));
    }
}

/// Whether the person may be told that this sent the session to a reviewer.
pub(crate) fn is_told(because: &Because) -> bool {
    because.policy.as_deref() != Some(SCREENING) && !gives_away(&because.code)
}

/// Whether a code is one of a rejection that the person is not told.
fn gives_away(code: &str) -> bool {
    RejectionReasonCode::parse(code).is_some_and(|code| told_code(Some(code)).is_none())
}
