//! A decision in plain words, for the person it was made about (GDPR Art. 12(1), 13(2)(f), 22(3)).

use std::time::Duration;

use crate::session::{RejectionReasonCode, ResultStatus, Status};
use crate::time::Timestamp;

/// How long after the end of a session its decision may be contested.
pub const CONTEST_WINDOW: Duration = Duration::from_hours(30 * 24);
/// Most characters of a person's objection.
pub const MAXIMUM_OBJECTION: usize = 4_000;

/// The sentence for a person whose session stands so.
pub const fn plain_words(
    status: Status,
    decision: Option<ResultStatus>,
    code: Option<RejectionReasonCode>,
) -> &'static str {
    match (status, decision) {
        (Status::Completed, Some(ResultStatus::Approved)) => "Your identity was verified.",
        (Status::Completed, Some(ResultStatus::Rejected)) => refusal(code),
        (Status::UnderReview, _) | (_, Some(ResultStatus::NeedsReview)) => {
            "A person is looking at what you handed in. You will hear the outcome from whoever asked \
             you to verify."
        }
        (Status::Expired, _) => "The time to verify is over. Ask for a new link.",
        (Status::Failed, _) => "Something went wrong on our side. Nothing was decided about you.",
        _ => "Nothing is decided yet.",
    }
}

/// Why not, as the person may be told. Nothing is said that must not be: hits on lists and what
/// raises suspicion (tipping-off), or what concerns somebody else.
const fn refusal(code: Option<RejectionReasonCode>) -> &'static str {
    use RejectionReasonCode as Code;
    match code {
        Some(Code::DocumentUnreadable) => "Your document could not be read in the pictures.",
        Some(Code::DocumentExpired) => "Your document has expired.",
        Some(Code::DocumentTypeNotAllowed) => {
            "A document of this kind or country is not accepted here."
        }
        Some(Code::DocumentTampered) => "Your document could not be accepted as genuine.",
        Some(Code::DocumentDataMismatch) => {
            "What stands on different parts of your document does not agree."
        }
        Some(Code::FaceMismatch) => {
            "The picture of you and the one on your document could not be matched."
        }
        Some(Code::FaceNotFound) => "No face was found in the picture of you.",
        Some(Code::LivenessFailed) => "The camera check could not be completed.",
        Some(Code::Underage) => "You are younger than the age that is required here.",
        Some(Code::ConsentDeclined) => {
            "You did not consent to a step without which you can't be verified here."
        }
        Some(Code::ExternalTimeout) => {
            "A step outside of this verification was not completed in time."
        }
        Some(Code::IdentityMismatch) => "What you typed does not agree with your document.",
        Some(Code::AddressUnverified) => "Your address could not be confirmed.",
        Some(
            Code::WatchlistMatch
            | Code::ListMatch
            | Code::Duplicate
            | Code::HighRisk
            | Code::ExternalRejected
            | Code::ManualReview
            | Code::Other,
        )
        | None => "You could not be verified.",
    }
}

/// The code that the person may be told beside the sentence; none where the sentence says nothing.
pub fn told_code(code: Option<RejectionReasonCode>) -> Option<RejectionReasonCode> {
    code.filter(|code| refusal(Some(*code)) != refusal(None))
}

/// Until when a decision may be contested: of a completed session, whatever the decision. `ended` is
/// its terminal time, in a sandbox by its own clock.
pub fn contest_until(status: Status, ended: Timestamp) -> Option<Timestamp> {
    (status == Status::Completed).then(|| ended.plus(CONTEST_WINDOW))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_tipped_off() {
        for code in RejectionReasonCode::ALL {
            let rejected = Some(ResultStatus::Rejected);
            let words = plain_words(Status::Completed, rejected, Some(*code));
            for word in ["list", "sanction", "risk", "duplicate", "suspicio", "fraud"] {
                assert!(!words.to_lowercase().contains(word), "{code}: {words}");
            }
            assert!(words.ends_with('.'), "{words}");
        }
        let hidden = [
            RejectionReasonCode::WatchlistMatch,
            RejectionReasonCode::ListMatch,
            RejectionReasonCode::HighRisk,
        ];
        for code in hidden {
            assert_eq!(told_code(Some(code)), None);
        }
        let plain = Some(RejectionReasonCode::DocumentExpired);
        assert_eq!(told_code(plain), plain);
    }

    #[test]
    fn only_a_decision_can_be_contested_and_only_for_a_time() {
        let end = Timestamp::from_seconds(1_770_000_000);
        let until = contest_until(Status::Completed, end);
        assert_eq!(until, Some(end.plus(CONTEST_WINDOW)));
        assert_eq!(contest_until(Status::UnderReview, end), None);
        assert_eq!(contest_until(Status::Expired, end), None);
    }
}
