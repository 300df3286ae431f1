//! Builds the running parts from the configuration: the only place that knows all of them.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use futures::future::BoxFuture;
use tokio::sync::{Notify, Semaphore};
use verifa_api::auth::{AppKeys, TrustedProxies};
use verifa_api::probe::Probe;
use verifa_api::state::{ApiSettings, Shared};
use verifa_app::keyring::Keyring;
use verifa_app::models::{Loader, Models};
use verifa_app::settings::Settings;
use verifa_app::{App, AppError};
use verifa_core::random::Random;
use verifa_core::time::Clock;
use verifa_models::ModelName;
use verifa_store::db::{DatabaseKind, Db, PostgresOptions, SqliteOptions};
use verifa_store::migrations::MIGRATIONS;
use verifa_vault::{BlobStore, MasterKey, MasterKeyRing};
use verifa_vision::{OcrModels, Runtime};

use crate::config::{Config, DatabaseTarget, MasterKeySource};
use crate::system::{SystemClock, SystemRandom};

/// The SQLite file in the data directory.
pub(crate) const SQLITE_FILE: &str = "verifa.db";

/// Opens the database that the configuration names. Does not migrate.
///
/// # Errors
/// When it can't be reached.
pub(crate) async fn open_database(config: &Config) -> anyhow::Result<Db> {
    let database = &config.database;
    match database.target(&config.data) {
        DatabaseTarget::Sqlite(path) => {
            anyhow::ensure!(
                config.data.dir.is_dir(),
                "there is no data directory `{}`. hint: `verifa init` makes one",
                config.data.dir.display()
            );
            let options = SqliteOptions {
                readers: database.sqlite_readers,
                ..SqliteOptions::default()
            };
            Ok(Db::open_sqlite(&path, options).await?)
        }
        DatabaseTarget::Postgres(url) => {
            let options = PostgresOptions {
                connections: database.postgres_connections,
                acquire_timeout: database.acquire_timeout,
                statement_timeout: database.statement_timeout,
                ..PostgresOptions::default()
            };
            Ok(Db::connect_postgres(url.expose(), options).await?)
        }
    }
}

/// Brings the schema up to date.
///
/// # Errors
/// When a migration fails, or the schema is newer than this binary.
pub(crate) async fn migrate(db: &Db) -> anyhow::Result<usize> {
    let holder = verifa_core::id::uuid_v7(SystemClock.now(), &SystemRandom);
    Ok(db.migrate(MIGRATIONS, &SystemClock, holder).await?)
}

/// Loads the master key.
///
/// # Errors
/// When it is missing, readable by others, or no key.
pub(crate) fn master_key(config: &Config) -> anyhow::Result<MasterKey> {
    match config.data.master_key_source() {
        MasterKeySource::File(path) => {
            MasterKey::load_with(&path, config.data.key_file_access(&path))
                .with_context(|| format!("the master key `{}` can't be used", path.display()))
        }
        MasterKeySource::Text(text) => MasterKey::from_text(text.expose())
            .context("the master key of the configuration can't be used"),
    }
}

/// Loads the document-reading models of a data directory, each checked by its hash.
fn model_loader(directory: &Path, threads: usize) -> Loader {
    let directory = directory.to_owned();
    Box::new(move || {
        let load = |name| verifa_models::load(&directory, name).map_err(|error| error.to_string());
        OcrModels::load(
            &Runtime::with_threads(threads),
            load(ModelName::OcrDetection)?,
            load(ModelName::OcrRecognition)?,
            load(ModelName::OcrOrientation)?,
        )
        .map_err(|error| error.to_string())
    })
}

/// The use cases over an open, migrated database.
///
/// # Errors
/// When the keys don't open, or the blob store can't be used.
pub(crate) async fn build_app(config: &Config, db: Db) -> anyhow::Result<Arc<App>> {
    let keys = Keyring::open(&db, MasterKeyRing::new(master_key(config)?))
        .await
        .context(
            "the server's keys can't be opened. \
         hint: `verifa init` makes them; `verifa doctor` tells what is wrong",
        )?;
    let blobs = config
        .blobs
        .open(&config.data)
        .context("the blob store can't be used")?;
    Ok(assemble(config, db, blobs, keys)?)
}

/// The use cases over parts that are open.
///
/// # Errors
/// When a setting is out of all range.
pub(crate) fn assemble(
    config: &Config,
    db: Db,
    blobs: BlobStore,
    keys: Keyring,
) -> Result<Arc<App>, AppError> {
    let threads = config.worker.threads();
    let minutes = config.sessions.token_lifetime.as_secs() / 60;
    let settings = Settings {
        public_url: config.server.base_url(),
        token_minutes: i64::try_from(minutes)
            .map_err(|_| AppError::Internal("`sessions.token_minutes` is out of all range"))?,
        upload_bytes: config.limits.upload_bytes as u64,
        lease: config.worker.lease,
        worker_slots: config.worker.jobs_at_once,
        check_threads: threads,
        check_timeout: config.worker.check_timeout,
        plan_by_organization: config.rate_limits.plan_by_organization,
        webhooks: config.webhooks.bounds(),
        keep_deliveries: config.webhooks.keep_deliveries,
        keep_mails: config.mail.keep,
    };
    Ok(Arc::new(App {
        db,
        blobs,
        keys,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        checks: Arc::new(verifa_checks::Registry::builtin()),
        // Checks run side by side, each on one thread: the best throughput for the cores there are.
        models: Models::new(model_loader(&config.data.dir, 1)),
        mailer: config
            .mail
            .open(&config.data)
            // Said in full when the configuration was read.
            .map_err(|_| AppError::Internal("the settings of `mail` can't be used"))?,
        settings,
        workflow_cache: verifa_app::workflows::Cache::default(),
        webhooks: config.webhooks.sender(),
        committed: Notify::new(),
        compute: Arc::new(Semaphore::new(threads)),
        decoding: Arc::new(Semaphore::new(config.limits.uploads_at_once)),
    }))
}

/// What the HTTP layer shares.
pub(crate) fn shared(config: &Config, app: &Arc<App>) -> Arc<Shared> {
    let probes: Vec<Box<dyn Probe>> = vec![
        Box::new(DatabaseProbe(Arc::clone(app))),
        Box::new(BlobProbe(Arc::clone(app))),
        Box::new(WorkerProbe(Arc::clone(app))),
        Box::new(ModelProbe(Arc::clone(app))),
        Box::new(MasterKeyProbe(Arc::clone(app))),
    ];
    let settings = ApiSettings {
        proxies: TrustedProxies::new(
            config.server.trusted_proxies.clone(),
            config.server.forwarding_header,
        ),
        limits: config.rate_limits.settings(),
        public_url: config.server.base_url(),
        ..ApiSettings::default()
    };
    let clock: Arc<dyn Clock> = Arc::clone(&app.clock);
    let random: Arc<dyn Random> = Arc::clone(&app.random);
    let keys = Arc::new(AppKeys::new(Arc::clone(app)));
    Arc::new(Shared::new(clock, random, keys, probes, settings))
}

/// Whether two servers may share this database.
pub(crate) fn is_alone(db: &Db) -> bool {
    db.kind() == DatabaseKind::Sqlite
}

struct DatabaseProbe(Arc<App>);

impl Probe for DatabaseProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            self.0.db.ping().await.map_err(|error| error.to_string())?;
            self.0.db.path().map_or(Ok(()), check_room)
        })
    }
}

/// Less room than this is as good as none: the next checkpoint may not fit.
const LEAST_ROOM: u64 = 16 * 1024 * 1024;

/// Whether the database's disk has room: a reading probe alone would not notice.
fn check_room(database: &Path) -> Result<(), String> {
    let directory = database.parent().unwrap_or(Path::new("."));
    match fs4::available_space(directory) {
        Ok(room) if room < LEAST_ROOM => Err(format!("the database's disk has {room} bytes left")),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("the database's disk can't be asked: {error}")),
    }
}

struct BlobProbe(Arc<App>);

impl Probe for BlobProbe {
    fn name(&self) -> &'static str {
        "blob_store"
    }

    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            let probed = self.0.blobs.probe(&*self.0.random).await;
            probed.map_err(|error| error.to_string())
        })
    }
}

struct WorkerProbe(Arc<App>);

impl Probe for WorkerProbe {
    fn name(&self) -> &'static str {
        "workers"
    }

    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(self.0.check_backlog())
    }
}

struct MasterKeyProbe(Arc<App>);

impl Probe for MasterKeyProbe {
    fn name(&self) -> &'static str {
        "master_key"
    }

    /// With the former key a server goes on with all that it has open: taking every server out at
    /// once would make each rotation an outage.
    fn is_essential(&self) -> bool {
        false
    }

    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            let checked = self.0.check_master_key().await;
            checked.map_err(|error| error.to_string())
        })
    }
}

struct ModelProbe(Arc<App>);

impl Probe for ModelProbe {
    fn name(&self) -> &'static str {
        "models"
    }

    fn is_essential(&self) -> bool {
        false
    }

    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        let app = Arc::clone(&self.0);
        Box::pin(async move {
            let loaded = tokio::task::spawn_blocking(move || app.models.get().map(drop)).await;
            loaded.unwrap_or_else(|_| Err("loading the models broke off".to_owned()))
        })
    }
}
