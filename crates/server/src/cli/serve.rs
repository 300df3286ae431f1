//! `verifa serve` and `verifa worker`: start, run until told to stop, end in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use verifa_api::state::Shared;
use verifa_app::App;
use verifa_app::engine::{Sealer, Worker};
use verifa_app::webhooks::Deliverer;
use verifa_store::db::DirectoryLock;

use super::connections::{self, Bounds};
use crate::config::Config;
use crate::{telemetry, wire};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Answers calls, and runs jobs unless configured otherwise.
    Serve,
    /// Runs jobs only.
    Worker,
}

/// A server that runs.
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The use cases.
    pub(crate) app: Arc<App>,
    stop: CancellationToken,
    tasks: TaskTracker,
    sealer: (CancellationToken, JoinHandle<()>),
    grace: Duration,
    _lock: Option<DirectoryLock>,
}

impl Running {
    /// Ends in order: no new calls, those under way finish, jobs finish or are handed back, the
    /// last events are sealed, the database closes.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        // The worker keeps to the grace by itself; this is for connections that never end.
        let limit = self.grace + Duration::from_secs(5);
        if tokio::time::timeout(limit, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("connections were cut at the end of the grace period");
        }
        // After everything that tells it something.
        let (stop_sealing, sealed) = self.sealer;
        stop_sealing.cancel();
        if tokio::time::timeout(LAST_SEALING, sealed).await.is_err() {
            tracing::warn!("the last events are sealed by the next start");
        }
        self.app.db.close().await;
        tracing::info!("stopped");
    }
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When it can't start.
pub(crate) async fn serve(config: &Config, role: Role) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = start(config, role).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// Starts a server or a worker.
///
/// # Errors
/// When the data directory is in use, the schema is newer, the keys don't open, or the port is
/// taken.
pub(crate) async fn start(config: &Config, role: Role) -> anyhow::Result<Running> {
    let metrics = telemetry::start_metrics()?;
    verifa_api::observe::describe();
    verifa_app::engine::describe_metrics();
    let db = wire::open_database(config).await?;
    let alone = wire::is_alone(&db);
    anyhow::ensure!(
        !(alone && role == Role::Worker),
        "a worker of its own needs PostgreSQL. hint: `verifa serve` runs one in-process"
    );
    let lock = alone
        .then(|| DirectoryLock::acquire(&config.data.dir))
        .transpose()?;
    let applied = wire::migrate(&db).await?;
    if applied > 0 {
        tracing::info!(applied, "migrated the schema");
    }
    let app = wire::build_app(config, db).await?;
    app.plan_work(alone).await?;
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    // What can fail comes before the work begins.
    admin(config, metrics, &stop, &tasks).await?;
    let address = match role {
        Role::Serve => listen(config, &app, &stop, &tasks).await?,
        Role::Worker => config.server.listen,
    };
    if role == Role::Worker || config.worker.in_process {
        let worker = Worker::new(Arc::clone(&app));
        tasks.spawn(worker.run(stop.clone(), config.server.shutdown_grace));
        let deliverer = Deliverer::new(Arc::clone(&app));
        tasks.spawn(deliverer.run(stop.clone(), config.server.shutdown_grace));
    }
    let stop_sealing = CancellationToken::new();
    let sealing = Sealer::new(Arc::clone(&app)).run(stop_sealing.clone());
    let sealer = (stop_sealing, tokio::spawn(sealing));
    warm_models(&app);
    let database = if alone { "SQLite" } else { "PostgreSQL" };
    tracing::info!(%address, database, version = env!("CARGO_PKG_VERSION"), "started");
    Ok(Running {
        address,
        app,
        stop,
        tasks,
        sealer,
        grace: config.server.shutdown_grace,
        _lock: lock,
    })
}

/// Loads the models ahead of the first check, and says so where they are missing.
fn warm_models(app: &Arc<App>) {
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || {
        if let Err(cause) = app.models.get() {
            tracing::warn!(
                cause,
                "documents can't be read: checks answer `error` until `verifa models fetch` is run"
            );
        }
    });
}

/// Binds the API and answers calls.
async fn listen(
    config: &Config,
    app: &Arc<App>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<SocketAddr> {
    let wanted = config.server.listen;
    let listener = TcpListener::bind(wanted)
        .await
        .with_context(|| format!("can't listen on {wanted}. hint: --listen names another port"))?;
    let address = listener.local_addr()?;
    let shared = wire::shared(config, app);
    let router = verifa_api::service(Arc::clone(app), &shared)?;
    let tls = config.server.tls.load().context("TLS can't be set up")?;
    let bounds = Bounds {
        most: places(config),
        ..bounds(config)
    };
    let ended = drained(stop.clone(), shared);
    tasks.spawn(connections::serve(listener, tls, router, bounds, ended));
    Ok(address)
}

async fn drained(stop: CancellationToken, shared: Arc<Shared>) {
    stop.cancelled().await;
    shared.start_draining();
}

fn bounds(config: &Config) -> Bounds {
    Bounds {
        most: config.server.max_connections,
        header: config.server.header_timeout,
        send: config.server.send_timeout,
    }
}

/// The connections that this process can hold: as many as configured, while enough of the files
/// that the system lets it open are left for everything else.
fn places(config: &Config) -> usize {
    let wanted = config.server.max_connections;
    let others = OTHER_FILES
        .saturating_add(config.webhooks.at_once)
        .saturating_add(config.database.postgres_connections);
    let asked = u64::try_from(wanted.saturating_add(others)).unwrap_or(u64::MAX);
    let Ok(open_files) = rlimit::increase_nofile_limit(asked) else {
        return wanted;
    };
    let open_files = usize::try_from(open_files).unwrap_or(usize::MAX);
    let places = wanted.min(open_files.saturating_sub(others).max(open_files / 2));
    if places < wanted {
        tracing::warn!(
            places,
            open_files,
            "fewer connections than server.max_connections: the system allows too few open files"
        );
    }
    places.max(1)
}

/// Binds the admin listener for `/metrics`.
async fn admin(
    config: &Config,
    metrics: PrometheusHandle,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let Some((wanted, required)) = config.server.admin_listen.address() else {
        return Ok(());
    };
    let listener = match TcpListener::bind(wanted).await {
        Ok(listener) => listener,
        Err(error) if required => {
            return Err(error).with_context(|| format!("can't listen on {wanted} for metrics"));
        }
        Err(_) => {
            tracing::info!(%wanted, "the metrics port is taken: no metrics from this process");
            return Ok(());
        }
    };
    let upkeep = metrics.clone();
    let stopped = stop.clone();
    tasks.spawn(async move {
        while tokio::time::timeout(UPKEEP, stopped.cancelled())
            .await
            .is_err()
        {
            upkeep.run_upkeep();
        }
    });
    let router = Router::new().route("/metrics", get(move || async move { metrics.render() }));
    let ended = stop.clone().cancelled_owned();
    let bounds = Bounds {
        most: METRICS_CONNECTIONS,
        ..bounds(config)
    };
    tasks.spawn(connections::serve(listener, None, router, bounds, ended));
    Ok(())
}

/// How long the last events may take to be sealed at the end.
const LAST_SEALING: Duration = Duration::from_secs(5);
/// Most connections that ask for metrics.
const METRICS_CONNECTIONS: usize = 32;
/// Files that a process opens besides connections: database, images, models, mail, the program.
const OTHER_FILES: usize = 128;
/// How often histograms are folded, so that they do not grow.
const UPKEEP: Duration = Duration::from_secs(5);
