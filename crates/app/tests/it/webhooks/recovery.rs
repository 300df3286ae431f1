//! Sending again all that an endpoint missed: completely, in order, in calls of bounded size.

use std::sync::Arc;
use std::time::Duration;

use verifa_app::engine::Sealer;
use verifa_app::webhooks::Recovered;
use verifa_app::{AppError, Decided};
use verifa_core::id::Id as _;
use verifa_core::time::Timestamp;
use verifa_store::db::{DbError, Stmt};
use verifa_testkit::Scripted;

use super::{EVENT, Hooks, taken};

impl Hooks {
    async fn decide_recovery(
        &self,
        since: Timestamp,
        after: Option<i64>,
    ) -> Result<Decided<Recovered>, AppError> {
        let (app, actor, tenant) = (&self.bench.app, &self.bench.actor, self.bench.tenant);
        app.recover_webhook_endpoint(actor, tenant, self.endpoint, since, after)
            .await
    }

    async fn recover(&self, since: Timestamp, after: Option<i64>) -> (usize, Option<i64>) {
        let decided = self.decide_recovery(since, after).await;
        let recovered = self.bench.apply(decided).await;
        (recovered.queued, recovered.next_after)
    }

    /// Numbered events of the present without bodies, behind the `before` there are.
    async fn number(&self, event: &str, before: i64, count: i64) {
        let tenant = self.bench.tenant;
        let params = vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
            event.into(),
            self.bench.app.clock.now().into(),
            before.into(),
            (before + count).into(),
        ];
        let sql = "WITH RECURSIVE n (seq) AS (SELECT ?5 + 1 UNION ALL SELECT seq + 1 FROM n \
                   WHERE seq < ?6) INSERT INTO outbox_events (id, organization_id, environment, \
                   event, created_at, seq) SELECT randomblob(16), ?1, ?2, ?3, ?4, seq FROM n";
        let db = &self.bench.app.db;
        db.write(Stmt::new("test", sql, params)).await.unwrap();
        let name = format!("feed:{}:{}", tenant.organization, tenant.environment);
        let sql = "INSERT INTO sequence_heads (name, seq) VALUES (?1, ?2) \
                   ON CONFLICT (name) DO UPDATE SET seq = excluded.seq";
        let head = Stmt::new("test", sql, vec![name.into(), (before + count).into()]);
        db.write(head).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recovery_brings_what_failed_and_what_came_while_disabled() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    hooks.pass(Duration::from_hours(1)).await;
    let since = hooks.bench.app.clock.now();
    hooks.receiver.answer(|_| Scripted::Status(500));
    hooks.tell(session, 1).await;
    for _ in 0..8 {
        hooks.pass(Duration::from_hours(3)).await;
    }
    assert_eq!(hooks.statuses().await["failed"], 1);
    hooks.disable().await;
    hooks.tell(session, 2).await;
    hooks.tell(session, 3).await;
    hooks.deliver().await;
    hooks.receiver.answer(|_| Scripted::Status(200));
    assert_eq!(hooks.recover(since, None).await, (3, None));
    let again = hooks.recover(since, None).await;
    assert_eq!(again, (0, None), "what is in line is not put there twice");
    hooks.deliver().await;
    assert_eq!(hooks.receiver.received().len(), 7, "it is disabled still");

    hooks.enable().await;
    hooks.tell(session, 4).await;
    hooks.deliver().await;
    let taken = taken(&hooks.receiver.received());
    assert_eq!(taken[&session.to_string()], [0, 1, 2, 3, 4]);
    assert_eq!(hooks.statuses().await["succeeded"], 5);
    assert_eq!(hooks.lanes().await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enabled_endpoint_recovers_at_once() {
    let hooks = Hooks::new().await;
    let since = hooks.bench.app.clock.now();
    let sessions = [hooks.session().await, hooks.session().await];
    hooks.disable().await;
    for n in 0..4 {
        for session in sessions {
            hooks.tell(session, n).await;
        }
    }
    hooks.deliver().await;
    hooks.enable().await;
    assert_eq!(hooks.recover(since, None).await, (8, None));
    hooks.deliver().await;
    let taken = taken(&hooks.receiver.received());
    for session in sessions {
        assert_eq!(taken[&session.to_string()], [0, 1, 2, 3]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_recovery_ends_and_goes_on() {
    let hooks = Hooks::new().await;
    hooks.number("session.created", 0, 100_400).await;
    hooks.bench.pass(Duration::from_hours(1)).await;
    let since = hooks.bench.app.clock.now();
    let begin = Timestamp::from_seconds(0);
    let looked = hooks.recover(begin, None).await;
    assert_eq!(looked, (0, Some(100_000)), "looking has an end too");
    assert_eq!(hooks.recover(begin, looked.1).await, (0, None));

    hooks.number(EVENT.as_str(), 100_400, 10_300).await;
    let first = hooks.recover(since, None).await;
    assert_eq!(
        first,
        (10_000, Some(110_400)),
        "what is older is passed over"
    );
    let due = "SELECT COUNT(*) FROM webhook_lanes l JOIN webhook_deliveries d \
               ON d.endpoint_id = l.endpoint_id AND d.lane = l.lane AND d.status = 'pending' \
               WHERE l.owner IS NULL AND l.due_at < d.created_at + 60000000";
    assert_eq!(hooks.bench.rows(due).await, ["10000"]);
    assert_eq!(hooks.recover(since, first.1).await, (300, None));
    assert_eq!(hooks.statuses().await["pending"], 10_300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_that_loses_to_a_deletion_leaves_nothing_pending() {
    let hooks = Hooks::new().await;
    let since = hooks.bench.app.clock.now();
    let session = hooks.session().await;
    hooks.disable().await;
    hooks.tell(session, 0).await;
    hooks.seal().await;
    let recovery = hooks.decide_recovery(since, None).await.unwrap();
    let bench = &hooks.bench;
    let deleted = bench
        .app
        .delete_webhook_endpoint(&bench.actor, bench.tenant, hooks.endpoint);
    bench.apply(deleted.await).await;
    let late = bench.app.apply(recovery.commit).await;
    assert!(matches!(late, Err(DbError::Conflict { .. })));
    assert_eq!(hooks.statuses().await["failed"], 1);
    let again = hooks.decide_recovery(since, None).await;
    assert!(matches!(again, Err(AppError::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_complete_recovery_misses_nothing_that_is_being_numbered() {
    const ROUNDS: usize = 150;
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    for round in 0..ROUNDS {
        hooks.disable().await;
        let since = hooks.bench.app.clock.now();
        hooks.tell(session, round).await;
        let sealer = Sealer::new(Arc::clone(&hooks.bench.app));
        let sealing = tokio::spawn(async move { sealer.seal_all().await });
        hooks.enable().await;
        assert_eq!(hooks.recover(since, None).await.1, None);
        sealing.await.unwrap().unwrap();
    }
    hooks.seal().await;
    assert_eq!(hooks.statuses().await["pending"], ROUNDS);
}
