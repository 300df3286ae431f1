//! What a PostgreSQL server tells about itself, for `verifa doctor`.
//!
//! Not among the statements that are prepared on both databases: SQLite knows none of these
//! functions, and has no server to ask.

use verifa_core::time::Timestamp;

use crate::db::{DatabaseKind, DbError, Row, Stmt};

/// `version()` names the product: others speak the protocol and count their versions otherwise.
const FACTS: &str = "SELECT version(), CAST(current_setting('server_version_num') AS BIGINT), \
    CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// Product, version and clock of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// As it names itself, such as `PostgreSQL 15.4 on x86_64 …`.
    pub product: String,
    /// Major version times 10,000 and minor version, such as 150004.
    pub version: i64,
    /// Its clock.
    pub now: Timestamp,
}

impl ServerFacts {
    /// Reads the row of [`query`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            product: row.get(0)?,
            version: row.get(1)?,
            now: row.get(2)?,
        })
    }
}

/// The question, where there is a server to ask.
pub fn query(kind: DatabaseKind) -> Option<Stmt> {
    match kind {
        DatabaseKind::Sqlite => None,
        DatabaseKind::Postgres => Some(Stmt::new("server.facts", FACTS, Vec::new())),
    }
}
