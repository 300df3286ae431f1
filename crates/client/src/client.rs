//! The client: who calls, whom, and how a call is sent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use reqwest::multipart;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::call::{Body, Call, Part};
use crate::error::{Error, Refusal};
use crate::retry::{Retries, is_passing};
use crate::secret::ApiKey;

const PROGRAM: &str = concat!("verifa-client/", env!("CARGO_PKG_VERSION"));
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const INFLECTION: HeaderName = HeaderName::from_static("key-inflection");
const VERSION: HeaderName = HeaderName::from_static("verifa-version");

/// How a client is made.
pub struct Builder {
    base: String,
    key: Option<ApiKey>,
    version: Option<String>,
    retries: Retries,
    timeout: Duration,
}

impl Builder {
    /// With an API key; without one only the open calls work.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(ApiKey::new(key));
        self
    }

    /// With a version of the API, `YYYY-MM-DD`; without one the key's own.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    /// How often a call is tried.
    #[must_use]
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// The longest wait for one answer, uploads included; 60 seconds where nothing is said.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Setup`] for an address or key that can't be one.
    pub fn build(self) -> Result<Client, Error> {
        let base = Url::parse(&self.base).map_err(|_| Error::Setup("the address is no URL"))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(Error::Setup("the address is neither http nor https"));
        }
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
        // The types are read as they are written here, whatever the key's own casing is.
        headers.insert(INFLECTION, HeaderValue::from_static("snake"));
        if let Some(key) = &self.key {
            headers.insert(API_KEY, key.header()?);
        }
        if let Some(version) = &self.version {
            let version = HeaderValue::from_str(version)
                .map_err(|_| Error::Setup("the version is no date"))?;
            headers.insert(VERSION, version);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(self.timeout)
            // A key must not follow anybody elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_backend_preconfigured(tls()?)
            .build()?;
        Ok(Client {
            http,
            base: self.base.trim_end_matches('/').into(),
            retries: self.retries,
            idempotency_key: None,
        })
    }
}

/// TLS by rustls with ring, trusting what the machine trusts.
fn tls() -> Result<rustls::ClientConfig, Error> {
    let mut roots = rustls::RootCertStore::empty();
    let _skipped = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Setup("TLS can't be set up"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// A caller of one server with one key. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Arc<str>,
    retries: Retries,
    idempotency_key: Option<Arc<str>>,
}

impl Client {
    /// A client of the server at `base` with an API key, and the defaults.
    ///
    /// # Errors
    /// [`Error::Setup`] for an address or key that can't be one.
    pub fn new(base: &str, key: &str) -> Result<Self, Error> {
        Self::builder(base).key(key).build()
    }

    /// A client of the server at `base`, to be told more.
    pub fn builder(base: &str) -> Builder {
        Builder {
            base: base.to_owned(),
            key: None,
            version: None,
            retries: Retries::default(),
            timeout: Duration::from_mins(1),
        }
    }

    /// The same client whose next change has this idempotency key. Use it for one change: a key
    /// with other parameters is refused.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        Self {
            idempotency_key: Some(key.into()),
            ..self.clone()
        }
    }

    /// Sends a call whose answer is JSON; no content is read as null.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let bytes = self.bytes_of(call).await?;
        parsed(&bytes)
    }

    /// Sends a call whose answer is a file.
    pub(crate) async fn bytes(&self, call: Call) -> Result<Vec<u8>, Error> {
        Ok(self.bytes_of(call).await?.into())
    }

    /// Sends a call, again where it may help; the bytes of the success.
    async fn bytes_of(&self, call: Call) -> Result<Bytes, Error> {
        let key = call.changes().then(|| self.key_of_change()).transpose()?;
        let mut tried = 0;
        loop {
            tried += 1;
            let error = match self.once(&call, key.as_deref()).await {
                Ok(bytes) => return Ok(bytes),
                Err(error) => error,
            };
            let asked = match &error {
                Error::Connection(cause) if !cause.is_builder() => None,
                Error::Refused(refusal) if passing(refusal) => refusal.retry_after,
                _ => return Err(error),
            };
            let [draw] = random::<1>()?;
            match self.retries.pause(tried, asked, draw) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    async fn once(&self, call: &Call, key: Option<&str>) -> Result<Bytes, Error> {
        let address = format!("{}{}", self.base, call.path);
        let mut request = self.http.request(call.method.clone(), address);
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        request = match &call.body {
            Body::Nothing => request,
            Body::Json(bytes) => request
                .header("content-type", "application/json")
                .body(bytes.clone()),
            Body::Form(fields) => request.multipart(form(fields)),
        };
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.bytes().await?);
        }
        Err(refused(status, response).await)
    }

    fn key_of_change(&self) -> Result<String, Error> {
        match &self.idempotency_key {
            Some(key) => Ok(key.to_string()),
            None => Ok(hex::encode(random::<16>()?)),
        }
    }
}

fn form(fields: &[(&'static str, Part)]) -> multipart::Form {
    fields
        .iter()
        .fold(multipart::Form::new(), |form, (name, part)| match part {
            Part::Text(text) => form.text(*name, text.clone()),
            Part::File(bytes) => {
                let part = multipart::Part::bytes(bytes.clone()).file_name("file");
                form.part(*name, part)
            }
        })
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Setup("the system gives no random numbers"))?;
    Ok(bytes)
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let text = if bytes.is_empty() { b"null" } else { bytes };
    serde_json::from_slice(text).map_err(|error| {
        // The place and the kind of the fault; never the value, which may be personal.
        let kind = error.classify();
        let (line, column) = (error.line(), error.column());
        Error::Unexpected(format!(
            "the answer is not what the API describes: {kind:?} fault, line {line}, column {column}"
        ))
    })
}

fn passing(refusal: &Refusal) -> bool {
    StatusCode::from_u16(refusal.status_code).is_ok_and(is_passing)
}

async fn refused(status: StatusCode, response: Response) -> Error {
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let refusal = serde_json::from_slice(&body).unwrap_or_else(|_| Refusal {
        // A proxy before the server speaks another language.
        code: "unknown".to_owned(),
        detail: "The answer is not the API's.".to_owned(),
        status_code: status.as_u16(),
        request_id: None,
        errors: Vec::new(),
        retry_after: None,
    });
    Error::Refused(Box::new(Refusal {
        status_code: status.as_u16(),
        retry_after,
        ..refusal
    }))
}
