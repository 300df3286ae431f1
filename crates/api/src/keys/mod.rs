//! API keys: what is known of one, where it is found, and the address it is used from.

mod address;
mod app_keys;
mod caller;
mod directory;
mod operator;

pub use address::{ForwardingHeader, TrustedProxies};
pub use app_keys::AppKeys;
pub use caller::{ApiKey, Caller};
pub use directory::{KeyCache, KeyDirectory, KeyFault, Origins};
pub use operator::Operator;
