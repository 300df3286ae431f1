//! One server process and its data directory.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Error;
use crate::binaries::{Binaries, last_lines, program_name, run};

/// The superuser that `initdb` makes.
const ROLE: &str = "verifa";
/// A cold start on two busy cores took 3 s; a server that needs ten times that is broken.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Another process can take the port between choosing and binding it.
const PORT_TRIES: u32 = 5;

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// No fsync: for tests that don't ask what survives a power cut.
    Fast,
    /// PostgreSQL's defaults: for benchmarks and crash tests.
    Durable,
}

/// A running server on a free loopback port; stopped and erased when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    port: u16,
    /// Dropping the sender tells the keeper to stop the server.
    stop: Option<mpsc::Sender<()>>,
    keeper: Option<JoinHandle<()>>,
    _directory: TempDir,
}

impl PostgresServer {
    /// Makes a cluster and starts it; returns when it accepts connections.
    pub fn start(durability: Durability) -> Result<Self, Error> {
        let binaries = Binaries::find()?;
        let directory = tempfile::Builder::new()
            .prefix("verifa-postgres-")
            .tempdir()
            .map_err(Error::Directory)?;
        Binaries::hand_over(directory.path())?;
        let data = directory.path().join("data");
        run(binaries
            .command("initdb")
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg(format!("--username={ROLE}"))
            .arg("-D")
            .arg(&data))?;

        let mut last_error = Error::NotInstalled;
        for _ in 0..PORT_TRIES {
            let port = free_port().map_err(Error::Directory)?;
            let mut command = binaries.command("postgres");
            command
                .arg("-D")
                .arg(&data)
                .arg("-k")
                .arg(directory.path())
                .args(["-h", "127.0.0.1", "-p", &port.to_string()])
                .args(["-c", "max_connections=300", "-c", "logging_collector=off"]);
            if durability == Durability::Fast {
                command.args(["-c", "fsync=off", "-c", "synchronous_commit=off"]);
                command.args(["-c", "full_page_writes=off"]);
            }
            match Self::launch(&binaries, command, port) {
                Ok((stop, keeper)) => {
                    return Ok(Self {
                        port,
                        stop: Some(stop),
                        keeper: Some(keeper),
                        _directory: directory,
                    });
                }
                Err(error) => last_error = error,
            }
        }
        Err(last_error)
    }

    /// Starts the process on a thread of its own: the parent-death signal counts the starting
    /// *thread* as the parent, and a test's threads come and go.
    fn launch(
        binaries: &Binaries,
        mut command: Command,
        port: u16,
    ) -> Result<(mpsc::Sender<()>, JoinHandle<()>), Error> {
        let (stop, stopped) = mpsc::channel::<()>();
        let (ready, readiness) = mpsc::channel();
        let binaries = binaries.clone();
        let keeper = std::thread::spawn(move || {
            let program = program_name(&command);
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped());
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(source) => {
                    // The receiver is waiting below, or has gone with its test.
                    let _gone = ready.send(Err(Error::Run { program, source }));
                    return;
                }
            };
            let outcome = wait_until_ready(&binaries, &mut child, port);
            let serving = outcome.is_ok();
            let _gone = ready.send(outcome);
            if serving {
                drain_log(&mut child);
                // Returns when the sender is dropped, which is the signal.
                let _disconnected = stopped.recv();
            }
            end(&mut child);
        });
        match readiness.recv() {
            Ok(Ok(())) => Ok((stop, keeper)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::NotReady {
                seconds: 0,
                log: "the keeper thread ended".into(),
            }),
        }
    }

    /// Makes an empty database.
    pub fn create_database(&self, name: &str) -> Result<(), Error> {
        let binaries = Binaries::find()?;
        run(binaries.command("createdb").args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-U",
            ROLE,
            "--",
            name,
        ]))
        .map(drop)
    }

    /// Its loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Base URL without a database, as [`crate::SHARED_URL_VARIABLE`] takes it.
    pub fn base_url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}", self.port)
    }

    /// Connection URL of one database (`postgres` always exists).
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base_url())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(keeper) = self.keeper.take() {
            // A keeper that panicked has already dropped, and so orphaned, nothing we could mend.
            let _ended = keeper.join();
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn wait_until_ready(binaries: &Binaries, child: &mut Child, port: u16) -> Result<(), Error> {
    let started = Instant::now();
    while started.elapsed() < START_LIMIT {
        if let Ok(Some(_)) = child.try_wait() {
            return Err(Error::Failed {
                program: "postgres".into(),
                message: log_of(child),
            });
        }
        let mut probe = binaries.command("pg_isready");
        probe.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        if probe.status().is_ok_and(|status| status.success()) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    end(child);
    Err(Error::NotReady {
        seconds: START_LIMIT.as_secs(),
        log: log_of(child),
    })
}

/// What a process that has ended wrote to its log.
fn log_of(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(mut log) = child.stderr.take() {
        // A log that can't be read only makes the message shorter.
        let _read = std::io::Read::read_to_string(&mut log, &mut text);
    }
    last_lines(&text)
}

/// Keeps the log pipe empty: a full one would stop the server.
fn drain_log(child: &mut Child) {
    if let Some(mut log) = child.stderr.take() {
        std::thread::spawn(move || {
            let _copied = std::io::copy(&mut log, &mut std::io::sink());
        });
    }
}

/// `SIGQUIT` is PostgreSQL's immediate shutdown: the data directory is erased anyway.
fn end(child: &mut Child) {
    let asked = Command::new("kill")
        .args(["-QUIT", &child.id().to_string()])
        .status();
    if !asked.is_ok_and(|status| status.success()) {
        // Either it has ended by itself, or `kill` is missing and this is the last resort.
        let _ended = child.kill();
    }
    let _reaped = child.wait();
}
