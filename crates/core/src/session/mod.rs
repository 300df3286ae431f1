//! The session: its state machine, its words and the rules of its fields (spec/sessions.md).
//!
//! Everything here is a value or a function on values; the app crate turns an accepted transition
//! into one commit.

mod applicant;
mod check_result;
mod country;
mod input;
mod link;
pub mod metadata;
mod status;
mod transition;
mod webhook;

pub use applicant::{
    ALIASES, Address, ApplicantFields, MAXIMUM_FIELD, alias_target, apply_aliases, is_email,
};
pub use check_result::{CheckResult, Reason};
pub use country::Country;
pub use input::{
    MAXIMUM_EXTERNAL_REF, MAXIMUM_TAG, MAXIMUM_TAGS, MAXIMUM_URL, Tags, check_external_ref,
    check_redirect_url, check_text,
};
pub use link::{LinkStatus, MAXIMUM_LINK_MINUTES, check_link_minutes};
pub use metadata::Metadata;
pub use status::{
    CheckStatus, DocumentType, IdKind, ProcessingMode, RejectionReasonCode, ResultStatus,
    RetentionStatus, Status,
};
pub use transition::{Event, Refused, SimulatedAction, due_expiry, transition};
pub use webhook::WebhookEvent;
