//! Who calls: API keys, their scopes, and the addresses they may come from.
//!
//! Authorisation stands beside each route ([`Access`]) and runs before anything of the request
//! is read, so that no handler can forget it and 401 and 403 come before every other refusal.

mod access;
mod preflight;

pub use access::{Access, authorise};
pub(crate) use preflight::preflight;

pub use crate::keys::{
    ApiKey, AppKeys, Caller, ForwardingHeader, KeyCache, KeyDirectory, KeyFault, Operator, Origins,
    TrustedProxies,
};
