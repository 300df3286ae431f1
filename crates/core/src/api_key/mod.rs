//! API keys: what a call may say of one, and what one may hand on (spec/resources.md, "API keys").

mod body;
mod grant;

pub use body::{ApiKeyChange, NewApiKeyInput, read_change, read_new};
pub use grant::{Grant, KeyLimits};
