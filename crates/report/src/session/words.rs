//! The words for the API's names.

use verifa_core::session::{DocumentType, ProcessingMode};
use verifa_core::time::Timestamp;

use crate::model::Fact;

/// The words for a name of the API; a name without words of its own is spelled out.
pub(super) fn label(name: &str) -> String {
    let known = match name {
        "first_name" => "Given names",
        "middle_name" => "Middle names",
        "last_name" => "Surname",
        "date_of_birth" => "Date of birth",
        "gender" => "Sex",
        "ssn" => "Social security number",
        "document_type" => "Document",
        "document_number" => "Document number",
        "document_issuing_state" => "Issuing state",
        "document_issuing_country" => "Issuing country",
        "document_issue_date" => "Date of issue",
        "document_expiration_date" => "Date of expiry",
        "mrz" => "Machine-readable zone",
        "extracted_age" => "Age at the decision",
        _ => return spelled(name),
    };
    known.to_owned()
}

/// `identity_crossref` as `Identity crossref`.
pub(super) fn spelled(name: &str) -> String {
    let mut words = name.replace(['_', '.', '-'], " ");
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

/// The title of a check.
pub(super) fn check(policy: &str) -> String {
    let known = match policy {
        "document_ocr" => "Document reading",
        "document_expiration" => "Document validity",
        "document_authenticity" => "Document authenticity",
        "id_document_filter" => "Accepted documents",
        "age_verification" => "Age",
        "identity_crossref" => "Details against document",
        "face_match" => "Face against document",
        "liveness" => "Liveness",
        "watchlist_screening" => "Watchlist screening",
        "risk_assessment" => "Risk assessment",
        "check_against_list" => "Own lists",
        "proof_of_address" => "Proof of address",
        "auto_approve" => "Overall decision",
        _ => return spelled(policy),
    };
    known.to_owned()
}

/// What an audit event says, in the past tense.
pub(super) fn event(name: &str) -> String {
    let known = match name {
        "session.created" => "Session created",
        "session.started" => "Person began",
        "session.submitted" => "Data submitted for verification",
        "session.awaiting_external" => "Waiting for the operator's decision",
        "session.external_decision" => "Operator decided",
        "session.gate_timed_out" => "Operator's time to decide ran out",
        "session.decided" => "Decision made",
        "session.updated" => "Session changed",
        "session.expired" => "Session expired",
        "session.resumed" => "Session resumed",
        "session.failed" => "Verification broke off",
        "session.redacted" => "Personal data erased",
        "api.session.report" => "Report made",
        "api.session.export" => "Data exported",
        "document.uploaded" => "Image received",
        "workflow.triggered" => "Workflow started by call",
        _ => return spelled(name),
    };
    known.to_owned()
}

/// Who did something.
pub(super) fn actor(name: &str) -> String {
    match name {
        "system" => "System".to_owned(),
        "cli" => "Command line".to_owned(),
        "timeout" => "Time limit".to_owned(),
        _ => name.to_owned(),
    }
}

/// What an image shows.
pub(super) const fn picture(kind: DocumentType) -> &'static str {
    match kind {
        DocumentType::IdFront => "Identity document, front",
        DocumentType::IdBack => "Identity document, back",
        DocumentType::Selfie => "Face of the person",
        DocumentType::ProofOfAddress => "Proof of address",
        DocumentType::LivenessFrame => "Liveness frame",
        DocumentType::Supporting => "Supporting document",
    }
}

/// A fact's value, in words where it is a name of the API.
pub(super) fn value(fact: &Fact) -> String {
    let image = match fact.name.as_str() {
        "document_type" => DocumentType::parse(&fact.value).map(picture),
        _ => None,
    };
    match (image, fact.name.as_str()) {
        (Some(image), _) => image.to_owned(),
        (None, "documents_removed") => format!("{} images deleted", fact.value),
        (None, "document_type") => spelled(&fact.value),
        (None, _) => fact.value.clone(),
    }
}

/// Who decided, for a sentence that begins with "Decided".
pub(super) const fn decided_by(mode: ProcessingMode) -> &'static str {
    match mode {
        ProcessingMode::Workflow => "by the workflow",
        ProcessingMode::Manual => "by a reviewer",
        ProcessingMode::Simulated => "by a simulation",
    }
}

/// A time to the second: `2026-11-22 00:48:24 UTC`.
pub(super) fn time(at: Timestamp) -> String {
    format!("{} UTC", cut(at, "2026-11-22T00:48:24".len()))
}

/// A time to the minute, without the zone.
pub(super) fn minute(at: Timestamp) -> String {
    cut(at, "2026-11-22T00:48".len())
}

/// A time to the millisecond, without the zone.
pub(super) fn exact_time(at: Timestamp) -> String {
    cut(at, "2026-11-22T00:48:24.000".len())
}

/// The beginning of a time's text form, which has the same length for all.
fn cut(at: Timestamp, length: usize) -> String {
    let text = at.to_string();
    text.get(..length).unwrap_or(&text).replace('T', " ")
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Milliseconds as people read them.
pub(super) fn duration(milliseconds: i64) -> String {
    if milliseconds < 1_000 {
        format!("{milliseconds} ms")
    } else {
        format!("{:.1} s", milliseconds as f64 / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_words_are_spelled_out() {
        assert_eq!(label("first_name"), "Given names");
        assert_eq!(label("address_city"), "Address city");
        assert_eq!(event("case.approved"), "Case approved");
        assert_eq!(spelled(""), "");
        assert_eq!(spelled("ärger"), "ärger");
    }

    #[test]
    fn times_are_in_utc() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(time(at), "2023-11-14 22:13:20 UTC");
        assert_eq!(exact_time(at), "2023-11-14 22:13:20.123");
    }

    #[test]
    fn hexadecimal_and_durations() {
        assert_eq!(hex(&[0, 0x0f, 0xff]), "000fff");
        assert_eq!(duration(412), "412 ms");
        assert_eq!(duration(1_250), "1.2 s");
    }
}
