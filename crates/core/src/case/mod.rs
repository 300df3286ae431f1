//! The review case: its words, its state machine and the age by which its urgency is told
//! (spec/resources.md, "Cases").
//!
//! Everything here is a value or a function on values; the app crate turns an accepted transition
//! into one commit.

mod status;
mod transition;

pub use status::{CaseDecision, CasePriority, CaseStatus, SlaStatus};
pub use transition::{CLAIM_LIFE, CaseEvent, Refused, claim_has_lapsed, transition};
