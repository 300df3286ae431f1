//! A release server of ours as a child process: made, served, measured, stopped or killed.
//! Benches and soak runs use it from outside, through the fixed command line and HTTP.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::process;
use crate::workspace::{self, cargo};

/// A start that takes longer is a fault; the target is below a second.
const START_LIMIT: Duration = Duration::from_secs(30);
/// In-flight requests and jobs get this long after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// Clock ticks per second in /proc, fixed at 100 in Linux's user-space interface.
const TICKS_PER_SECOND: f64 = 100.0;

/// Builds the release program and returns its path.
pub(crate) fn release_program() -> Result<PathBuf> {
    process::run(cargo().args([
        "build",
        "--release",
        "--package",
        "verifa-server",
        "--locked",
    ]))?;
    workspace::server_program("release")
}

/// A data directory made by `verifa init`, with its first organization's keys.
pub(crate) struct Installation {
    program: PathBuf,
    directory: TempDir,
    database_url: Option<String>,
    live_key: String,
    /// What `verifa init --json` printed.
    printed: Value,
}

impl Installation {
    /// Without a URL the database is SQLite in the data directory.
    pub(crate) fn init(program: &Path, database_url: Option<String>) -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("verifa-installation-")
            .tempdir()?;
        let mut command = Command::new(program);
        command
            .args(["init", "--json", "--data-dir"])
            .arg(directory.path().join("data"));
        if let Some(url) = &database_url {
            command.args(["--database-url", url]);
        }
        let printed = process::output(&mut command)?;
        let document: Value = serde_json::from_str(&printed).context("`verifa init --json`")?;
        let live_key = document
            .pointer("/keys/live")
            .and_then(Value::as_str)
            .context("`verifa init --json` printed no keys.live")?
            .to_owned();
        Ok(Self {
            program: program.to_path_buf(),
            directory,
            database_url,
            live_key,
            printed: document,
        })
    }

    pub(crate) fn data_directory(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The secret live key, which holds every scope.
    pub(crate) fn live_key(&self) -> &str {
        &self.live_key
    }

    /// Another of the first keys, such as `sandbox`.
    pub(crate) fn key_of(&self, name: &str) -> Result<String> {
        let key = self.printed.pointer(&format!("/keys/{name}"));
        let key = key.and_then(Value::as_str);
        Ok(key
            .context("`verifa init --json` printed no such key")?
            .into())
    }

    /// The operator's token.
    pub(crate) fn admin_token(&self) -> Result<String> {
        let token = self.printed.get("admin_token").and_then(Value::as_str);
        Ok(token
            .context("`verifa init --json` printed no admin_token")?
            .into())
    }

    /// A further live key with every scope.
    pub(crate) fn new_key(&self) -> Result<String> {
        let arguments = ["keys", "create", "--environment", "live", "--scopes", "*"];
        let printed = process::output(&mut self.command(&arguments))?;
        Ok(printed.trim().to_owned())
    }

    /// Installs the model pack from the shared cache.
    pub(crate) fn fetch_models(&self) -> Result<()> {
        process::run(
            Command::new(&self.program)
                .args(["models", "fetch", "--data-dir"])
                .arg(self.data_directory())
                .env("VERIFA_MODEL_CACHE", crate::prerequisites::model_cache()),
        )
    }

    /// Runs a subcommand on this data directory; its exit code decides.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<()> {
        process::run(&mut self.command(arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.data_directory());
        if let Some(url) = &self.database_url {
            command.args(["--database-url", url]);
        }
        command
    }

    /// Starts a server and waits until it is ready. `cpus` binds it, e.g. `0`.
    pub(crate) fn serve(&self, cpus: Option<&str>) -> Result<Server> {
        self.start(free_address()?, cpus, &[])
    }

    /// Starts a server with settings as environment variables.
    pub(crate) fn serve_with(&self, settings: &[(&str, &str)]) -> Result<Server> {
        self.start(free_address()?, None, settings)
    }

    /// As [`Installation::serve`], at a given address: a restart keeps its clients.
    pub(crate) fn serve_at(&self, address: SocketAddr, cpus: Option<&str>) -> Result<Server> {
        self.start(address, cpus, &[])
    }

    fn start(
        &self,
        address: SocketAddr,
        cpus: Option<&str>,
        settings: &[(&str, &str)],
    ) -> Result<Server> {
        let mut command = match cpus {
            Some(cpus) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", cpus]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command
            .args(["serve", "--listen", &address.to_string(), "--data-dir"])
            .arg(self.data_directory())
            // Load from one address is what measuring is.
            .env("VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE", "0")
            // Receivers of webhooks are ours.
            .env("VERIFA_WEBHOOKS__ALLOWED_HOSTS", "127.0.0.1");
        if let Some(url) = &self.database_url {
            command.args(["--database-url", url]);
        }
        let log_path = self.directory.path().join("server.log");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log_path)?;
        let started = Instant::now();
        let child = command
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start `{}`", process::shown(&command)))?;
        let mut server = Server {
            child,
            address,
            start_up: Duration::ZERO,
            log_path,
        };
        server.wait_until_ready(started)?;
        Ok(server)
    }
}

/// A loopback address that nobody listens on at the moment.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    start_up: Duration,
    log_path: PathBuf,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    pub(crate) resident_bytes: u64,
    pub(crate) peak_resident_bytes: u64,
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From the start of the process to the first 200 of `/readyz`.
    pub(crate) fn start_up(&self) -> Duration {
        self.start_up
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        usage_of(&self.child.id().to_string())
    }

    /// Whether the process still runs.
    pub(crate) fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// `kill -9`: no warning, no farewell.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, and an exit with 0 within the limit.
    pub(crate) fn stop(mut self) -> Result<()> {
        process::output(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let asked = Instant::now();
        while asked.elapsed() < STOP_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                anyhow::ensure!(
                    status.success(),
                    "the server ended with {status} after SIGTERM"
                );
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!(
            "the server did not stop within {} s of SIGTERM",
            STOP_LIMIT.as_secs()
        )
    }

    fn wait_until_ready(&mut self, started: Instant) -> Result<()> {
        while started.elapsed() < START_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}: {}", self.last_log());
            }
            if crate::client::is_ready(self.address) {
                self.start_up = started.elapsed();
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!(
            "the server was not ready within {} s: {}",
            START_LIMIT.as_secs(),
            self.last_log()
        )
    }

    fn last_log(&self) -> String {
        let text = std::fs::read_to_string(&self.log_path).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; either way nothing of it is left.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// CPU time and memory of a process, by its id or `self`.
pub(crate) fn usage_of(process_id: &str) -> Result<Usage> {
    let stat = std::fs::read_to_string(format!("/proc/{process_id}/stat"))?;
    // Fields 14 and 15 (utime, stime), counted after the name, which ends at the last bracket.
    let after_name = stat.rsplit_once(')').context("/proc stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: f64 = fields
        .get(11..13)
        .context("/proc stat is short")?
        .iter()
        .map(|field| field.parse::<f64>().unwrap_or(0.0))
        .sum();
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status"))?;
    let kibibytes = |name: &str| {
        status
            .lines()
            .find_map(|line| {
                line.strip_prefix(name)?
                    .split_whitespace()
                    .next()?
                    .parse::<u64>()
                    .ok()
            })
            .with_context(|| format!("/proc status has no {name}"))
    };
    Ok(Usage {
        cpu: Duration::from_secs_f64(ticks / TICKS_PER_SECOND),
        resident_bytes: kibibytes("VmRSS:")?.saturating_mul(1024),
        peak_resident_bytes: kibibytes("VmHWM:")?.saturating_mul(1024),
    })
}
