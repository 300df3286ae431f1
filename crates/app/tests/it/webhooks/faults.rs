//! A database that fails for a moment delays webhooks by about that moment.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use verifa_app::engine::Sealer;
use verifa_store::db::Stmt;

use super::{Hooks, run, until};

/// How long the database fails: longer than sealer and deliverer gather, so that they have met it.
const FAULT: Duration = Duration::from_millis(600);

impl Hooks {
    /// Lets every statement on a table fail, for a while and until the waiting is over.
    async fn without(
        &self,
        away: &'static str,
        wait: impl Future<Output = ()>,
        back: &'static str,
    ) {
        let db = &self.bench.app.db;
        db.write(Stmt::new("test", away, vec![])).await.unwrap();
        wait.await;
        tokio::time::sleep(FAULT).await;
        db.write(Stmt::new("test", back, vec![])).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_is_worked_on_again_as_soon_as_the_database_answers() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.seal().await;
    let mut running = None;
    hooks
        .without(
            "ALTER TABLE outbox_events RENAME TO outbox_away",
            async {
                running = Some(run(&hooks.bench));
                let held = "SELECT COUNT(*) FROM webhook_lanes WHERE owner IS NOT NULL";
                while hooks.bench.rows(held).await == ["0"] {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            },
            "ALTER TABLE outbox_away RENAME TO outbox_events",
        )
        .await;
    assert!(hooks.receiver.received().is_empty());
    // The clock stands still: no lease runs out.
    until("it is sent", || hooks.receiver.received().len() == 1).await;
    let (stop, task) = running.unwrap();
    stop.cancel();
    task.await.unwrap();
    assert_eq!(hooks.statuses().await["succeeded"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sealer_goes_on_as_soon_as_the_database_answers() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    let stop = CancellationToken::new();
    let mut sealing = None;
    hooks
        .without(
            "ALTER TABLE sequence_heads RENAME TO heads_away",
            async {
                let sealer = Sealer::new(Arc::clone(&hooks.bench.app));
                sealing = Some(tokio::spawn(sealer.run(stop.clone())));
            },
            "ALTER TABLE heads_away RENAME TO sequence_heads",
        )
        .await;
    let (stop_sending, sending) = run(&hooks.bench);
    until("it is sent", || hooks.receiver.received().len() == 1).await;
    for (stop, task) in [(stop, sealing.unwrap()), (stop_sending, sending)] {
        stop.cancel();
        task.await.unwrap();
    }
}
