//! One POST to one receiver, bounded in time and in what is read of the answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::RootCertStore;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use verifa_core::webhook::AttemptFailure;

use crate::connect::{ConnectError, Connector, Resolve};
use crate::guard::Guard;
use crate::retry_after::RetryAfter;
use crate::sign::Signatures;

/// Most bytes of an answer that are read and kept.
pub const EXCERPT: usize = 2_048;
/// How long an answer's body may take once its status is there.
const BODY: Duration = Duration::from_secs(5);
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(30);
/// Most bytes of an answer's head.
const HEAD: usize = 32 * 1_024;

const AGENT: &str = concat!("Verifa-Webhooks/", env!("CARGO_PKG_VERSION"));
const SIGNATURE: HeaderName = HeaderName::from_static("x-verifa-signature");
const DELIVERY: HeaderName = HeaderName::from_static("x-verifa-delivery-id");
const EVENT: HeaderName = HeaderName::from_static("x-verifa-event");
const STANDARD_ID: HeaderName = HeaderName::from_static("webhook-id");
const STANDARD_TIME: HeaderName = HeaderName::from_static("webhook-timestamp");
const STANDARD_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// How a sender works.
#[derive(Debug, Clone)]
pub struct SenderSettings {
    /// Hosts of the operator's own network; see [`Guard::new`].
    pub allowed_hosts: Vec<String>,
    /// The whole time that a receiver has for its answer.
    pub timeout: Duration,
    /// Most unused connections that are kept for one host.
    pub idle_connections: usize,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            timeout: Duration::from_secs(30),
            idle_connections: 8,
        }
    }
}

/// One webhook, ready to go.
pub struct Letter<'a> {
    /// Where to.
    pub url: &'a str,
    /// The delivery's id.
    pub delivery_id: &'a str,
    /// The event's name.
    pub event: &'a str,
    /// The signatures over `body`.
    pub signatures: &'a Signatures,
    /// The body as signed.
    pub body: Bytes,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The receiver's status code, if it answered.
    pub http_status: Option<u16>,
    /// Why it failed; `None` on success.
    pub failure: Option<AttemptFailure>,
    /// From the beginning to the end of what was read.
    pub duration: Duration,
    /// The beginning of the answer's body.
    pub excerpt: Vec<u8>,
    /// When the receiver asks to be tried again: of answers that mean "later", 429 and 503.
    pub retry_after: Option<RetryAfter>,
}

/// Shows nothing of the answer: it may repeat people's data.
impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcome")
            .field("http_status", &self.http_status)
            .field("failure", &self.failure)
            .field("duration", &self.duration)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

/// Sends webhooks. Follows no redirect, uses no proxy, keeps connections.
pub struct Sender {
    client: Client<Connector, Full<Bytes>>,
    guard: Arc<Guard>,
    timeout: Duration,
}

impl Sender {
    /// A sender that verifies receivers' certificates against the machine's roots.
    pub fn new(settings: &SenderSettings, resolver: Arc<dyn Resolve>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::with_roots(settings, resolver, roots)
    }

    /// A sender that verifies receivers' certificates against these roots.
    pub fn with_roots(
        settings: &SenderSettings,
        resolver: Arc<dyn Resolve>,
        roots: RootCertStore,
    ) -> Self {
        let guard = Arc::new(Guard::new(settings.allowed_hosts.iter().cloned()));
        let connector = Connector::new(Arc::clone(&guard), resolver, tls(roots));
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(settings.idle_connections)
            .http1_max_buf_size(HEAD)
            .build(connector);
        Self {
            client,
            guard,
            timeout: settings.timeout,
        }
    }

    /// What judges URLs.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// The whole time that a receiver has.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends one letter. Takes at most [`Sender::timeout`].
    pub async fn send(&self, letter: Letter<'_>) -> Outcome {
        let begun = Instant::now();
        let deadline = begun + self.timeout;
        let mut outcome = Outcome {
            http_status: None,
            failure: None,
            duration: Duration::ZERO,
            excerpt: Vec::new(),
            retry_after: None,
        };
        match self.request(&letter) {
            None => outcome.failure = Some(AttemptFailure::RefusedAddress),
            Some(request) => {
                let answered = tokio::time::timeout_at(deadline, self.client.request(request));
                match answered.await {
                    Err(_) => outcome.failure = Some(AttemptFailure::Timeout),
                    Ok(Err(error)) => outcome.failure = Some(failure_of(&error)),
                    Ok(Ok(answer)) => read(answer, deadline, &mut outcome).await,
                }
            }
        }
        outcome.duration = begun.elapsed();
        outcome
    }

    /// The request; `None` for a URL that the guard refuses.
    fn request(&self, letter: &Letter<'_>) -> Option<Request<Full<Bytes>>> {
        let target = self.guard.check_url(letter.url).ok()?;
        let signatures = letter.signatures;
        Request::builder()
            .method(Method::POST)
            .uri(target.uri)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(AGENT))
            .header(DELIVERY, letter.delivery_id)
            .header(EVENT, letter.event)
            .header(SIGNATURE, &signatures.verifa)
            .header(STANDARD_ID, &signatures.id)
            .header(STANDARD_TIME, &signatures.timestamp)
            .header(STANDARD_SIGNATURE, &signatures.standard)
            .body(Full::new(letter.body.clone()))
            .ok()
    }
}

fn tls(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(
        clippy::expect_used,
        reason = "ring has cipher suites for the default protocol versions"
    )]
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Notes the status and the beginning of the body. The rest is never read: dropping the answer
/// closes the connection.
async fn read(answer: Response<Incoming>, deadline: Instant, outcome: &mut Outcome) {
    let status = answer.status();
    outcome.http_status = Some(status.as_u16());
    outcome.failure = judge(status);
    if matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        outcome.retry_after = RetryAfter::of(answer.headers());
    }
    let mut body = answer.into_body();
    let patience = deadline.min(Instant::now() + BODY);
    while outcome.excerpt.len() < EXCERPT {
        let Ok(Some(Ok(frame))) = tokio::time::timeout_at(patience, body.frame()).await else {
            return;
        };
        if let Some(data) = frame.data_ref() {
            let room = EXCERPT.saturating_sub(outcome.excerpt.len());
            let kept = data.get(..room).unwrap_or(data);
            outcome.excerpt.extend_from_slice(kept);
        }
    }
}

fn judge(status: StatusCode) -> Option<AttemptFailure> {
    if status.is_success() {
        None
    } else if status.is_redirection() {
        Some(AttemptFailure::Redirect)
    } else {
        Some(AttemptFailure::HttpStatus)
    }
}

fn failure_of(error: &Error) -> AttemptFailure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(ConnectError(failure)) = inner.downcast_ref() {
            return *failure;
        }
        cause = inner.source();
    }
    AttemptFailure::Closed
}
