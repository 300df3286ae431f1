//! Dated API versions.

pub use verifa_core::api_version::{ApiVersion, VersionError};
