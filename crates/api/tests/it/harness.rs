//! A server of sample routes, its keys, and requests to it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path};
use futures::StreamExt;
use futures::future::BoxFuture;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::ServiceExt;
use utoipa::ToSchema;
use utoipa_axum::routes;
use verifa_api::auth::{
    Access, ApiKey, Caller, ForwardingHeader, KeyDirectory, KeyFault, Origins, TrustedProxies,
};
use verifa_api::body::{FileFault, Form, RequestBody, parse_json, read_json};
use verifa_api::inflection::Inflection;
use verifa_api::limits::{LimitSettings, Plan};
use verifa_api::page::{Page, Query};
use verifa_api::probe::Probe;
use verifa_api::respond::{Created, Found, answers};
use verifa_api::routes::ApiRouter;
use verifa_api::state::{ApiSettings, Shared};
use verifa_api::{ApiError, assemble, openapi, with_health};
use verifa_core::id::{ApiKeyId, Id, OrganizationId};
use verifa_core::random::Random;
use verifa_core::tenant::{Environment, Scope, Scopes, Tenant};
use verifa_core::time::{Clock, Timestamp};

/// Stands still until it is moved, or also runs by itself.
pub(crate) struct TestClock {
    micros: AtomicI64,
    started: Option<std::time::Instant>,
}
impl Default for TestClock {
    fn default() -> Self {
        Self {
            micros: AtomicI64::new(1_795_000_000_000_000),
            started: None,
        }
    }
}
impl TestClock {
    pub(crate) fn running() -> Self {
        Self {
            started: Some(std::time::Instant::now()),
            ..Self::default()
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.micros
            .fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let run = self
            .started
            .map_or(Duration::ZERO, |started| started.elapsed());
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst)).plus(run)
    }
}

struct Counting(AtomicU64);
impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::SeqCst) as u8;
        }
    }
}

#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) by_secret: Mutex<HashMap<String, ApiKey>>,
    pub(crate) lookups: AtomicU64,
    pub(crate) touches: AtomicU64,
    pub(crate) broken: std::sync::atomic::AtomicBool,
}

fn digest(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    for (place, byte) in out.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    out
}

impl KeyDirectory for Keys {
    fn digest(&self, presented: &str) -> Option<[u8; 32]> {
        presented.starts_with("vk_").then(|| digest(presented))
    }

    fn find(&self, wanted: [u8; 32]) -> BoxFuture<'_, Result<Option<ApiKey>, KeyFault>> {
        Box::pin(async move {
            self.lookups.fetch_add(1, Ordering::SeqCst);
            if self.broken.load(Ordering::SeqCst) {
                return Err(KeyFault("SELECT secret FROM api_keys failed".to_owned()));
            }
            let keys = self.by_secret.lock().unwrap();
            Ok(keys
                .iter()
                .find(|(secret, _)| digest(secret) == wanted)
                .map(|(_, k)| k.clone()))
        })
    }

    fn touch(&self, _: ApiKeyId, _: Timestamp) -> BoxFuture<'static, Result<(), KeyFault>> {
        self.touches.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }

    fn browser_origins(&self) -> BoxFuture<'_, Result<Origins, KeyFault>> {
        Box::pin(async move {
            let keys = self.by_secret.lock().unwrap();
            let mut origins = Origins::default();
            for key in keys.values().filter(|key| key.publishable) {
                match &key.allowed_origins {
                    Some(list) => origins.listed.extend(list.iter().cloned()),
                    None => origins.any = true,
                }
            }
            Ok(origins)
        })
    }
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct Thing {
    /// A name of the caller's.
    #[schema(example = "order-17")]
    external_ref: Option<String>,
    /// Free keys.
    #[schema(value_type = Object)]
    metadata: Option<serde_json::Map<String, Value>>,
    /// How many.
    seat_count: u32,
}
impl RequestBody for Thing {}

/// Make a thing
///
/// Reads the body only when the thing's parent is known.
#[utoipa::path(post, path = "/api/v1/things/{id}", tag = "Sessions", operation_id = "make_thing",
    request_body = Thing, params(("id" = String, Path)), responses(answers::NotFound, answers::Invalid))]
async fn make(Path(id): Path<String>, request: Request<Body>) -> Result<Created<Thing>, ApiError> {
    if id != "known" {
        return Err(ApiError::not_found("Thing"));
    }
    let (parts, body) = request.into_parts();
    let text = read_json(&parts.headers, body).await?;
    Ok(Created::new(parse_json::<Thing>(&text)?.0))
}

/// List things
#[utoipa::path(
    get,
    path = "/api/v1/things",
    tag = "Sessions",
    operation_id = "list_things",
    params(verifa_api::page::PageParameters),
    responses(answers::Invalid)
)]
async fn list(mut query: Query, caller: Caller) -> Result<Found<Page<Thing>>, ApiError> {
    let paging = query.paging(25);
    query.finish()?;
    assert!(!caller.key().publishable);
    let page = verifa_app::page::Page::of(Vec::<u8>::new(), paging, Some(0), |_| uuid::Uuid::nil());
    Ok(Found::new(Page::of(page, |_| {
        unreachable!("the list is empty")
    })))
}

/// Upload a file
#[utoipa::path(
    post,
    path = "/api/v1/files",
    tag = "Documents",
    operation_id = "upload_file",
    responses(answers::TooLarge, answers::UnsupportedMedia)
)]
async fn upload(request: Request<Body>) -> Result<Created<FileView>, ApiError> {
    let (parts, body) = request.into_parts();
    let mut form = Form::open(&parts.headers, body)?;
    let mut size = None;
    while let Some(mut file) = form.next_file().await? {
        let mut read = 0;
        while let Some(chunk) = file.next().await {
            match chunk {
                Ok(chunk) => read += chunk.len(),
                Err(FileFault::TooLarge) => return Err(ApiError::too_large("Too large.")),
                Err(FileFault::Broken) => return Err(ApiError::bad_request("Broken.")),
            }
        }
        size = Some(read);
    }
    let Some(file_size_bytes) = size else {
        return Err(ApiError::invalid_field(
            "file",
            "required",
            "The file is required.",
        ));
    };
    let document_type = form.text("document_type").map(str::to_owned);
    Ok(Created::new(FileView {
        file_size_bytes,
        document_type,
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileView {
    file_size_bytes: usize,
    document_type: Option<String>,
}

/// Panic
#[utoipa::path(
    get,
    path = "/api/v1/panic",
    tag = "Operations",
    operation_id = "panic"
)]
async fn panics() -> Result<Found<FileView>, ApiError> {
    panic!("somebody's name: {}", std::env::args().count());
}

/// Hang
#[utoipa::path(get, path = "/api/v1/hang", tag = "Operations", operation_id = "hang")]
async fn hangs() -> Result<Found<FileView>, ApiError> {
    std::future::pending().await
}

struct Disk {
    ok: Arc<std::sync::atomic::AtomicBool>,
    asked: Arc<AtomicU64>,
}
impl Probe for Disk {
    fn name(&self) -> &'static str {
        "blob_store"
    }
    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        let ok = self.ok.load(Ordering::SeqCst);
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            // As a disk takes its time: others come meanwhile.
            tokio::time::sleep(Duration::from_millis(20)).await;
            if ok {
                Ok(())
            } else {
                Err("/secret/path is full".to_owned())
            }
        })
    }
}

pub(crate) struct Server {
    pub(crate) router: Router,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) disk_ok: Arc<std::sync::atomic::AtomicBool>,
    /// How often the disk was probed.
    pub(crate) disk_asked: Arc<AtomicU64>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("no JSON: {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks all that holds for every error, and gives its body.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.status,
            status,
            "{:?}",
            String::from_utf8_lossy(&self.bytes)
        );
        let body = self.json();
        assert_eq!(body["error"], code);
        assert_eq!(body["status_code"], status);
        assert!(
            body["detail"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{body}"
        );
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("cache-control"), "no-store");
        for name in [
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
        ] {
            assert!(self.header(name).parse::<u64>().is_ok(), "{name}");
        }
        assert!(!self.header("verifa-version").is_empty());
        body
    }
}

pub(crate) fn key(n: u128, environment: Environment, scopes: &[Scope]) -> ApiKey {
    ApiKey {
        id: ApiKeyId::from_uuid(uuid::Uuid::from_u128(n)),
        tenant: Tenant {
            organization: OrganizationId::from_uuid(uuid::Uuid::from_u128(1)),
            environment,
        },
        publishable: false,
        scopes: Scopes::new(scopes.iter().copied()),
        api_version: None,
        inflection: Inflection::Snake,
        allowed_ips: None,
        allowed_origins: None,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        plan: Plan::Unlimited,
    }
}

pub(crate) const ALL: &str = "vk_live_all";

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut ApiSettings)) -> Self {
        let clock = Arc::new(TestClock::default());
        let keys = Arc::new(Keys::default());
        keys.by_secret
            .lock()
            .unwrap()
            .insert(ALL.to_owned(), key(1, Environment::Live, Scope::ALL));
        let mut settings = ApiSettings {
            proxies: TrustedProxies::new(
                vec!["10.0.0.0/8".parse().unwrap()],
                ForwardingHeader::default(),
            ),
            limits: LimitSettings::default(),
            request_timeout: Duration::from_secs(5),
            ..ApiSettings::default()
        };
        change(&mut settings);
        let disk_ok = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let disk_asked = Arc::new(AtomicU64::new(0));
        let disk = Disk {
            ok: Arc::clone(&disk_ok),
            asked: Arc::clone(&disk_asked),
        };
        let shared = Arc::new(Shared::new(
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(Counting(AtomicU64::new(0))),
            Arc::clone(&keys) as Arc<dyn KeyDirectory>,
            vec![Box::new(disk)],
            settings,
        ));
        let router = assemble(Self::routes(), Router::new(), Arc::clone(&shared), &shared).unwrap();
        Self {
            router,
            clock,
            keys,
            shared,
            disk_ok,
            disk_asked,
        }
    }

    pub(crate) fn routes() -> ApiRouter<Arc<Shared>> {
        with_health(ApiRouter::new(openapi::frame()))
            .view::<Thing>()
            .view::<Page<Thing>>()
            .view::<FileView>()
            .add(Access::Publishable(&[Scope::SessionsCreate]), routes!(make))
            .add(Access::AnyOf(&[Scope::SessionsRead]), routes!(list))
            .add(
                Access::AnyOf(&[Scope::DocumentsWrite, Scope::SessionsWrite]),
                routes!(upload),
            )
            .add(Access::AnyKey, routes!(panics))
            .add(Access::AnyKey, routes!(hangs))
    }

    pub(crate) fn add_key(&self, secret: &str, change: impl FnOnce(&mut ApiKey)) {
        let mut new = key(
            self.keys.by_secret.lock().unwrap().len() as u128 + 10,
            Environment::Live,
            Scope::ALL,
        );
        change(&mut new);
        self.keys
            .by_secret
            .lock()
            .unwrap()
            .insert(secret.to_owned(), new);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("203.0.113.5", request).await
    }

    pub(crate) async fn send_from(&self, peer: &str, mut request: Request<Body>) -> Answer {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, "")).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(request("POST", path, &all, body.to_owned()))
            .await
    }
}

pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}
