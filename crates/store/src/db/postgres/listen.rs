//! `LISTEN` and `NOTIFY` as a hint between servers, on a connection of its own.
//!
//! Nothing depends on it: CockroachDB has no `LISTEN`, connections break, and workers look by
//! the clock in any case. Notices are sent outside of transactions, because a notifying
//! transaction holds a lock on the whole database while it commits.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};

use super::connect::Target;
use crate::db::wakes::WakeSender;

const LISTEN: &str = "LISTEN verifa_jobs";
const NOTIFY: &str = "NOTIFY verifa_jobs";
/// At most one notice in this time: more would tell no more.
const NOTIFY_PAUSE: Duration = Duration::from_millis(5);
/// How long to wait before connecting again.
const RECONNECT_PAUSE: Duration = Duration::from_secs(2);

/// Keeps one listening connection until the task is aborted, or the server has no `LISTEN`.
pub(super) async fn keep_listening(target: Target, wakes: WakeSender, committed: Arc<Notify>) {
    loop {
        let ended = match &target.tls {
            Some(tls) => match target.config.connect(tls.clone()).await {
                Ok((client, connection)) => listen(client, connection, &wakes, &committed).await,
                Err(_) => Ended::Lost,
            },
            None => match target.config.connect(NoTls).await {
                Ok((client, connection)) => listen(client, connection, &wakes, &committed).await,
                Err(_) => Ended::Lost,
            },
        };
        if ended == Ended::Unsupported {
            tracing::info!(
                "the database has no LISTEN: other servers' jobs are found by the clock"
            );
            return;
        }
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

#[derive(PartialEq, Eq)]
enum Ended {
    Lost,
    Unsupported,
}

async fn listen<S, T>(
    client: Client,
    mut connection: Connection<S, T>,
    wakes: &WakeSender,
    committed: &Notify,
) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut messages = futures::stream::poll_fn(move |context| connection.poll_message(context));
    let hear = async {
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, AsyncMessage::Notification(_)) {
                wakes.wake();
            }
        }
        Ended::Lost
    };
    let tell = async {
        if let Err(error) = client.batch_execute(LISTEN).await {
            let refused = error.as_db_error().is_some();
            return if refused {
                Ended::Unsupported
            } else {
                Ended::Lost
            };
        }
        // Notices were missed until now.
        wakes.wake();
        loop {
            committed.notified().await;
            if client.batch_execute(NOTIFY).await.is_err() {
                return Ended::Lost;
            }
            tokio::time::sleep(NOTIFY_PAUSE).await;
        }
    };
    tokio::select! {
        ended = hear => ended,
        ended = tell => ended,
    }
}
