//! Verification checks, one module each.
//!
//! Adding a check touches its own module, its declaration here and the registry. This crate's
//! vocabulary is in [`check`]; the engine in `verifa-app` runs checks and stores what they find.

mod age;
mod age_verification;
mod auto_approve;
pub mod check;
mod dates;
mod document_expiration;
mod document_kind;
mod document_ocr;
pub mod extracted;
mod id_document_filter;
mod identity_crossref;
mod names;
mod not_available;
mod registry;
mod state_code;
mod typed;

pub use check::{
    Check, CheckInput, CheckOutcome, Descriptor, DocumentImage, Earlier, ModelProvider,
};
pub use extracted::{ExtractedAddress, ExtractedData};
pub use registry::Registry;
