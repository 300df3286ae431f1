//! A slow or dead endpoint delays nobody else, and nobody is asked by too many at once.

use std::time::Duration;

use verifa_core::webhook::EndpointChanges;
use verifa_testkit::{Scripted, WebhookReceiver};

use super::{Hooks, add_endpoint, run, taken, until};

const SESSIONS: usize = 30;
/// As `settings.webhooks.per_endpoint` is by default.
const PER_ENDPOINT: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_endpoint_delays_no_other() {
    let hooks = Hooks::new().await;
    let fast = WebhookReceiver::start().await;
    add_endpoint(&hooks.bench, &fast, EndpointChanges::default()).await;
    // Until the sender's patience ends.
    hooks
        .receiver
        .answer(|_| Scripted::Slow(Duration::from_mins(1), 200));
    for n in 0..SESSIONS {
        let session = hooks.session().await;
        hooks.tell(session, n).await;
    }
    hooks.seal().await;
    let (stop, task) = run(&hooks.bench);
    until("the fast one has all", || fast.received().len() == SESSIONS).await;
    let ended = "SELECT COUNT(*) FROM webhook_attempts WHERE error IS NOT NULL";
    assert_eq!(
        hooks.bench.rows(ended).await,
        ["0"],
        "no slow try has ended"
    );
    until("the slow one has its share", || {
        hooks.receiver.received().len() >= PER_ENDPOINT
    })
    .await;
    assert_eq!(hooks.receiver.most_under_way(), PER_ENDPOINT);
    assert!(fast.most_under_way() <= PER_ENDPOINT);
    stop.cancel();
    task.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_is_asked_by_one_until_it_lives() {
    let hooks = Hooks::new().await;
    hooks
        .receiver
        .answer(|_| Scripted::Slow(Duration::from_millis(20), 500));
    for n in 0..SESSIONS {
        let session = hooks.session().await;
        hooks.tell(session, n).await;
    }
    hooks.deliver().await;
    let first = hooks.receiver.received().len();
    assert_eq!(first, SESSIONS, "each was tried once");
    let stranger = WebhookReceiver::scripted(|_| Scripted::Slow(Duration::from_millis(20), 500));
    let stranger = stranger.await;
    let url = Some(stranger.url("/hook"));
    hooks
        .change(&EndpointChanges {
            url,
            ..EndpointChanges::default()
        })
        .await;
    hooks.pass(Duration::from_secs(40)).await;
    assert_eq!(stranger.received().len(), SESSIONS);
    assert_eq!(stranger.most_under_way(), 1);
    stranger.answer(|_| Scripted::Slow(Duration::from_millis(20), 200));
    hooks.pass(Duration::from_secs(200)).await;
    assert_eq!(taken(&stranger.received()).len(), SESSIONS);
    assert!(stranger.most_under_way() > 1, "it lives");
}
