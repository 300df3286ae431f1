//! Verification checks, one module each.
//!
//! Adding a check touches its own module and one line of the registry. This crate's vocabulary is
//! in [`check`]; the engine in `verifa-app` runs checks and stores what they find.

pub mod check;
pub mod extracted;
mod registry;

pub use check::{
    Check, CheckInput, CheckOutcome, Descriptor, DocumentImage, Earlier, ModelProvider,
};
pub use extracted::{ExtractedAddress, ExtractedData};
pub use registry::Registry;
