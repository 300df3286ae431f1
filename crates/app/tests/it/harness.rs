//! An application on an embedded database with a clock in the test's hands, seeded randomness and
//! checks that do as the test says.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use verifa_app::actor::{Actor, Who};
use verifa_app::engine::Worker;
use verifa_app::keyring::Keyring;
use verifa_app::models::Models;
use verifa_app::organizations::make_server_keys;
use verifa_app::sessions::{CreateSession, DecideGate};
use verifa_app::settings::Settings;
use verifa_app::workflows::Cache;
use verifa_app::{App, AppError, Decided};
use verifa_checks::{Check, CheckInput, CheckOutcome, Descriptor, ExtractedData, Registry};
use verifa_core::fault::Fault;
use verifa_core::id::{ApiKeyId, Id, SessionId, WorkflowId};
use verifa_core::random::Random;
use verifa_core::session::{CheckResult, CheckStatus, Metadata};
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::{Clock, Timestamp};
use verifa_core::workflow::ExternalDecision;
use verifa_mail::Mailer;
use verifa_store::db::{Commit, Db, SqliteOptions, Stmt};
use verifa_store::migrations::MIGRATIONS;
use verifa_vault::{BlobStore, MasterKey, MasterKeyRing};
use verifa_webhooks::{Sender, SenderSettings, SystemResolver};

/// A clock that stands still until the test moves it, but for a microsecond at each look.
pub(crate) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

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

/// What a check of a name does when it is run.
type Script = Box<dyn Fn(&str) -> CheckResult + Send + Sync>;
type SharedScript = Arc<Mutex<Arc<Script>>>;
/// What `document_ocr` reads.
type SharedReading = Arc<Mutex<Option<ExtractedData>>>;

struct Scripted {
    descriptor: Descriptor,
    script: SharedScript,
    reading: SharedReading,
}

impl Check for Scripted {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn config_schema(&self) -> Value {
        json!({"type": "object"})
    }
    fn validate_config(&self, _: &Value) -> Result<(), Vec<Fault>> {
        Ok(())
    }
    fn run(&self, _: &CheckInput, _: &Value) -> CheckOutcome {
        let script = Arc::clone(&self.script.lock().unwrap());
        let reading = self.reading.lock().unwrap().clone();
        let passport = || ExtractedData {
            document_type: Some("passport".to_owned()),
            ..ExtractedData::default()
        };
        let reads = self.descriptor.name == "document_ocr";
        CheckOutcome {
            result: script(self.descriptor.name),
            extracted: reads.then(|| reading.unwrap_or_else(passport)),
            engine: "script/1".to_owned(),
        }
    }
}

const PLACEABLE: [&str; 7] = [
    "document_ocr",
    "document_expiration",
    "id_document_filter",
    "age_verification",
    "identity_crossref",
    "face_match",
    "auto_approve",
];
const INSERTED: [&str; 2] = ["watchlist_screening", "risk_assessment"];

fn registry(script: &SharedScript, reading: &SharedReading) -> Registry {
    let of = |name: &'static str, placeable| -> Box<dyn Check> {
        Box::new(Scripted {
            descriptor: Descriptor {
                name,
                category: "test",
                description: "Does as the test says.",
                inputs: if name == "document_ocr" {
                    &["id_front"]
                } else {
                    &[]
                },
                outputs: &[],
                prerequisites: &[],
                placeable,
            },
            script: Arc::clone(script),
            reading: if name == "document_ocr" {
                Arc::clone(reading)
            } else {
                SharedReading::default()
            },
        })
    };
    let placeable = PLACEABLE.iter().map(|name| of(name, true));
    let inserted = INSERTED.iter().map(|name| of(name, false));
    Registry::new(placeable.chain(inserted).collect())
}

/// The application and what the test holds of it.
pub(crate) struct Bench {
    pub(crate) app: Arc<App>,
    pub(crate) actor: Actor,
    pub(crate) tenant: Tenant,
    clock: Arc<HandClock>,
    script: SharedScript,
    reading: SharedReading,
    directory: TempDir,
}

/// A worker that can be told to stop, or be dropped as if its process had died.
pub(crate) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// As a process that dies: nothing is finished, nothing handed back.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.is_err(), "it had ended by itself");
    }

    /// As a process that is told to stop.
    pub(crate) async fn stop(self, grace: Duration) {
        self.stop.cancel();
        drop(self.stop);
        let waited = tokio::time::timeout(grace + Duration::from_secs(10), self.task).await;
        waited.expect("the worker ends").unwrap();
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with_webhook_timeout(Duration::from_secs(10)).await
    }

    /// Whose receivers have this long to answer.
    pub(crate) async fn with_webhook_timeout(timeout: Duration) -> Self {
        let webhooks = SenderSettings {
            allowed_hosts: vec!["127.0.0.1".to_owned()],
            timeout,
            ..SenderSettings::default()
        };
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(1_770_000_000_000_000)));
        let random: Arc<dyn Random> = Arc::new(Seeded(AtomicU64::new(7)));
        let path = directory.path().join("verifa.db");
        let db = Db::open_sqlite(&path, SqliteOptions::default())
            .await
            .unwrap();
        let holder = verifa_core::id::uuid_v7(clock.now(), &*random);
        db.migrate(MIGRATIONS, &*clock, holder).await.unwrap();
        let master = MasterKey::generate(&*random);
        make_server_keys(&db, &master, &*clock, &*random)
            .await
            .unwrap();
        let keys = Keyring::open(&db, MasterKeyRing::new(master))
            .await
            .unwrap();
        let script: SharedScript = Arc::new(Mutex::new(Arc::new(Box::new(|_: &str| {
            CheckResult::passed()
        }))));
        let reading = SharedReading::default();
        let app = Arc::new(App {
            db,
            blobs: BlobStore::local(&directory.path().join("blobs")).unwrap(),
            keys,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            checks: Arc::new(registry(&script, &reading)),
            models: Models::new(Box::new(|| Err("no models in this test".to_owned()))),
            mailer: Mailer::files(
                verifa_mail::Sender::parse("verifa@example.org")
                    .ok()
                    .unwrap(),
                directory.path().join("mail"),
            ),
            settings: Settings::default(),
            workflow_cache: Cache::default(),
            webhooks: Sender::new(&webhooks, Arc::new(SystemResolver)),
            committed: Notify::new(),
            compute: Arc::new(Semaphore::new(2)),
            decoding: Arc::new(Semaphore::new(2)),
        });
        let made = app.make_organization("Test").await.unwrap();
        let tenant = Tenant {
            organization: made.id,
            environment: Environment::Live,
        };
        let actor = Actor {
            tenant,
            who: Who::ApiKey(ApiKeyId::from_uuid(made.live.record.id.uuid())),
            request: None,
        };
        Self {
            app,
            actor,
            tenant,
            clock,
            script,
            reading,
            directory,
        }
    }

    /// From now on checks do this.
    pub(crate) fn checks(&self, script: impl Fn(&str) -> CheckResult + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(Box::new(script));
    }

    /// From now on `document_ocr` reads this.
    pub(crate) fn reads(&self, data: ExtractedData) {
        *self.reading.lock().unwrap() = Some(data);
    }

    pub(crate) fn worker(&self) -> Running {
        let stop = CancellationToken::new();
        let worker = Worker::new(Arc::clone(&self.app));
        let task = tokio::spawn(worker.run(stop.clone(), Duration::from_millis(50)));
        Running { stop, task }
    }

    /// Moves the clock and wakes the workers, whose naps are by another clock.
    pub(crate) async fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
        let mut wake = Commit::new();
        wake.push(verifa_store::jobs::cancel("none")).wake_jobs();
        self.app.db.commit(wake).await.unwrap();
    }

    /// Lets a worker do the housekeeping that is due by now.
    pub(crate) async fn keep_house(&self) {
        self.app.plan_work(false).await.unwrap();
        let worker = self.worker();
        let due = "SELECT due_at FROM jobs WHERE kind = 'housekeeping' AND owner IS NULL";
        for _ in 0..4_000 {
            let row = self.app.db.query_opt(Stmt::new("test", due, vec![]));
            let due: Option<i64> = row.await.unwrap().map(|row| row.get(0).unwrap());
            if due.is_some_and(|due| due > self.app.clock.now().as_micros()) {
                return worker.stop(Duration::from_secs(1)).await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the housekeeping was not done");
    }

    /// Moves the clock back, as when a process with another clock goes on.
    pub(crate) fn back(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap();
        self.clock.0.fetch_sub(micros, Ordering::SeqCst);
    }

    pub(crate) async fn apply<T>(&self, decided: Result<Decided<T>, AppError>) -> T {
        let decided = decided.unwrap();
        self.app.apply(decided.commit).await.unwrap();
        decided.answer
    }

    /// A workflow of these steps, which demands nothing of a session.
    pub(crate) async fn workflow(&self, steps: Value) -> WorkflowId {
        let body = json!({
            "name": "Test", "steps": steps,
            "data_requirements": {"document": {"required": false}},
        });
        let made = self.app.create_workflow(&self.actor, &body).await;
        self.apply(made).await.record.id
    }

    pub(crate) async fn session(&self, command: CreateSession) -> SessionId {
        let made = self.app.create_session(&self.actor, command).await;
        self.apply(made).await.id()
    }

    /// A session of these steps, handed to the workers.
    pub(crate) async fn submitted(&self, steps: Value) -> SessionId {
        let workflow = self.workflow(steps).await;
        let id = self
            .session(CreateSession {
                workflow_id: Some(workflow.to_string()),
                ..CreateSession::default()
            })
            .await;
        let submitted = self
            .app
            .submit_session(&self.actor, self.tenant, id, None, None);
        self.apply(submitted.await).await;
        id
    }

    pub(crate) async fn decide(
        &self,
        id: SessionId,
        decision: ExternalDecision,
    ) -> Result<(), AppError> {
        let command = DecideGate {
            decision,
            metadata: Metadata::new(),
            node: None,
        };
        let decided = self.app.decide_gate(&self.actor, self.tenant, id, &command);
        self.app.apply(decided.await?.commit).await?;
        Ok(())
    }

    pub(crate) async fn status(&self, id: SessionId) -> &'static str {
        let session = self.app.session(self.tenant, id).await.unwrap();
        session.status().as_str()
    }

    pub(crate) async fn until(&self, id: SessionId, status: &str) {
        for _ in 0..1_000 {
            if self.status(id).await == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{status} never came: {}", self.status(id).await);
    }

    /// Runs a query of the test's own and joins each row's texts.
    pub(crate) async fn rows(&self, sql: &'static str) -> Vec<String> {
        let columns = sql.split(" FROM ").next().unwrap().matches(',').count() + 1;
        let rows = self.app.db.query(Stmt::new("test", sql, vec![])).await;
        let text = |row: &verifa_store::db::Row| -> String {
            let cells = (0..columns).map(|column| {
                row.get::<Option<String>>(column).map_or_else(
                    |_| row.get::<i64>(column).unwrap().to_string(),
                    Option::unwrap_or_default,
                )
            });
            cells.collect::<Vec<_>>().join(" ")
        };
        rows.unwrap().iter().map(text).collect()
    }

    /// A path in the data directory.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// The bytes of every file of the data directory, to look for what must not be there.
    pub(crate) fn files(&self) -> Vec<u8> {
        let paths = self.paths().into_iter();
        paths
            .flat_map(|path| std::fs::read(path).unwrap())
            .collect()
    }

    /// Every file of the data directory.
    pub(crate) fn paths(&self) -> Vec<std::path::PathBuf> {
        let mut open = vec![self.directory.path().to_owned()];
        let mut paths = Vec::new();
        while let Some(directory) = open.pop() {
            for entry in directory.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    paths.push(path);
                }
            }
        }
        paths
    }
}

pub(crate) fn outcome(status: CheckStatus, code: &str) -> CheckResult {
    CheckResult::with_reason(status, code, "As the test says.")
}
