//! Reading in one `REPEATABLE READ` transaction: it sees what was committed before its first
//! statement (PostgreSQL manual, 13.2.2).

use deadpool_postgres::Object;
use futures::TryStreamExt as _;
use tokio::sync::mpsc;

use super::error::from_postgres;
use super::texts::Texts;
use super::values::{Parameter, read_row};
use crate::db::snapshot::Item;
use crate::db::{DbError, Stmt};

/// A backup may take longer than a request's statement may.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL statement_timeout = 0";

/// Sends the rows of all statements; stops when nobody takes them any more.
pub(super) async fn read(
    client: Object,
    texts: &Texts,
    statements: &[Stmt],
    rows: &mpsc::Sender<Item>,
) {
    let sent = send(&client, texts, statements, rows).await;
    if !matches!(sent, Ok(true)) {
        // Closing the connection ends the transaction, and a stream that is still on its way.
        drop(Object::take(client));
    }
    if let Err(error) = sent {
        // Nobody is there to hear it: then nobody needs to.
        let _gone = rows.send(Err(error)).await;
    }
}

/// Whether all was taken.
async fn send(
    client: &Object,
    texts: &Texts,
    statements: &[Stmt],
    rows: &mpsc::Sender<Item>,
) -> Result<bool, DbError> {
    let failed = |error: tokio_postgres::Error| from_postgres(&error, "postgres.snapshot").error;
    client.batch_execute(BEGIN).await.map_err(failed)?;
    for (position, stmt) in statements.iter().enumerate() {
        let prepared = client.prepare(&texts.postgres(&stmt.sql)).await;
        let parameters = stmt.params.iter().map(Parameter);
        let stream = client
            .query_raw(&prepared.map_err(failed)?, parameters)
            .await
            .map_err(failed)?;
        futures::pin_mut!(stream);
        while let Some(row) = stream.try_next().await.map_err(failed)? {
            let row = read_row(&row, stmt.label)?;
            if rows.send(Ok((position, row))).await.is_err() {
                return Ok(false);
            }
        }
    }
    client.batch_execute("COMMIT").await.map_err(failed)?;
    Ok(true)
}
