//! Review cases: loading, the sealed part, and one file per use case.

mod claim;
mod contest;
mod create;
mod decide;
mod export;
mod list;
mod load;
mod notes;
mod overriding;
mod queue;
mod update;

pub use claim::ClaimCase;
pub use contest::Outcome;
pub use decide::DecideCase;
pub use export::ExportedCase;
pub use load::{Case, CasePrivate};
pub use notes::{AddNote, Note};
pub use overriding::{Overridden, OverrideCheck};
pub use update::UpdateCase;

pub(crate) use claim::release_if_lapsed;
pub(crate) use queue::put_to_review;
