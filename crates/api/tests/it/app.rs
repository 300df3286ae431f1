//! The whole API over a real application on an embedded database, with a worker.
//!
//! Every 2xx JSON answer in snake case is checked against the OpenAPI document.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use verifa_api::auth::AppKeys;
use verifa_api::state::{ApiSettings, Shared};
use verifa_app::App;
use verifa_app::engine::Worker;
use verifa_app::keyring::Keyring;
use verifa_app::models::Models;
use verifa_app::organizations::{MadeOrganization, make_server_keys};
use verifa_app::settings::Settings;
use verifa_checks::Registry;
use verifa_core::random::Random;
use verifa_core::time::Clock;
use verifa_mail::Mailer;
use verifa_store::db::{Db, SqliteOptions};
use verifa_store::migrations::MIGRATIONS;
use verifa_vault::{BlobStore, MasterKey, MasterKeyRing};
use verifa_webhooks::{Sender, SenderSettings, SystemResolver};

use crate::harness::{Answer, TestClock, request};

/// `SplitMix64`: distinct bytes, the same on each run.
struct Seeded(AtomicU64);
impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct AppServer {
    pub(crate) router: Router,
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) organization: MadeOrganization,
    stop: CancellationToken,
    _directory: TempDir,
}

impl Drop for AppServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(&verifa_api::openapi_json().unwrap()).unwrap())
}

impl AppServer {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::running());
        let random: Arc<dyn Random> = Arc::new(Seeded(AtomicU64::new(7)));
        let db = Db::open_sqlite(&directory.path().join("v.db"), SqliteOptions::default())
            .await
            .unwrap();
        db.migrate(
            MIGRATIONS,
            &*clock,
            verifa_core::id::uuid_v7(clock.now(), &*random),
        )
        .await
        .unwrap();
        let master = MasterKey::generate(&*random);
        make_server_keys(&db, &master, &*clock, &*random)
            .await
            .unwrap();
        let keys = Keyring::open(&db, MasterKeyRing::new(master))
            .await
            .unwrap();
        let app = Arc::new(App {
            db,
            blobs: BlobStore::local(&directory.path().join("blobs")).unwrap(),
            keys,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::clone(&random),
            checks: Arc::new(Registry::builtin()),
            models: Models::new(Box::new(|| Err("no models in this test".to_owned()))),
            mailer: Mailer::files(
                verifa_mail::Sender::parse("verifa@example.org")
                    .ok()
                    .unwrap(),
                directory.path().join("mail"),
            ),
            settings: Settings::default(),
            workflow_cache: verifa_app::workflows::Cache::default(),
            webhooks: Sender::new(&SenderSettings::default(), Arc::new(SystemResolver)),
            committed: Notify::new(),
            compute: Arc::new(Semaphore::new(2)),
            decoding: Arc::new(Semaphore::new(2)),
        });
        let organization = app.make_organization("Demo").await.unwrap();
        let shared = Arc::new(Shared::new(
            Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            Arc::new(AppKeys::new(Arc::clone(&app))),
            Vec::new(),
            ApiSettings::default(),
        ));
        let router = verifa_api::service(Arc::clone(&app), &shared).unwrap();
        let stop = CancellationToken::new();
        let worker = Worker::new(Arc::clone(&app)).run(stop.clone(), Duration::from_secs(1));
        tokio::spawn(worker);
        Self {
            router,
            app,
            clock,
            organization,
            stop,
            _directory: directory,
        }
    }

    pub(crate) fn live(&self) -> String {
        self.organization.live.secret.reveal().to_owned()
    }

    pub(crate) async fn call_as(
        &self,
        secret: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        self.call_with(method, path, &[("x-api-key", secret)], &body)
            .await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_as(&self.live(), method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    pub(crate) async fn call_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        let answer = self.send(request(method, path, &all, text)).await;
        let inflected = headers.iter().any(|(name, _)| *name == "key-inflection");
        if answer.status.is_success() && !inflected {
            check_shape(method, path, &answer);
        }
        answer
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// A new session's id.
    pub(crate) async fn session(&self, body: Value) -> String {
        let answer = self.call("POST", "/api/v1/sessions", body).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// A workflow of gates and nothing else, as the default; its id.
    pub(crate) async fn gates(&self, names: &[&str]) -> String {
        let mut steps: Vec<_> = names
            .iter()
            .map(|name| json!({"id": name, "type": "external_gate", "on_fail": "review"}))
            .collect();
        steps.push(json!({"id": "done", "policy": "auto_approve"}));
        let body = json!({"name": "Gates", "steps": steps, "is_default": true});
        let answer = self.call("POST", "/api/v1/workflows", body).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Waits until the session is in a status.
    pub(crate) async fn reaches(&self, id: &str, status: &str) -> Value {
        for _ in 0..400 {
            let session = self.get(&format!("/api/v1/sessions/{id}")).await.json();
            if session["status"] == status {
                return session;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "session never was {status}: {}",
            self.get(&format!("/api/v1/sessions/{id}")).await.json()
        );
    }
}

/// Compares an answer with what the document promises for its operation and status.
#[track_caller]
fn check_shape(method: &str, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap().trim_end_matches('/');
    let document = document();
    let templates = document["paths"].as_object().unwrap();
    let matches = |template: &&String| {
        let (left, right): (Vec<_>, Vec<_>) =
            (template.split('/').collect(), path.split('/').collect());
        left.len() == right.len()
            && left
                .iter()
                .zip(&right)
                .all(|(l, r)| l.starts_with('{') || l == r)
    };
    let mut found: Vec<_> = templates.keys().filter(matches).collect();
    found.sort_by_key(|template| template.matches('{').count());
    let Some(template) = found.first() else {
        return;
    };
    let operation = &document["paths"][*template][method.to_ascii_lowercase()];
    let status = answer.status.as_str();
    let response = &operation["responses"][status];
    assert!(
        response.is_object(),
        "{method} {template} promises no {status}"
    );
    let Some(schema) = response["content"]["application/json"].get("schema") else {
        return;
    };
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&root).unwrap();
    let body = answer.json();
    let errors: Vec<_> = validator
        .iter_errors(&body)
        .map(|e| e.to_string())
        .collect();
    assert!(
        errors.is_empty(),
        "{method} {template}: {errors:#?}\n{body:#}"
    );
}
