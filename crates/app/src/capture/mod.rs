//! The person's side: what a token of the capture page does.

mod begin;
mod find;

pub use begin::Begun;
