// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `operations`.

use super::types::{Health, Readiness};
use crate::call::Call;
use crate::{Client, Error};
use reqwest::Method;

impl Client {
    /// Process up.
    ///
    /// Answers as long as the process does; asks nothing else.
    ///
    /// `GET /healthz`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_health(&self) -> std::result::Result<Health, Error> {
        let call = Call::new(Method::GET, "/healthz", &[]);
        self.json(call).await
    }

    /// Ready for work.
    ///
    /// Asks the database, the blob store and the job workers. 503 while one of them fails and during
    /// a shutdown; the detail names what fails, the log says why. What was found is told again for
    /// five seconds, a failure for one.
    ///
    /// `GET /readyz`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_readiness(&self) -> std::result::Result<Readiness, Error> {
        let call = Call::new(Method::GET, "/readyz", &[]);
        self.json(call).await
    }
}
