//! Who calls: API keys, their scopes, and the addresses they may come from.
//!
//! Authorisation stands beside each route ([`Access`]) and runs before anything of the request
//! is read, so that no handler can forget it and 401 and 403 come before every other refusal.

mod access;
mod address;
mod app_keys;
mod caller;
mod directory;
mod preflight;

pub use access::{Access, authorise};
pub use address::TrustedProxies;
pub use app_keys::AppKeys;
pub use caller::{ApiKey, Caller};
pub use directory::{KeyCache, KeyDirectory, KeyFault, Origins};
pub(crate) use preflight::preflight;
