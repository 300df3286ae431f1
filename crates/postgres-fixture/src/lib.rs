//! Starts a PostgreSQL server in a temporary directory and stops it again: tests and benchmarks
//! need a real one, and no machine can be expected to run one already.
//!
//! `cargo xtask test` starts one server for the whole run and names it in
//! [`SHARED_URL_VARIABLE`]; a test started by hand gets its own from [`server`].

mod binaries;
mod server;

pub use binaries::Binaries;
pub use server::{Durability, PostgresServer};

/// Environment variable that names a running server, e.g. `postgres://verifa@127.0.0.1:5433`
/// (no database in the path; the role may create databases).
pub const SHARED_URL_VARIABLE: &str = "VERIFA_TEST_POSTGRES_URL";

/// Why no server could be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No `initdb` and `postgres` on this machine.
    #[error(
        "no PostgreSQL server programs found in PATH or /usr/lib/postgresql; \
         install them with: apt-get install postgresql"
    )]
    NotInstalled,
    /// A program could not be started at all.
    #[error("cannot run {program}")]
    Run {
        /// The program's name.
        program: String,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A program ran and failed.
    #[error("{program} failed: {message}")]
    Failed {
        /// The program's name.
        program: String,
        /// The end of what it printed.
        message: String,
    },
    /// The server didn't answer within its start-up time.
    #[error("PostgreSQL did not accept connections within {seconds} s: {log}")]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// The end of the server's log.
        log: String,
    },
    /// Files of the server could not be made.
    #[error("cannot prepare the server's directory")]
    Directory(#[source] std::io::Error),
}

/// A server to connect to: one that somebody else runs, or one of our own that stops with the value.
#[derive(Debug)]
pub enum Server {
    /// Named by [`SHARED_URL_VARIABLE`].
    Shared {
        /// Its base URL, without a database.
        url: String,
    },
    /// Started here; stops when dropped.
    Own(PostgresServer),
}

impl Server {
    /// Connection URL of one of its databases (`postgres` always exists).
    pub fn url(&self, database: &str) -> String {
        match self {
            Self::Shared { url } => format!("{}/{database}", url.trim_end_matches('/')),
            Self::Own(server) => server.url(database),
        }
    }
}

/// The shared server when [`SHARED_URL_VARIABLE`] names one, else a new fast one.
pub fn server() -> Result<Server, Error> {
    match std::env::var(SHARED_URL_VARIABLE) {
        Ok(url) if !url.is_empty() => Ok(Server::Shared { url }),
        _ => PostgresServer::start(Durability::Fast).map(Server::Own),
    }
}
