//! Reading in one transaction: in write-ahead mode it sees the database as it was when it began.

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::connection::each_row;
use super::error::from_rusqlite;
use crate::db::snapshot::Item;
use crate::db::{DbError, Stmt};

pub(super) use crate::db::snapshot::WAITING;

/// Sends the rows of all statements; stops when nobody takes them any more.
pub(super) fn read(connection: &Connection, statements: &[Stmt], rows: &mpsc::Sender<Item>) {
    if let Err(error) = send(connection, statements, rows) {
        // Nobody is there to hear it: then nobody needs to.
        let _gone = rows.blocking_send(Err(error));
    }
}

fn send(
    connection: &Connection,
    statements: &[Stmt],
    rows: &mpsc::Sender<Item>,
) -> Result<(), DbError> {
    let control = |sql| {
        let done = connection.execute_batch(sql);
        done.map_err(|error| from_rusqlite(&error, "sqlite.snapshot"))
    };
    control("BEGIN")?;
    for (position, stmt) in statements.iter().enumerate() {
        let go_on = each_row(connection, stmt, |row| {
            rows.blocking_send(Ok((position, row))).is_ok()
        })?;
        if !go_on {
            break;
        }
    }
    control("COMMIT")
}
