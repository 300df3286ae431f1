//! A server process: started, restarted, stopped, killed.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::client::Client;
use crate::deadline::within;
use crate::installation::{Installation, Options};

/// A start that takes longer is a fault.
const START_LIMIT: Duration = Duration::from_secs(30);
/// The default grace for requests and jobs is 25 s.
const STOP_LIMIT: Duration = Duration::from_secs(40);

/// A loopback address that nobody listens on at the moment.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

/// A running server; killed when dropped.
pub struct TestServer {
    /// Its data directory, keys and database.
    pub installation: Arc<Installation>,
    address: SocketAddr,
    child: Child,
    environment: Vec<(String, String)>,
}

impl TestServer {
    /// A new installation with a server on it. `program` is `env!("CARGO_BIN_EXE_verifa")`.
    pub async fn start(program: &str, options: &Options) -> Self {
        let installation = Installation::init(program, options).await;
        Self::serve(Arc::new(installation), Vec::new()).await
    }

    /// A server on an installation; `environment` is this process's alone.
    pub async fn serve(
        installation: Arc<Installation>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let address = free_address();
        let child = spawn(&installation, address, &environment);
        let mut server = Self {
            installation,
            address,
            child,
            environment,
        };
        server.ready().await;
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Somebody without a key.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(format!("http://{}", self.address))
    }

    /// The holder of the live secret key with every scope.
    pub fn live(&self) -> Client {
        self.anonymous().key(&self.installation.keys.live)
    }

    /// The holder of the sandbox secret key with every scope.
    pub fn sandbox(&self) -> Client {
        self.anonymous().key(&self.installation.keys.sandbox)
    }

    /// The holder of the admin token.
    pub fn operator(&self) -> Client {
        self.anonymous().key(&self.installation.keys.admin_token)
    }

    /// SIGKILL: no warning, no farewell.
    pub fn kill9(&mut self) {
        // It may have ended by itself; the wait tells.
        let _sent = self.child.kill();
        let status = self.child.wait().expect("the server's end");
        assert_eq!(
            status.signal(),
            Some(9),
            "the server ended before it was killed: {status}"
        );
    }

    /// Starts it again where it was, on the same data; the old process must have ended.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.installation, self.address, &self.environment);
        self.ready().await;
    }

    /// Sends SIGTERM and returns at once.
    pub fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill").success(), "SIGTERM could not be sent");
    }

    /// Waits for the process's end.
    pub async fn ended(&mut self) -> ExitStatus {
        within(STOP_LIMIT, "the server ends", async || {
            self.child.try_wait().expect("wait")
        })
        .await
    }

    /// SIGTERM, and an exit with 0.
    pub async fn terminate(&mut self) {
        self.ask_to_stop();
        let status = self.ended().await;
        assert!(
            status.success(),
            "after SIGTERM the server ended with {status}"
        );
    }

    /// The most memory that it ever held, in bytes (`VmHWM`).
    pub fn peak_resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("/proc status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kibibytes.expect("VmHWM") * 1024
    }

    async fn ready(&mut self) {
        let probe = self.anonymous();
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("wait") {
                panic!(
                    "the server ended with {status}: {}",
                    last_lines(&self.installation.log())
                );
            }
            // Not listening yet is no answer.
            if let Ok(answer) = probe.get("/readyz").may_be_away().attempt().await
                && (answer.status == 200 || lacks_only_models(&answer))
            {
                return;
            }
            assert!(
                started.elapsed() < START_LIMIT,
                "not ready: {}",
                last_lines(&self.installation.log())
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Without models a server is not ready for documents, and all else works.
fn lacks_only_models(answer: &Answer) -> bool {
    answer.status == 503 && answer.json()["detail"] == "Not ready: models."
}

fn spawn(
    installation: &Installation,
    address: SocketAddr,
    environment: &[(String, String)],
) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(installation.log_path());
    let log = log.expect("the log file");
    installation
        .command(&["serve", "--listen", &address.to_string()])
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(log.try_clone().expect("the log file"))
        .stderr(log)
        .spawn()
        .expect("cannot start the server")
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // It may have ended already; either way nothing of it is left.
        let _sent = self.child.kill();
        let _reaped = self.child.wait();
        if std::thread::panicking() {
            eprintln!(
                "the end of the server's log:\n{}",
                last_lines(&self.installation.log())
            );
        }
    }
}
