//! SQLite's result codes as [`DbError`].

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::db::DbError;

/// Names the failure of the statement `label`. SQLite's messages hold schema names, never values.
pub(super) fn from_rusqlite(error: &rusqlite::Error, label: &'static str) -> DbError {
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return match error {
            rusqlite::Error::SqlInputError { error, msg, .. } => {
                from_code(*error, Some(msg), label)
            }
            // The variants that are left quote names and positions of columns.
            other => DbError::Internal(format!("{label}: {other}")),
        };
    };
    from_code(*failure, message.as_deref(), label)
}

fn from_code(failure: ffi::Error, message: Option<&str>, label: &'static str) -> DbError {
    let text = message.map_or_else(
        || ffi::code_to_str(failure.extended_code).to_owned(),
        ToOwned::to_owned,
    );
    match failure.code {
        ErrorCode::ConstraintViolation => match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => DbError::Unique { label },
            ffi::SQLITE_CONSTRAINT_DATATYPE => DbError::Internal(format!("{label}: {text}")),
            _ => DbError::Constraint { label },
        },
        ErrorCode::DiskFull => DbError::DiskFull,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            DbError::Unavailable("another process holds the database file".into())
        }
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted => DbError::Unavailable(text),
        _ => DbError::Internal(format!("{label}: {text}")),
    }
}
