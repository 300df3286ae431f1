//! The parts of the `verifa` binary: configuration, wiring and subcommands.

pub mod cli;
pub mod config;
mod system;
mod telemetry;
mod terminal;
mod wire;
