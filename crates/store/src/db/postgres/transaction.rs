//! One attempt at a transaction: everything in one flush where no count has to be seen first.

use std::pin::Pin;

use deadpool_postgres::{ClientWrapper, Object};
use futures::future::{Future, MaybeDone, maybe_done};
use futures::{TryStreamExt as _, poll};
use tokio_postgres::Statement;

use super::error::{Failure, Repeat, from_postgres, lost};
use super::texts::Texts;
use super::values::{Parameter, read_row};
use crate::db::{DbError, Expect, Row, Stmt};

/// The rows of one reading statement.
pub(super) async fn read(
    client: &ClientWrapper,
    texts: &Texts,
    stmt: &Stmt,
) -> Result<Vec<Row>, Failure> {
    let prepared = prepare(client, texts, stmt).await?;
    execute(client, &prepared, stmt).await
}

/// Applies the statements together; answers the last one's rows. A connection in doubt is
/// closed instead of going back to the pool.
pub(super) async fn apply(
    client: Object,
    texts: &Texts,
    statements: &[Stmt],
) -> Result<Vec<Row>, Failure> {
    let applied = attempt(&client, texts, statements).await;
    // Also one whose statement was cut off: its `ROLLBACK` would be cut off as well.
    let doubtful = match &applied {
        Ok(_) => false,
        Err(failure) => match failure.repeat {
            Repeat::Elsewhere | Repeat::Replanned => true,
            Repeat::Never => matches!(failure.error, DbError::Unavailable(_)),
            Repeat::Later => false,
        },
    };
    if doubtful {
        drop(Object::take(client));
    }
    applied
}

async fn attempt(
    client: &ClientWrapper,
    texts: &Texts,
    statements: &[Stmt],
) -> Result<Vec<Row>, Failure> {
    let mut prepared = Vec::with_capacity(statements.len());
    for stmt in statements {
        prepared.push(prepare(client, texts, stmt).await?);
    }
    let uncounted = statements.iter().all(|stmt| stmt.expect == Expect::Any);
    if let ([stmt], [prepared], true) = (statements, prepared.as_slice(), uncounted) {
        let alone = execute(client, prepared, stmt).await;
        return alone.map_err(unknown_if_lost);
    }
    let flight = fly(client, statements, &prepared, uncounted).await;
    match flight {
        Ok(rows) if uncounted => Ok(rows),
        Ok(rows) => match client.batch_execute("COMMIT").await {
            Ok(()) => Ok(rows),
            Err(error) => Err(unknown_if_lost(from_postgres(&error, "COMMIT"))),
        },
        // The pipelined COMMIT has ended the failed transaction already.
        Err(failure) if uncounted => Err(unknown_if_lost(failure)),
        Err(failure) => {
            if failure.repeat != Repeat::Elsewhere
                && client.batch_execute("ROLLBACK").await.is_err()
            {
                return Err(Failure {
                    error: lost(),
                    repeat: Repeat::Elsewhere,
                });
            }
            Err(failure)
        }
    }
}

/// Once a commit may be under way, a lost connection says nothing of its outcome.
fn unknown_if_lost(failure: Failure) -> Failure {
    match failure.repeat {
        Repeat::Elsewhere => Failure::last(failure.error),
        Repeat::Replanned | Repeat::Later | Repeat::Never => failure,
    }
}

/// A request of a flight, first written and then waited for.
type Request<'a, T> = Pin<Box<MaybeDone<Pin<Box<dyn Future<Output = T> + Send + 'a>>>>>;

fn request<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Request<'a, T> {
    let future: Pin<Box<dyn Future<Output = T> + Send + 'a>> = Box::pin(future);
    Box::pin(maybe_done(future))
}

/// Waits for a request that was written, and takes its answer.
async fn land<T>(request: &mut Request<'_, T>) -> Option<T> {
    request.as_mut().await;
    request.as_mut().take_output()
}

/// Writes `BEGIN`, every statement, and `COMMIT` if `with_commit`, before it waits for the
/// first answer: polling a request once is what writes it.
async fn fly(
    client: &ClientWrapper,
    statements: &[Stmt],
    prepared: &[Statement],
    with_commit: bool,
) -> Result<Vec<Row>, Failure> {
    let mut begin = request(client.batch_execute("BEGIN"));
    let mut requests: Vec<_> = statements
        .iter()
        .zip(prepared)
        .map(|(stmt, prepared)| request(execute(client, prepared, stmt)))
        .collect();
    let mut commit = with_commit.then(|| request(client.batch_execute("COMMIT")));

    let _written = poll!(begin.as_mut());
    for each in &mut requests {
        let _written = poll!(each.as_mut());
    }
    if let Some(commit) = &mut commit {
        let _written = poll!(commit.as_mut());
    }

    let mut first_failure = match land(&mut begin).await {
        Some(Err(error)) => Some(from_postgres(&error, "BEGIN")),
        Some(Ok(())) | None => None,
    };
    let mut last_rows = Vec::new();
    for each in &mut requests {
        match land(each).await {
            Some(Ok(rows)) => last_rows = rows,
            // Those after the first only say that the transaction has failed.
            Some(Err(failure)) => first_failure = first_failure.or(Some(failure)),
            None => {}
        }
    }
    if let Some(commit) = &mut commit
        && let Some(Err(error)) = land(commit).await
    {
        first_failure = first_failure.or_else(|| Some(from_postgres(&error, "COMMIT")));
    }
    first_failure.map_or(Ok(last_rows), Err)
}

async fn prepare(client: &ClientWrapper, texts: &Texts, stmt: &Stmt) -> Result<Statement, Failure> {
    let text = texts.postgres(&stmt.sql);
    let prepared = if stmt.planned_anew {
        client.prepare(&text).await
    } else {
        client.prepare_cached(&text).await
    };
    let prepared = prepared.map_err(|error| from_postgres(&error, stmt.label))?;
    // The driver would panic.
    if prepared.params().len() != stmt.params.len() {
        let reason = format!("{}: wrong number of parameters", stmt.label);
        return Err(Failure::last(DbError::Internal(reason)));
    }
    Ok(prepared)
}

async fn execute(
    client: &ClientWrapper,
    prepared: &Statement,
    stmt: &Stmt,
) -> Result<Vec<Row>, Failure> {
    let failed = |error: tokio_postgres::Error| from_postgres(&error, stmt.label);
    let parameters = stmt.params.iter().map(Parameter);
    let stream = client
        .query_raw(prepared, parameters)
        .await
        .map_err(failed)?;
    futures::pin_mut!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await.map_err(failed)? {
        rows.push(read_row(&row, stmt.label).map_err(Failure::last)?);
    }
    let affected = stream.rows_affected().unwrap_or(0);
    match stmt.expect {
        Expect::Rows(expected) if expected != affected => {
            Err(Failure::last(DbError::Conflict { label: stmt.label }))
        }
        Expect::Rows(_) | Expect::Any => Ok(rows),
    }
}

/// Runs a schema text between two statements of its bookkeeping, in one transaction.
pub(super) async fn apply_script(
    client: Object,
    texts: &Texts,
    before: Option<&Stmt>,
    sql: &str,
    after: Option<&Stmt>,
) -> Result<(), Failure> {
    let applied = async {
        // A large table may take longer than a request's statement may.
        client
            .batch_execute("BEGIN; SET LOCAL statement_timeout = 0")
            .await
            .map_err(|error| from_postgres(&error, "BEGIN"))?;
        if let Some(stmt) = before {
            execute(&client, &prepare(&client, texts, stmt).await?, stmt).await?;
        }
        client
            .batch_execute(sql)
            .await
            .map_err(|error| from_postgres(&error, "script"))?;
        if let Some(stmt) = after {
            execute(&client, &prepare(&client, texts, stmt).await?, stmt).await?;
        }
        let committed = client.batch_execute("COMMIT").await;
        committed.map_err(|error| unknown_if_lost(from_postgres(&error, "COMMIT")))
    }
    .await;
    if applied.is_err() {
        // Closing the connection rolls back, and leaves no plan of the old schema behind.
        drop(Object::take(client));
    }
    applied
}
