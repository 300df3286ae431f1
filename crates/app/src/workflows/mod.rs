//! Workflows: writing, versions, the default, and compiled versions kept in memory.

mod cache;
mod catalog;
mod create;
mod first;
mod guard;
mod read;
mod update;

pub use cache::{Cache, CompiledVersion};
pub use read::WorkflowView;

pub(crate) use first::first_workflow;
