//! The durable engine: jobs with leases, the workflow driver, scheduled work and the sealer.
//!
//! A job names what to do and to what, never data. Whatever a job decides commits together with
//! the job's own end, under the epoch of its claim, so that a crash at any point repeats at most
//! work and never an effect (spec/workflows.md, "Engine rules").

mod advance;
mod checking;
mod claims;
mod drive;
mod expiry;
mod forgetting;
mod gate;
mod housekeeping;
mod mail;
mod measures;
mod outcome;
mod retention;
mod sealer;
mod verify;
mod worker;

pub use housekeeping::DAILY_VERIFICATIONS;
pub use measures::describe_metrics;
pub use sealer::Sealer;
pub use verify::{ChainFault, ChainReport, KeptCheckpoint, verify_chain, verify_chain_against};
pub use worker::Worker;
