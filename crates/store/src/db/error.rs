//! What can go wrong with the database, in words that carry no parameter of any statement.

/// A failed database call.
///
/// Messages name statements by label and objects by schema name only: parameters are people's
/// data and never appear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// A statement touched another number of rows than expected; nothing was applied.
    #[error("{label}: the rows changed meanwhile")]
    Conflict {
        /// The statement.
        label: &'static str,
    },
    /// A unique index refused the statement; nothing was applied.
    #[error("{label}: a row with this key exists already")]
    Unique {
        /// The statement.
        label: &'static str,
    },
    /// A foreign key, a `NOT NULL` or a `CHECK` refused the statement; nothing was applied.
    #[error("{label}: a constraint refused the row")]
    Constraint {
        /// The statement.
        label: &'static str,
    },
    /// A column is absent or holds another type than asked for.
    #[error("column {index} is absent or of another type")]
    Column {
        /// Its position, from 0.
        index: usize,
    },
    /// The database cannot be reached or does not answer in time. A commit that fails with this
    /// may or may not have been applied; its caller repeats it idempotently or reports it.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// No space is left for the database; nothing was applied.
    #[error("the database's disk is full")]
    DiskFull,
    /// A newer server has migrated this database.
    #[error("the schema has version {found}, this server knows up to {known}: update the server")]
    SchemaNewer {
        /// The highest migration in the database.
        found: i64,
        /// The highest migration in this binary.
        known: i64,
    },
    /// A migration cannot be applied, or differs from the one that was.
    #[error("migration {number}: {reason}")]
    Migration {
        /// Its number.
        number: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process holds what must be held alone.
    #[error("{0}")]
    Locked(String),
    /// A defect of ours, such as a statement that does not parse.
    #[error("database defect: {0}")]
    Internal(String),
}
