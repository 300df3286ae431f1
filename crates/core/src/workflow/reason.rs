//! Why a session was rejected, in the stable words of spec/sessions.md, "Result object".

use crate::session::RejectionReasonCode as Code;

/// The rejection reason of a check by the codes of its own reasons: the first of them that is a
/// rejection reason itself, else what a failure of that check means.
pub fn reason_of(policy: Option<&str>, codes: &[String]) -> Code {
    let own = codes.iter().find_map(|code| Code::parse(code));
    own.unwrap_or_else(|| policy.map_or(Code::Other, reason_of_policy))
}

fn reason_of_policy(policy: &str) -> Code {
    match policy {
        "document_ocr" => Code::DocumentUnreadable,
        "document_expiration" => Code::DocumentExpired,
        "id_document_filter" => Code::DocumentTypeNotAllowed,
        "document_authenticity" | "nfc_chip_auth" => Code::DocumentTampered,
        "proof_of_address_check" | "address_validation" => Code::AddressUnverified,
        "face_match" => Code::FaceMismatch,
        "liveness" => Code::LivenessFailed,
        "age_verification" => Code::Underage,
        "watchlist_screening" | "aml_screening" => Code::WatchlistMatch,
        "risk_assessment" | "email_risk_enhanced" | "phone_risk_enhanced" => Code::HighRisk,
        "identity_crossref" => Code::IdentityMismatch,
        "duplicate_detection" => Code::Duplicate,
        "check_against_list" => Code::ListMatch,
        _ => Code::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_may_name_the_reason_itself() {
        let codes = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            reason_of(
                Some("document_ocr"),
                &codes(&["blurred", "document_data_mismatch"])
            ),
            Code::DocumentDataMismatch
        );
        assert_eq!(
            reason_of(Some("document_ocr"), &codes(&["blurred"])),
            Code::DocumentUnreadable
        );
        assert_eq!(
            reason_of(Some("face_match"), &codes(&["face_not_found"])),
            Code::FaceNotFound
        );
        assert_eq!(reason_of(Some("age_verification"), &[]), Code::Underage);
        assert_eq!(reason_of(None, &codes(&["x"])), Code::Other);
    }
}
