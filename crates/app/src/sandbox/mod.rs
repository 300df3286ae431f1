//! The sandbox: outcomes by call, scripted checks, and a clock that can be moved.
//!
//! Everything here needs a [`verifa_core::sandbox::SandboxTenant`], which can't be made of a live
//! tenant.

mod checks;
mod clock;
mod sample;
mod simulate;

pub use clock::{ClockView, timed_columns};
pub use simulate::{Simulated, parse_action, require};

pub(crate) use checks::SimulatedCheck;
