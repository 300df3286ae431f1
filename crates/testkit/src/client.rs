//! A small HTTP client whose calls read like sentences.
//!
//! A 5xx fails the test wherever it happens, unless the call says that the server may be away.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use reqwest::multipart::Form;
use reqwest::{Body, Method, RequestBuilder};
use serde_json::Value;

use crate::answer::Answer;

/// No answer takes longer; uploads in a debug build included.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);

/// Somebody who calls the server: its address, a key, other headers.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    /// Nobody in particular.
    pub fn anonymous(base: impl Into<String>) -> Self {
        // The workspace builds reqwest without a provider of its own. Somebody was first: fine.
        let _first = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(ANSWER_LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self {
            http,
            base: base.into(),
            headers: Vec::new(),
        }
    }

    /// The same caller with this API key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(name, _)| *name != "x-api-key");
        other.header("x-api-key", key)
    }

    /// The same caller with a further header on every call.
    #[must_use]
    pub fn header(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name, value.to_owned()));
        other
    }

    /// A call; `path` begins with a slash, or is a whole URL of this server.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let path = match path.find("/api/").or_else(|| path.find("/verify/")) {
            Some(start) if path.starts_with("http") => &path[start..],
            _ => path,
        };
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        Call {
            request,
            label: format!("{method} {path}"),
            may_be_away: false,
        }
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A POST, without a body until it gets one.
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A PATCH.
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// A call that is being put together; awaiting it sends it.
pub struct Call {
    request: RequestBuilder,
    label: String,
    may_be_away: bool,
}

impl Call {
    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a JSON body that is sent as it is written.
    #[must_use]
    pub fn raw_json(self, body: impl Into<Body>) -> Self {
        self.body("application/json", body)
    }

    /// With a body of any kind.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// With a form.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.request = self.request.multipart(form);
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With an idempotency key.
    #[must_use]
    pub fn idempotent(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With query parameters, percent-encoded.
    #[must_use]
    pub fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        self.request = self.request.query(parameters);
        self
    }

    /// The server may answer 5xx: it is being killed, or asked whether it is ready.
    #[must_use]
    pub fn may_be_away(mut self) -> Self {
        self.may_be_away = true;
        self
    }

    /// Sends it; an error is one of the connection.
    ///
    /// # Errors
    /// No connection, or none that lasted until the end of the answer.
    pub async fn attempt(self) -> reqwest::Result<Answer> {
        let response = self.request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await?.to_vec();
        let answer = Answer {
            status,
            headers,
            bytes,
            call: self.label,
        };
        assert!(
            self.may_be_away || status < 500,
            "{}: {status}: {}",
            answer.call,
            answer.shown()
        );
        Ok(answer)
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let label = self.label.clone();
            match self.attempt().await {
                Ok(answer) => answer,
                Err(error) => panic!("{label}: no answer: {error:?}"),
            }
        })
    }
}
