//! Sending one delivery again; and what a redaction leaves to send.

use std::time::Duration;

use serde_json::json;
use verifa_app::AppError;
use verifa_core::id::{DeliveryId, Id};
use verifa_core::webhook::EndpointChanges;
use verifa_store::db::{Commit, DbError, Stmt};
use verifa_store::webhook_lanes;
use verifa_testkit::{Scripted, WebhookReceiver};

use super::{Hooks, run, taken, until};

impl Hooks {
    async fn delivery(&self) -> DeliveryId {
        let sql = "SELECT id FROM webhook_deliveries ORDER BY id";
        let row = self.bench.app.db.query_opt(Stmt::new("test", sql, vec![]));
        row.await.unwrap().unwrap().id(0).unwrap()
    }

    async fn retry(&self) -> Result<(), AppError> {
        let (id, bench) = (self.delivery().await, &self.bench);
        let decided = bench.app.retry_delivery(&bench.actor, bench.tenant, id);
        bench.app.apply(decided.await?.commit).await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_sends_the_same_event_with_a_whole_schedule() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    hooks.retry().await.unwrap();
    hooks.deliver().await;
    assert_eq!(hooks.statuses().await["pending"], 1);
    hooks.receiver.answer(|_| Scripted::Status(200));
    hooks.pass(Duration::from_secs(40)).await;
    let received = hooks.receiver.received();
    assert_eq!(received.len(), 3);
    assert!(
        received
            .iter()
            .all(|request| request.body == received[0].body)
    );
    let numbers = "SELECT number, http_status FROM webhook_attempts ORDER BY number";
    assert_eq!(hooks.bench.rows(numbers).await, ["1 200", "2 500", "3 200"]);

    hooks
        .change(&EndpointChanges {
            enabled: Some(false),
            ..EndpointChanges::default()
        })
        .await;
    assert!(matches!(hooks.retry().await, Err(AppError::Conflict(_))));
    let bench = &hooks.bench;
    let unknown = DeliveryId::from_uuid(bench.app.new_uuid());
    let retried = bench
        .app
        .retry_delivery(&bench.actor, bench.tenant, unknown);
    assert!(matches!(retried.await, Err(AppError::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_during_a_try_follows_it_at_once() {
    // During the first try of a schedule, in its middle, and during its last.
    for failed in [0, 2, 5] {
        let hooks = Hooks::new().await;
        hooks.receiver.answer(|_| Scripted::Status(500));
        let session = hooks.session().await;
        hooks.tell(session, 0).await;
        hooks.seal().await;
        for _ in 0..failed {
            hooks.deliver().await;
            hooks.bench.pass(Duration::from_hours(3)).await;
        }
        during_a_failing_try(&hooks, async || hooks.retry().await.unwrap()).await;
        let tries = hooks.receiver.received().len();
        assert_eq!(tries, failed + 2, "after {failed} tries");
        assert_eq!(hooks.statuses().await["succeeded"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_enabled_again_during_a_try_is_asked_at_once() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.seal().await;
    let disable = EndpointChanges {
        enabled: Some(false),
        ..EndpointChanges::default()
    };
    during_a_failing_try(&hooks, async || {
        hooks.change(&disable).await;
        hooks.enable().await;
    })
    .await;
    assert_eq!(hooks.receiver.received().len(), 2);
    assert_eq!(hooks.statuses().await["succeeded"], 1);
}

/// The receiver of before is gone, and says so just when the endpoint has moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_410_of_a_former_address_does_not_disable_the_new_one() {
    let hooks = Hooks::new().await;
    let moved_to = WebhookReceiver::start().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    let slowly_gone = Scripted::Slow(Duration::from_millis(700), 410);
    hooks.receiver.answer(move |_| slowly_gone.clone());
    let change = EndpointChanges {
        url: Some(moved_to.url("/new")),
        ..EndpointChanges::default()
    };
    let move_it = async {
        let tried = || !hooks.receiver.received().is_empty();
        until("a try is under way", tried).await;
        hooks.change(&change).await;
    };
    tokio::join!(hooks.deliver(), move_it);
    assert_eq!(hooks.statuses().await["pending"], 1);
    hooks.pass(Duration::from_hours(3)).await;
    assert_eq!(moved_to.received().len(), 1, "{}", hooks.standing().await);
    assert_eq!(hooks.statuses().await["succeeded"], 1);
}

/// Does something while the receiver is about to refuse what is due; then it takes what comes. No
/// time passes.
async fn during_a_failing_try(hooks: &Hooks, act: impl AsyncFnOnce()) {
    let before = hooks.receiver.received().len();
    hooks
        .receiver
        .answer(|_| Scripted::Slow(Duration::from_millis(700), 500));
    let (stop, task) = run(&hooks.bench);
    until("a try is under way", || {
        hooks.receiver.received().len() > before
    })
    .await;
    hooks.receiver.answer(|_| Scripted::Status(200));
    act().await;
    until("it is tried again", || {
        hooks.receiver.received().len() > before + 1
    })
    .await;
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_that_loses_to_a_deletion_leaves_nothing_pending() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    let (id, bench) = (hooks.delivery().await, &hooks.bench);
    let retried = bench.app.retry_delivery(&bench.actor, bench.tenant, id);
    let retried = retried.await.unwrap();
    let deleted = bench
        .app
        .delete_webhook_endpoint(&bench.actor, bench.tenant, hooks.endpoint);
    bench.apply(deleted.await).await;
    let late = bench.app.apply(retried.commit).await;
    assert!(matches!(late, Err(DbError::Conflict { .. })));
    assert_eq!(hooks.statuses().await["succeeded"], 1);
    assert_eq!(hooks.lanes().await, "0");
    assert!(matches!(hooks.retry().await, Err(AppError::Conflict(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redacted_session_is_told_without_the_person_and_answers_are_gone() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    let answer = Scripted::Text(500, "we know Erika Mustermann already".to_owned());
    hooks.receiver.answer(move |_| answer.clone());
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    let kept = "SELECT COUNT(*) FROM webhook_attempts WHERE sealed_response IS NOT NULL";
    assert_eq!(hooks.bench.rows(kept).await, ["1"]);
    let bench = &hooks.bench;
    let clear = b"Erika".as_slice();
    let lies = |bytes: &[u8]| bytes.windows(clear.len()).any(|part| part == clear);
    assert!(!lies(&bench.files()), "answers lie sealed");
    let redacted = bench
        .app
        .redact_session(&bench.actor, bench.tenant, session);
    bench.apply(redacted.await).await;
    assert_eq!(bench.rows(kept).await, ["0"]);
    hooks.pass(Duration::from_secs(40)).await;
    let received = hooks.receiver.received();
    let body = received[1].json();
    assert_eq!(body["session_id"], json!(session));
    assert_eq!(
        body["idempotency_key"],
        received[0].json()["idempotency_key"]
    );
    assert!(
        body.get("n").is_none(),
        "what is not of the process is gone"
    );
    assert_eq!(bench.rows(kept).await, ["0"], "nor is a later answer kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_a_sandbox_brings_retries_nearer() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    hooks.receiver.answer(|_| Scripted::Status(200));
    let app = &hooks.bench.app;
    let age = async || {
        let mut commit = Commit::new();
        let organization = hooks.bench.tenant.organization;
        commit
            .extend(webhook_lanes::age(organization, Duration::from_mins(5)))
            .wake_jobs();
        app.db.commit(commit).await.unwrap();
        hooks.deliver().await;
    };
    age().await;
    assert_eq!(
        hooks.receiver.received().len(),
        1,
        "live goes by its own clock"
    );
    for table in ["webhook_lanes", "webhook_deliveries", "webhook_endpoints"] {
        let sql = match table {
            "webhook_lanes" => "UPDATE webhook_lanes SET environment = 'sandbox'",
            "webhook_deliveries" => "UPDATE webhook_deliveries SET environment = 'sandbox'",
            _ => "UPDATE webhook_endpoints SET environment = 'sandbox'",
        };
        app.db.write(Stmt::new("test", sql, vec![])).await.unwrap();
    }
    age().await;
    assert_eq!(taken(&hooks.receiver.received())[&session.to_string()], [0]);
}
