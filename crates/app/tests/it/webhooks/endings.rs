//! How an endpoint comes to be disabled, and what then becomes of what waits.

use std::time::Duration;

use serde_json::json;
use verifa_app::engine::verify_chain;
use verifa_testkit::Scripted;

use super::{Hooks, taken};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_410_disables_at_once_and_nothing_is_lost() {
    let hooks = Hooks::new().await;
    let admins = json!({"email": {"admins": ["ops@example.org"]}});
    hooks.settings(&admins).await;
    let session = hooks.session().await;
    hooks.receiver.answer(|_| Scripted::Status(410));
    hooks.tell(session, 0).await;
    hooks.tell(session, 1).await;
    hooks.deliver().await;
    assert_eq!(hooks.standing().await, "0 receiver_gone");
    let audited = "SELECT type, actor FROM audit_events WHERE resource_type = 'webhook_endpoint' \
                   ORDER BY id DESC LIMIT 1";
    assert_eq!(
        hooks.bench.rows(audited).await,
        ["webhook.endpoint.disabled system"]
    );
    let mails = hooks.bench.rows("SELECT kind, status FROM mails").await;
    assert_eq!(mails, ["operator_notice queued"]);
    hooks.pass(DAY).await;
    assert_eq!(hooks.receiver.received().len(), 1, "it is left alone");
    assert_eq!(hooks.statuses().await["pending"], 2);

    hooks.receiver.answer(|_| Scripted::Status(200));
    hooks.enable().await;
    assert_eq!(hooks.standing().await, "1 ");
    hooks.deliver().await;
    let taken = taken(&hooks.receiver.received());
    assert_eq!(taken[&session.to_string()], [0, 1]);
    hooks.seal().await;
    assert_eq!(verify_chain(&hooks.bench.app).await.unwrap().fault, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_deliveries_given_up_in_a_row_disable() {
    let hooks = Hooks::new().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    for n in 0..9 {
        let session = hooks.session().await;
        hooks.tell(session, n).await;
    }
    for _ in 0..8 {
        hooks.pass(Duration::from_hours(3)).await;
    }
    assert_eq!(hooks.statuses().await["failed"], 9);
    assert_eq!(hooks.standing().await, "1 ");
    let last = hooks.session().await;
    hooks.tell(last, 9).await;
    for _ in 0..8 {
        hooks.pass(Duration::from_hours(3)).await;
    }
    assert_eq!(hooks.standing().await, "0 deliveries_given_up");
    assert_eq!(hooks.receiver.received().len(), 60, "six tries of each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_success_begins_the_count_anew() {
    let hooks = Hooks::new().await;
    for round in 0..2 {
        hooks.receiver.answer(|_| Scripted::Status(500));
        for n in 0..7 {
            let session = hooks.session().await;
            hooks.tell(session, n).await;
        }
        for _ in 0..8 {
            hooks.pass(Duration::from_hours(3)).await;
        }
        let count = "SELECT failed_in_a_row FROM webhook_endpoints";
        assert_eq!(hooks.bench.rows(count).await, ["7"], "round {round}");
        hooks.receiver.answer(|_| Scripted::Status(200));
        let session = hooks.session().await;
        hooks.tell(session, 7).await;
        hooks.deliver().await;
        assert_eq!(hooks.bench.rows(count).await, ["0"]);
    }
    assert_eq!(hooks.standing().await, "1 ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_extended_schedule_time_disables() {
    let hooks = Hooks::new().await;
    hooks.schedule("extended").await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    for n in 0..12 {
        let session = hooks.session().await;
        hooks.tell(session, n).await;
    }
    for _ in 0..25 {
        hooks.pass(Duration::from_hours(3)).await;
    }
    assert_eq!(hooks.standing().await, "1 ", "75 hours");
    for _ in 0..4 {
        hooks.pass(Duration::from_hours(3)).await;
    }
    let late = hooks.session().await;
    hooks.tell(late, 12).await;
    hooks.deliver().await;
    assert_eq!(hooks.standing().await, "0 failing_too_long");
}

/// A receiver that hangs makes its tries late: where the schedules' own times are over, it does not
/// take ten deliveries that are given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_that_come_too_late_disable_too() {
    let hooks = Hooks::new().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    for n in 0..14 {
        let session = hooks.session().await;
        hooks.tell(session, n).await;
    }
    hooks.deliver().await;
    for _ in 0..3 {
        hooks.pass(Duration::from_mins(100)).await;
    }
    assert_eq!(hooks.receiver.received().len(), 4 * 14);
    assert_eq!(hooks.standing().await, "1 ", "five hours");
    hooks.pass(Duration::from_mins(100)).await;
    assert_eq!(hooks.standing().await, "0 failing_too_long");
    assert_eq!(hooks.statuses().await["pending"], 14, "none was given up");
    // What waits goes out when the receiver is back.
    hooks.receiver.answer(|_| Scripted::Status(200));
    hooks.enable().await;
    // One at first, then as many as an endpoint has lanes.
    for _ in 0..3 {
        hooks.pass(Duration::from_secs(1)).await;
    }
    assert_eq!(hooks.statuses().await["succeeded"], 14);
}

/// Tries that nobody made are nobody's failure: after an outage of ours an endpoint has its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_ours_disables_nobody() {
    let hooks = Hooks::new().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    for n in 0..20 {
        let session = hooks.session().await;
        hooks.tell(session, n).await;
    }
    hooks.deliver().await;
    hooks.pass(Duration::from_hours(8)).await;
    assert_eq!(hooks.receiver.received().len(), 40);
    assert_eq!(hooks.standing().await, "1 ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_an_endpoint_ends_what_waits() {
    let hooks = Hooks::new().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    let bench = &hooks.bench;
    let deleted = bench
        .app
        .delete_webhook_endpoint(&bench.actor, bench.tenant, hooks.endpoint);
    bench.apply(deleted.await).await;
    hooks.tell(session, 1).await;
    hooks.pass(DAY).await;
    assert_eq!(hooks.receiver.received().len(), 1);
    assert_eq!(hooks.statuses().await["failed"], 1);
    assert_eq!(hooks.lanes().await, "0");
}
