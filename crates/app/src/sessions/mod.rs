//! Sessions: loading, the sealed part, and one file per use case.

mod assessment;
mod bulk_redact;
mod certificate;
mod client_token;
mod consent;
mod create;
mod decide;
mod erase;
mod expire;
mod export;
mod invite;
mod legal_hold;
mod links;
mod list;
mod list_matches;
mod load;
mod moved;
mod private;
mod redact;
mod report;
mod results;
mod resume;
mod retention;
mod retry;
mod shown;
mod start;
mod submit;
mod tags;
mod trigger;
mod update;
mod verifications;

pub use assessment::{RiskAssessment, RiskSignal, SessionRisk};
pub use bulk_redact::BulkOutcome;
pub use certificate::{Certificate, DESTROYED, KEPT};
pub use client_token::ClientToken;
pub use create::{CreateSession, Invitation};
pub use decide::{DecideGate, GateDecided, parse_decision};
pub use expire::Expired;
pub use export::{
    Audience, ExportedConsent, ExportedContest, ExportedDocument, ExportedEvent, ExportedRun,
    ExportedTold, SessionExport,
};
pub use invite::{Invited, Reinvited};
pub use legal_hold::{HoldState, LegalHold};
pub use links::OneTimeLink;
pub use list_matches::ListMatch;
pub use load::Session;
pub use private::Private;
pub use redact::Redacted;
pub use results::{ResultView, StoredResult};
pub use resume::Resumed;
pub use retry::Rerun;
pub use submit::Submitted;
pub use tags::{TagChange, Tagged};
pub use trigger::Triggered;
pub use update::UpdateSession;
pub use verifications::{Attempt, RunView};

pub(crate) use consent::has_biometric_consent;
pub(crate) use decide::leave_gate;
pub(crate) use erase::{erase, statement};
pub(crate) use expire::{cancel_run, close_case, expire};
pub(crate) use export::objection_place;
pub(crate) use moved::{audited, note_capturing, tell};
pub(crate) use results::{StoredView, result_fields, result_place};
pub(crate) use start::{insert_run, new_run, version_for};
pub(crate) use verifications::details_place;
