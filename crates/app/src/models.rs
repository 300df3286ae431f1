//! The document-reading models: loaded once, on first use, and checked by hash as they load.
//!
//! While they are missing or altered every check that needs them answers `error`; once an
//! operator installs them the next check finds them, without a restart.

use std::sync::{Arc, Mutex, PoisonError};

use verifa_vision::OcrModels;

/// Loads the models, or says in one sentence why it can't.
pub type Loader = Box<dyn Fn() -> Result<OcrModels, String> + Send + Sync>;

/// The models of a running server.
pub struct Models {
    loader: Loader,
    loaded: Mutex<Option<Arc<OcrModels>>>,
}

impl Models {
    /// Models that `loader` finds.
    pub fn new(loader: Loader) -> Self {
        Self {
            loader,
            loaded: Mutex::new(None),
        }
    }

    /// The models. Blocks while they load: call it off the async threads.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the installed files.
    pub fn get(&self) -> Result<Arc<OcrModels>, String> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(models) = &*loaded {
            return Ok(Arc::clone(models));
        }
        let models = Arc::new((self.loader)()?);
        *loaded = Some(Arc::clone(&models));
        Ok(models)
    }
}
