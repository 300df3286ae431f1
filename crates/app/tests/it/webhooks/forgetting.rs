//! What is forgotten because it is old, and what is not: nothing that waits, nothing in part.

use std::time::Duration;

use verifa_app::AppError;
use verifa_app::webhooks::{FeedPage, FeedStart};
use verifa_core::id::{DeliveryId, EventId, Id};
use verifa_core::time::Timestamp;
use verifa_store::db::{Commit, DbError, Stmt};
use verifa_store::outbox;
use verifa_testkit::Scripted;

use super::{EVENT, Hooks};

const DAY: Duration = Duration::from_hours(24);
/// Of the events that the tests tell.
const TOLD: &str = "SELECT seq FROM outbox_events WHERE event = 'session.link_generated' \
                    ORDER BY seq";

impl Hooks {
    async fn after_days(&self, days: u32) {
        self.bench.pass(DAY * days).await;
        self.bench.keep_house().await;
    }

    async fn feed(&self, start: FeedStart) -> Result<FeedPage, AppError> {
        let (app, tenant) = (&self.bench.app, self.bench.tenant);
        app.feed(tenant, start, 100, Duration::ZERO, || false).await
    }

    async fn first_id<I: Id>(&self, sql: &'static str) -> I {
        let row = self.bench.app.db.query_opt(Stmt::new("test", sql, vec![]));
        row.await.unwrap().unwrap().id(0).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_goes_and_what_waits_stays() {
    assert_eq!(EVENT.as_str(), "session.link_generated");
    let hooks = Hooks::new().await;
    // More than go in one commit.
    for _ in 0..3 {
        let session = hooks.session().await;
        for n in 0..10 {
            hooks.tell(session, n).await;
        }
    }
    hooks.deliver().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    let given_up = hooks.session().await;
    hooks.tell(given_up, 0).await;
    for _ in 0..8 {
        hooks.pass(Duration::from_hours(3)).await;
    }
    hooks.receiver.answer(|_| Scripted::Status(410));
    let parked = hooks.session().await;
    hooks.tell(parked, 0).await;
    hooks.deliver().await;
    assert_eq!(hooks.standing().await, "0 receiver_gone");
    let statuses = hooks.statuses().await;
    assert_eq!(statuses["succeeded"], 30);
    assert_eq!((statuses["failed"], statuses["pending"]), (1, 1));

    hooks.after_days(88).await;
    assert_eq!(hooks.bench.rows(TOLD).await.len(), 32, "forgotten early");
    assert_eq!(hooks.statuses().await, statuses);

    hooks.after_days(3).await;
    let left = hooks.bench.rows(TOLD).await;
    assert_eq!(left.len(), 1);
    assert_eq!(hooks.statuses().await.len(), 1);
    assert_eq!(hooks.statuses().await["pending"], 1);
    let tries = "SELECT http_status FROM webhook_attempts";
    assert_eq!(hooks.bench.rows(tries).await, ["410"]);

    // However old: it is delivered once its receiver is back, and kept from then on.
    hooks.receiver.answer(|_| Scripted::Status(200));
    hooks.enable().await;
    hooks.deliver().await;
    assert_eq!(hooks.statuses().await["succeeded"], 1);
    hooks.after_days(89).await;
    assert_eq!(hooks.bench.rows(TOLD).await, left);
    hooks.after_days(2).await;
    assert!(hooks.bench.rows(TOLD).await.is_empty());
    assert!(hooks.statuses().await.is_empty());
    assert!(hooks.bench.rows(tries).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_too_late_hears_of_it() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    for n in 0..30 {
        hooks.tell(session, n).await;
    }
    hooks.deliver().await;
    let head = hooks.feed(FeedStart::Latest).await.unwrap().next_after;
    assert_eq!(head, 31);
    hooks.after_days(91).await;
    // Whatever housekeeping told itself is newer.
    hooks.seal().await;
    let kept = hooks.feed(FeedStart::After(0)).await.unwrap().events;
    assert!(kept.iter().all(|event| event.seq > head));
    assert!(matches!(
        hooks.feed(FeedStart::After(1)).await,
        Err(AppError::Gone(_))
    ));
    assert!(matches!(
        hooks.feed(FeedStart::After(head - 1)).await,
        Err(AppError::Gone(_))
    ));
    // Who had read everything misses nothing.
    let page = hooks.feed(FeedStart::After(head)).await.unwrap();
    assert_eq!(page.events.len(), kept.len());
    let latest = hooks.feed(FeedStart::Latest).await.unwrap();
    assert!(latest.events.is_empty() && latest.next_after >= head);
    let page = hooks.feed(FeedStart::After(latest.next_after)).await;
    assert!(page.unwrap().events.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_again_lately_is_kept_and_never_sent_anew() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    hooks.bench.pass(DAY * 80).await;
    let id: DeliveryId = hooks.first_id("SELECT id FROM webhook_deliveries").await;
    let bench = &hooks.bench;
    let retried = bench.app.retry_delivery(&bench.actor, bench.tenant, id);
    bench.apply(retried.await).await;
    hooks.deliver().await;
    assert_eq!(hooks.receiver.received().len(), 2);
    hooks.after_days(20).await;
    assert_eq!(hooks.bench.rows(TOLD).await.len(), 1);
    hooks.after_days(71).await;
    assert!(hooks.bench.rows(TOLD).await.is_empty());
    let recovered = bench
        .app
        .recover_webhook_endpoint(
            &bench.actor,
            bench.tenant,
            hooks.endpoint,
            Timestamp::from_seconds(0),
            None,
        )
        .await;
    assert_eq!(bench.apply(recovered).await.queued, 0);
    hooks.deliver().await;
    assert_eq!(hooks.receiver.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_revived_meanwhile_is_left_whole() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    let event: EventId = hooks
        .first_id("SELECT event_id FROM webhook_deliveries")
        .await;
    let pending = "UPDATE webhook_deliveries SET status = 'pending'";
    let db = &hooks.bench.app.db;
    db.write(Stmt::new("test", pending, vec![])).await.unwrap();
    let mut commit = Commit::new();
    commit.extend(outbox::forget(&[event]));
    let forgotten = db.commit(commit.clone()).await;
    assert!(matches!(forgotten, Err(DbError::Conflict { .. })));
    let tries = "SELECT number FROM webhook_attempts";
    assert_eq!(hooks.bench.rows(tries).await, ["1"]);
    assert_eq!(hooks.bench.rows(TOLD).await.len(), 1);
    let ended = "UPDATE webhook_deliveries SET status = 'succeeded'";
    db.write(Stmt::new("test", ended, vec![])).await.unwrap();
    db.commit(commit).await.unwrap();
    assert!(hooks.bench.rows(tries).await.is_empty());
    assert!(hooks.bench.rows(TOLD).await.is_empty());
}
