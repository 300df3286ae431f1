// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `capture`.

use super::types::{CaptureStarted, Contest, VerificationOutcome};
use crate::call::Call;
use crate::{Client, Error};
use reqwest::Method;

impl Client {
    /// Contest a decision.
    ///
    /// The person objects, and a person will look: a case is opened, or opened again. Within 30 days of
    /// the decision. Repeated: the same answer, the first words stand.
    ///
    /// `POST /verify/{token}/contest`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn contest_decision(
        &self,
        token: &str,
        body: &Contest,
    ) -> std::result::Result<VerificationOutcome, Error> {
        let call = Call::new(Method::POST, "/verify/{token}/contest", &[token]).body(body)?;
        self.json(call).await
    }

    /// Tell a decision.
    ///
    /// For the person: the decision and its reason in plain words. The token is that of the capture
    /// page, which opens nothing else any more.
    ///
    /// `GET /verify/{token}/outcome`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_outcome(
        &self,
        token: &str,
    ) -> std::result::Result<VerificationOutcome, Error> {
        let call = Call::new(Method::GET, "/verify/{token}/outcome", &[token]);
        self.json(call).await
    }

    /// Start a capture.
    ///
    /// The person pressed Start. The token is a session's own, a one-time link's or a client token;
    /// the latter two are used up by this, and by nothing else. A dead token is a 400.
    ///
    /// `POST /verify/{token}/start`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn start_capture(&self, token: &str) -> std::result::Result<CaptureStarted, Error> {
        let call = Call::new(Method::POST, "/verify/{token}/start", &[token]);
        self.json(call).await
    }
}
