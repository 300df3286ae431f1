//! PostgreSQL's failures as [`DbError`], and what a repeat may hope for.

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::db::DbError;

/// Whether and how a failed attempt may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// No: the refusal is final, or the outcome is unknown.
    Never,
    /// After a pause: the transaction lost against another one and was rolled back.
    Later,
    /// On another connection: this one is gone.
    Elsewhere,
    /// On another connection: this one's prepared statement is older than the schema.
    Replanned,
}

/// A failed attempt.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: DbError,
    pub(super) repeat: Repeat,
}

impl Failure {
    pub(super) fn last(error: DbError) -> Self {
        Self {
            error,
            repeat: Repeat::Never,
        }
    }
}

/// Names the failure of the statement `label` before its transaction was asked to commit.
///
/// Messages of the server are shown only where they hold names of the schema (class 42); others
/// quote values.
pub(super) fn from_postgres(error: &tokio_postgres::Error, label: &'static str) -> Failure {
    let Some(refusal) = error.as_db_error() else {
        return from_transport(error, label);
    };
    let code = refusal.code();
    let class = code.code().get(..2).unwrap_or_default();
    if [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .contains(code)
    {
        let error = DbError::Unavailable("transactions kept colliding".into());
        return Failure {
            error,
            repeat: Repeat::Later,
        };
    }
    let stale_plan = *code == SqlState::INVALID_SQL_STATEMENT_NAME
        || (*code == SqlState::FEATURE_NOT_SUPPORTED
            && refusal.message().starts_with("cached plan"));
    if stale_plan {
        let error = DbError::Unavailable("the schema is being changed".into());
        return Failure {
            error,
            repeat: Repeat::Replanned,
        };
    }
    if class == "08" || (class == "57" && *code != SqlState::QUERY_CANCELED) {
        return Failure {
            error: lost(),
            repeat: Repeat::Elsewhere,
        };
    }
    Failure::last(match (class, code) {
        (_, code) if *code == SqlState::UNIQUE_VIOLATION => DbError::Unique { label },
        ("23", _) => DbError::Constraint { label },
        (_, code) if *code == SqlState::DISK_FULL => DbError::DiskFull,
        ("42", _) => DbError::Internal(format!("{label}: {}", refusal.message())),
        ("25" | "28" | "3D" | "40" | "53" | "55" | "57" | "58", code) => {
            DbError::Unavailable(format!("{label}: SQLSTATE {}", code.code()))
        }
        (_, code) => DbError::Internal(format!("{label}: SQLSTATE {}", code.code())),
    })
}

fn from_transport(error: &tokio_postgres::Error, label: &'static str) -> Failure {
    // A parameter or column of the wrong type is our defect; all else is the connection's.
    let text = error.to_string();
    if text.starts_with("error serializing") || text.starts_with("error deserializing") {
        return Failure::last(DbError::Internal(format!("{label}: {text}")));
    }
    Failure {
        error: lost(),
        repeat: Repeat::Elsewhere,
    }
}

/// The connection ended before the answer came.
pub(super) fn lost() -> DbError {
    DbError::Unavailable("the connection was lost".into())
}

/// No connection could be had.
pub(super) fn from_pool(error: &PoolError) -> DbError {
    DbError::Unavailable(match error {
        PoolError::Timeout(_) => "no connection became free in time".to_owned(),
        PoolError::Closed => "the database is closed".to_owned(),
        PoolError::Backend(error) => connect_reason(error),
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            "a connection could not be set up".to_owned()
        }
    })
}

/// Why connecting failed, without the user, host or database name.
fn connect_reason(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(refusal), _) => format!("the server refused: SQLSTATE {}", refusal.code().code()),
        (None, Some(source)) if source.is::<std::io::Error>() => {
            format!("cannot connect: {source}")
        }
        (None, _) => "cannot connect".to_owned(),
    }
}
