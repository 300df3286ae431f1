//! An API key in memory.

use std::sync::Arc;

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::Error;

/// An API key: erased when the last client with it is dropped, and without `Debug`.
#[derive(Clone)]
pub(crate) struct ApiKey(Arc<Zeroizing<String>>);

impl ApiKey {
    pub(crate) fn new(key: &str) -> Self {
        Self(Arc::new(Zeroizing::new(key.to_owned())))
    }

    /// The header's value, marked so that no log shows it.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let mut value = HeaderValue::from_str(&self.0)
            .map_err(|_| Error::Setup("the API key has characters that no header may have"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}
