//! Reader threads: each with its own connection, fed from one queue.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::connection::run;
use super::error::from_rusqlite;
use crate::db::{DbError, Row, Stmt};

/// What a reader is asked.
pub(super) enum Request {
    Query(Stmt, oneshot::Sender<Result<Vec<Row>, DbError>>),
    Prepare(String, oneshot::Sender<Result<(), DbError>>),
    /// Ends one reader thread.
    Close,
}

/// The queue's end that all readers take from in turn.
pub(super) type Requests = Arc<Mutex<mpsc::Receiver<Request>>>;

/// Answers requests until the queue ends.
pub(super) fn serve(connection: &Connection, requests: &Requests) {
    loop {
        let request = {
            // A reader that panicked while it waited left the queue whole.
            let mut queue = requests.lock().unwrap_or_else(PoisonError::into_inner);
            queue.blocking_recv()
        };
        // A failed send means that the asker has gone: nobody wants the answer.
        match request {
            Some(Request::Query(stmt, reply)) => {
                if !reply.is_closed() {
                    let _gone = reply.send(run(connection, &stmt).map(|outcome| outcome.rows));
                }
            }
            Some(Request::Prepare(sql, reply)) => {
                let prepared = connection.prepare(&sql).map(drop);
                let _gone =
                    reply.send(prepared.map_err(|error| from_rusqlite(&error, "sqlite.prepare")));
            }
            Some(Request::Close) | None => return,
        }
    }
}
