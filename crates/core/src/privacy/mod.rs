//! The life of people's data: consent, retention windows, legal hold (spec/resources.md,
//! "Documents, audit, data"). Rules only; the app crate turns what they demand into commits.

mod consent;
mod outcome;
mod retention;

pub use consent::{
    BIOMETRIC_POLICIES, Consent, ConsentSource, MAXIMUM_VERSION, NO_BIOMETRIC_CONSENT,
    demand_consent, lacks_biometric_consent,
};
pub use outcome::{CONTEST_WINDOW, MAXIMUM_OBJECTION, contest_until, plain_words, told_code};
pub use retention::{ErasureCause, RetentionDue, RetentionSearch, RetentionStage, RetentionStep};
