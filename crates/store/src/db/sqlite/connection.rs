//! One SQLite connection: how it is opened, and how a statement runs on it.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use super::SqliteOptions;
use super::error::from_rusqlite;
use crate::db::{DbError, Expect, Row, Stmt, Value};

/// A statement's effect.
pub(super) struct Outcome {
    pub(super) rows: Vec<Row>,
    pub(super) affected: u64,
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
}

/// Makes the file readable by its owner only, before SQLite would make it by the umask; SQLite
/// gives the `-wal` and `-shm` files the same mode.
pub(super) fn create_private_file(path: &Path) -> Result<(), DbError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| DbError::Unavailable(format!("cannot open the database file: {error}")))
}

/// Opens a connection with the settings that durability and erasure rest on.
pub(super) fn open(
    path: &Path,
    options: &SqliteOptions,
    role: Role,
) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let connection = opened.map_err(|error| from_rusqlite(&error, "sqlite.open"))?;
    configure(&connection, options, role).map_err(|error| from_rusqlite(&error, "sqlite.open"))?;
    Ok(connection)
}

fn configure(
    connection: &Connection,
    options: &SqliteOptions,
    role: Role,
) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(options.cached_statements);
    // A file system without shared memory keeps the old mode, and says so by its name.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| {
        let mode: String = row.get(0)?;
        if mode == "wal" {
            Ok(())
        } else {
            Err(rusqlite::Error::InvalidQuery)
        }
    })?;
    connection.pragma_update(None, "synchronous", options.synchronous.as_pragma())?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -options.cache_kibibytes)?;
    connection.pragma_update(None, "wal_autocheckpoint", options.checkpoint_pages)?;
    connection.pragma_update(None, "journal_size_limit", options.idle_wal_bytes)?;
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Float(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Uuid(uuid) => ValueRef::Blob(uuid.as_bytes()),
        }))
    }
}

/// Runs one statement, and holds it to its expected number of rows.
pub(super) fn run(connection: &Connection, stmt: &Stmt) -> Result<Outcome, DbError> {
    let outcome = execute(connection, stmt)?;
    match stmt.expect {
        Expect::Rows(expected) if expected != outcome.affected => {
            Err(DbError::Conflict { label: stmt.label })
        }
        Expect::Rows(_) | Expect::Any => Ok(outcome),
    }
}

fn execute(connection: &Connection, stmt: &Stmt) -> Result<Outcome, DbError> {
    let label = stmt.label;
    let failed = |error: rusqlite::Error| from_rusqlite(&error, label);
    let mut prepared = connection.prepare_cached(&stmt.sql).map_err(failed)?;
    // SQLite would read absent parameters as NULL.
    if prepared.parameter_count() != stmt.params.len() {
        return Err(DbError::Internal(format!(
            "{label}: wrong number of parameters"
        )));
    }
    for (position, value) in (1..).zip(&stmt.params) {
        prepared
            .raw_bind_parameter(position, value)
            .map_err(failed)?;
    }
    let columns = prepared.column_count();
    if columns == 0 {
        let affected = prepared.raw_execute().map_err(failed)? as u64;
        return Ok(Outcome {
            rows: Vec::new(),
            affected,
        });
    }
    let mut rows = Vec::new();
    let mut cursor = prepared.raw_query();
    while let Some(row) = cursor.next().map_err(failed)? {
        rows.push(read_row(row, columns, label)?);
    }
    let affected = rows.len() as u64;
    Ok(Outcome { rows, affected })
}

/// Hands the rows of a reading statement over one by one, until `take` answers false; whether it
/// took all.
pub(super) fn each_row(
    connection: &Connection,
    stmt: &Stmt,
    mut take: impl FnMut(Row) -> bool,
) -> Result<bool, DbError> {
    let label = stmt.label;
    let failed = |error: rusqlite::Error| from_rusqlite(&error, label);
    let mut prepared = connection.prepare(&stmt.sql).map_err(failed)?;
    for (position, value) in (1..).zip(&stmt.params) {
        prepared
            .raw_bind_parameter(position, value)
            .map_err(failed)?;
    }
    let columns = prepared.column_count();
    let mut cursor = prepared.raw_query();
    while let Some(row) = cursor.next().map_err(failed)? {
        if !take(read_row(row, columns, label)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_row(row: &rusqlite::Row<'_>, columns: usize, label: &'static str) -> Result<Row, DbError> {
    let mut values = Vec::with_capacity(columns);
    for column in 0..columns {
        let value = row.get_ref(column);
        let value = value.map_err(|error| from_rusqlite(&error, label))?;
        values.push(read(value, label)?);
    }
    Ok(Row::new(values))
}

fn read(value: ValueRef<'_>, label: &'static str) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(DbError::Internal(format!("{label}: text is not UTF-8"))),
        },
    })
}
