//! The domain of Verifa: pure values and functions.
//!
//! Nothing here is asynchronous, reads a clock, draws randomness, or knows HTTP or SQL. State
//! changes are functions from (state, event, now) to (state, effects); see `ARCHITECTURE.md`.

pub mod api_key;
pub mod api_version;
pub mod case;
pub mod change;
pub mod fault;
pub mod id;
pub mod inflection;
pub mod mail;
pub mod object;
pub mod organization;
pub mod privacy;
pub mod random;
pub mod sandbox;
pub mod session;
pub mod tenant;
pub mod time;
mod vocabulary;
pub mod webhook;
pub mod workflow;

pub use vocabulary::UnknownWord;
