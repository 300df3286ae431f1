//! The sandbox: what only its tenants may do, as values (spec/sessions.md, "simulate";
//! spec/resources.md, "Virtual clock").

mod advance;
mod script;
mod tenant;

pub use advance::{Advance, InvalidAdvance};
pub use script::{MAXIMUM_ENTRIES, METADATA_KEY, Script, ScriptEntry, ScriptedResult, Verdict};
pub use tenant::SandboxTenant;
