//! A receiver with every fault there is, over 72 hours, and one that dies with the server.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use verifa_app::webhooks::Deliverer;
use verifa_core::id::SessionId;
use verifa_testkit::{Received, Scripted, WebhookReceiver};

use super::{Hooks, run, taken, until};

const HOUR: Duration = Duration::from_hours(1);
const SESSIONS: usize = 4;
/// Lanes that somebody holds.
const HELD: &str = "SELECT COUNT(*) FROM webhook_lanes WHERE owner IS NOT NULL";
/// Longer than the senders of these tests wait.
const TOO_LONG: Duration = Duration::from_millis(600);

/// What a receiver does with a request at an hour of its bad time.
fn bad(hour: u64, request: usize) -> Scripted {
    match (hour, request % 4) {
        (0..44, 0) => Scripted::Status(500),
        (0..44, 1) => Scripted::Redirect("http://127.0.0.1:1/elsewhere".to_owned()),
        (0..44, 2) => Scripted::Close,
        (0..44, _) => Scripted::Slow(TOO_LONG, 200),
        (44..52, 0) => Scripted::Endless,
        (44..52, _) => Scripted::Status(503),
        (52..60, 0 | 2) => Scripted::Status(200),
        (52..60, _) => Scripted::Close,
        _ => Scripted::Status(429),
    }
}

/// Checks what the receiver saw: each delivery's tries carry one key and times of their own; within
/// a session nothing was taken before what came before it. `told` counts each session's events.
fn check(received: &[Received], told: &HashMap<SessionId, usize>) {
    let taken = taken(received);
    assert_eq!(taken.len(), told.len());
    for (session, events) in told {
        let numbers = &taken[&session.to_string()];
        let mut first = Vec::new();
        for n in numbers {
            if !first.contains(n) {
                first.push(*n);
            }
        }
        let wanted: Vec<u64> = (0..*events as u64).collect();
        assert_eq!(first, wanted, "{session}");
    }
    let mut tries: HashMap<&str, Vec<&Received>> = HashMap::new();
    for request in received {
        tries
            .entry(request.header("x-verifa-delivery-id"))
            .or_default()
            .push(request);
    }
    let mut keys = HashSet::new();
    for requests in tries.values() {
        let key = requests[0].json()["idempotency_key"].clone();
        assert!(keys.insert(key.to_string()), "a key of two deliveries");
        let mut times = HashSet::new();
        for request in requests {
            assert_eq!(request.json()["idempotency_key"], key);
            assert_eq!(request.header("webhook-id"), key.as_str().unwrap());
            assert_eq!(request.body, requests[0].body, "the body is frozen");
            assert!(
                times.insert(request.header("webhook-timestamp").to_owned()),
                "two tries at one time"
            );
        }
    }
}

/// A server that dies while the receiver has its request: nothing is written of it.
async fn die_during_a_try(hooks: &Hooks) {
    hooks.seal().await;
    let before = hooks.receiver.received().len();
    let (_stop, task) = run(&hooks.bench);
    until("a try is under way", || {
        hooks.receiver.received().len() > before
    })
    .await;
    task.abort();
    assert!(task.await.is_err());
    assert_ne!(hooks.bench.rows(HELD).await, ["0"], "a lane is the dead's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_72_hours_of_every_fault_all_events_arrive_in_order() {
    let hooks = Hooks::with_timeout(Duration::from_millis(300)).await;
    hooks.schedule("extended").await;
    let (hour, requests) = (Arc::new(AtomicU64::new(0)), AtomicUsize::new(0));
    let dying = Arc::new(AtomicBool::new(false));
    let (clock, death) = (Arc::clone(&hour), Arc::clone(&dying));
    hooks.receiver.answer(move |_| {
        if death.load(Ordering::SeqCst) {
            return Scripted::Slow(TOO_LONG, 200);
        }
        let request = requests.fetch_add(1, Ordering::SeqCst);
        bad(clock.load(Ordering::SeqCst), request)
    });
    let mut told = HashMap::new();
    for _ in 0..SESSIONS {
        told.insert(hooks.session().await, 0);
    }
    for now in 0..72 {
        hour.store(now, Ordering::SeqCst);
        if now % 18 == 0 {
            for (session, events) in &mut told {
                hooks.tell(*session, *events).await;
                *events += 1;
            }
        }
        if now % 24 == 11 {
            let session = hooks.session().await;
            hooks.tell(session, 0).await;
            told.insert(session, 1);
            dying.store(true, Ordering::SeqCst);
            die_during_a_try(&hooks).await;
            dying.store(false, Ordering::SeqCst);
            hooks.bench.app.plan_work(true).await.unwrap();
            assert_eq!(hooks.bench.rows(HELD).await, ["0"]);
        }
        hooks.pass(HOUR).await;
    }
    assert_eq!(hooks.standing().await, "1 ", "72 hours are not too long");
    assert!(hooks.statuses().await.contains_key("pending"));
    hooks.receiver.answer(|_| Scripted::Status(200));
    for _ in 0..30 {
        hooks.pass(HOUR).await;
    }
    let received = hooks.receiver.received();
    check(&received, &told);
    let events = told.values().sum();
    let statuses = hooks.statuses().await;
    assert_eq!(statuses, HashMap::from([("succeeded".to_owned(), events)]));
    assert_eq!(hooks.lanes().await, "0", "nothing is left in line");
    let tries = "SELECT COUNT(*), COUNT(DISTINCT error) FROM webhook_attempts";
    let tries = hooks.bench.rows(tries).await.remove(0);
    assert!(
        tries.ends_with(" 4"),
        "status, redirect, closed, timeout: {tries}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_away_is_asked_on_schedule_and_then_given_up() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    let address = hooks.receiver.address();
    let Hooks { receiver, .. } = &hooks;
    receiver.answer(|_| Scripted::Status(503));
    hooks.tell(session, 0).await;
    hooks.tell(session, 1).await;
    hooks.deliver().await;
    let tries = || hooks.receiver.received().len();
    assert_eq!(tries(), 1, "the second waits behind the first");
    // The pauses of the standard schedule with their jitter of a tenth.
    for (n, pause) in [30_u64, 120, 480, 1_920, 7_200].into_iter().enumerate() {
        hooks.pass(Duration::from_secs(pause * 89 / 100)).await;
        assert_eq!(tries(), n + 1, "too early");
        hooks.pass(Duration::from_secs(pause * 22 / 100)).await;
        assert!(tries() > n + 1, "too late");
    }
    // Six tries, and then at once the first of the second.
    assert_eq!(tries(), 7);
    assert_eq!(hooks.statuses().await["failed"], 1);
    hooks.receiver.answer(|_| Scripted::Status(204));
    hooks.pass(Duration::from_secs(40)).await;
    assert_eq!(hooks.statuses().await["succeeded"], 1);
    assert_eq!(hooks.receiver.address(), address);
    let standing = "SELECT failed_in_a_row, failing_since FROM webhook_endpoints";
    assert_eq!(hooks.bench.rows(standing).await, ["0 "]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_deliverer_loses_nothing() {
    let hooks = Hooks::new().await;
    hooks
        .receiver
        .answer(|_| Scripted::Slow(Duration::from_secs(5), 200));
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(hooks.session().await);
    }
    for n in 0..3 {
        for session in &sessions {
            hooks.tell(*session, n).await;
        }
    }
    hooks.seal().await;
    let (_stop, task) = run(&hooks.bench);
    until("all lanes are under way", || {
        hooks.receiver.received().len() == SESSIONS
    })
    .await;
    // As a process that dies with its requests half answered.
    task.abort();
    assert!(task.await.is_err());
    let before = hooks.receiver.received().len();
    hooks.receiver.answer(|_| Scripted::Status(200));
    hooks.deliver().await;
    assert_eq!(
        hooks.receiver.received().len(),
        before,
        "the leases of the dead process hold for a while"
    );
    // Longer than a lease: another process may take over.
    hooks.pass(Duration::from_mins(1)).await;
    let received = hooks.receiver.received();
    let after = taken(&received[before..]);
    assert_eq!(after.len(), SESSIONS);
    for numbers in after.values() {
        assert_eq!(numbers, &[0, 1, 2]);
    }
    assert_eq!(hooks.statuses().await["succeeded"], 3 * SESSIONS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_deliverer_gives_back_what_it_could_not_finish() {
    let hooks = Hooks::new().await;
    hooks
        .receiver
        .answer(|_| Scripted::Slow(Duration::from_mins(1), 200));
    let session = hooks.session().await;
    hooks.tell(session, 0).await;
    hooks.seal().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let deliverer = Deliverer::new(Arc::clone(&hooks.bench.app));
    let task = tokio::spawn(deliverer.run(stop.clone(), Duration::from_millis(50)));
    until("it is under way", || hooks.receiver.received().len() == 1).await;
    stop.cancel();
    task.await.unwrap();
    hooks.receiver.answer(|_| Scripted::Status(200));
    // No time passes: the lease was given back.
    hooks.deliver().await;
    assert_eq!(hooks.statuses().await["succeeded"], 1);
    assert_eq!(hooks.lanes().await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_not_there_is_no_answer() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    let address: SocketAddr = hooks.receiver.address();
    let Hooks {
        bench, receiver, ..
    } = &hooks;
    // Nobody listens at the address of a receiver that has gone.
    let gone = WebhookReceiver::start().await;
    let url = gone.url("/hook");
    drop(gone);
    tokio::time::sleep(Duration::from_millis(20)).await;
    hooks
        .change(&verifa_core::webhook::EndpointChanges {
            url: Some(url),
            ..Default::default()
        })
        .await;
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    let rows = bench.rows("SELECT error, http_status FROM webhook_attempts");
    assert_eq!(rows.await, ["connect "]);
    hooks
        .change(&verifa_core::webhook::EndpointChanges {
            url: Some(receiver.url("/hook")),
            ..Default::default()
        })
        .await;
    hooks.pass(Duration::from_secs(40)).await;
    assert_eq!(receiver.address(), address);
    assert_eq!(hooks.statuses().await["succeeded"], 1);
}
