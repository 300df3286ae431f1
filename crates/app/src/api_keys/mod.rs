//! API keys: made once, shown once, found by keyed hash, changed and stopped.

mod change;
mod make;
mod read;

pub use make::{MadeApiKey, NewApiKey, parse_scopes};
