//! What the delivery of webhooks does: how many a second to one receiver, and whether a slow
//! endpoint delays the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use verifa_testkit::{Scripted, WebhookReceiver};

use super::latencies::{Latencies, milliseconds};
use super::page::Table;
use super::workflow::id_of;
use crate::client::{Call, Connection, block_on};
use crate::verifa::{Installation, Server};

/// Events of the throughput figure.
const EVENTS: usize = 5_000;
/// Deliveries a second to one receiver that are wanted.
const WANTED_RATE: f64 = 500.0;
/// Fast endpoints of the other figure: an environment has at most 50, and one is the slow one.
const FAST: usize = 49;
/// Rounds without and with the slow endpoint, by turns, so that what else the machine does meets
/// both alike; the sessions of each, and the pause between two.
const ROUNDS: usize = 4;
const SESSIONS: usize = 250;
const PAUSE: Duration = Duration::from_millis(100);
/// As long as a receiver may take and still succeed.
const SLOW: Duration = Duration::from_secs(29);
/// How much longer the delays' p99 may be with a slow endpoint than without.
const WANTED_RATIO: f64 = 1.2;
/// All of it arrives within this, or nothing is measured.
const LIMIT: Duration = Duration::from_mins(3);

const ENDPOINTS: &str = "/api/v1/webhooks/endpoints";

pub(super) fn table() -> Table {
    Table::new(
        "Webhooks",
        "To a receiver on loopback, without TLS. Backlog: deliveries that were refused before and \
         wait, from the commit that enables their endpoint again to the arrival of the last; every \
         delivery is a signed POST and one durable commit, which takes up the next as well, at \
         most 8 under way at once; the CPU is that of this time alone. Delay: from the request \
         that creates a session to the arrival of `session.created` at each of 49 fast endpoints, \
         ten sessions a second, without and with one more endpoint that takes 29 s for each \
         answer, by turns; the sealer's 200 ms for gathering are part of it. Targets: at least 500 \
         deliveries a second to one receiver, and with the slow endpoint a p99 at most 1.2 times \
         the one without.",
        &[
            "database",
            "what",
            "deliveries",
            "per second",
            "p50 ms",
            "p99 ms",
            "server CPU",
            "target",
        ],
    )
}

pub(super) fn measure(
    installation: &Installation,
    database: &str,
    table: &mut Table,
) -> Result<()> {
    let server = installation.serve(None)?;
    block_on(async {
        let mut connection = Connection::open(server.address(), installation.live_key()).await?;
        let backlog = backlog(&mut connection, &server).await;
        let backlog = backlog.context("backlog")?;
        table.row(&[
            database.to_owned(),
            "backlog to one receiver".to_owned(),
            backlog.count.to_string(),
            format!("{:.0}", backlog.rate()),
            String::new(),
            String::new(),
            format!(
                "{:.2}",
                backlog.cpu.as_secs_f64() / backlog.took.as_secs_f64()
            ),
            judged("at least 500/s", backlog.rate() >= WANTED_RATE),
        ]);
        let (without, with) = delays(&mut connection).await.context("delays")?;
        for (what, delays) in [
            ("49 fast endpoints", &without),
            ("the same and a slow one", &with),
        ] {
            table.row(&[
                database.to_owned(),
                what.to_owned(),
                delays.count().to_string(),
                String::new(),
                milliseconds(delays.percentile(0.5)),
                milliseconds(delays.percentile(0.99)),
                String::new(),
                String::new(),
            ]);
        }
        let p99 = |delays: &Latencies| delays.percentile(0.99).as_secs_f64();
        let ratio = p99(&with) / p99(&without).max(f64::EPSILON);
        table.row(&[
            database.to_owned(),
            "p99 with the slow one / without".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            format!("ratio {ratio:.2}"),
            String::new(),
            judged("at most 1.2", ratio <= WANTED_RATIO),
        ]);
        Ok(())
    })?;
    server.stop()
}

/// A target and whether it was met; a benchmark on a shared machine fails nothing.
fn judged(target: &str, is_met: bool) -> String {
    format!("{target}: {}", if is_met { "met" } else { "missed" })
}

/// A backlog's delivery.
struct Backlog {
    count: usize,
    took: Duration,
    cpu: Duration,
}

impl Backlog {
    fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }
}

/// Lets an endpoint refuse what it is sent, until all of it waits; then enables it anew.
async fn backlog(connection: &mut Connection, server: &Server) -> Result<Backlog> {
    let receiver = WebhookReceiver::scripted(|_| Scripted::Status(503)).await;
    let endpoint = add(connection, &receiver.url("/hook"), true).await?;
    for _ in 0..EVENTS {
        create(connection).await?;
    }
    let path = format!("{ENDPOINTS}/{endpoint}");
    all_wait(connection, &path).await?;
    enable(connection, &path, false).await?;
    // What is under way is refused still.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let arrivals = Arc::new(Mutex::new(Vec::<Instant>::new()));
    let noted = Arc::clone(&arrivals);
    receiver.answer(move |_| {
        lock(&noted).push(Instant::now());
        Scripted::Status(200)
    });
    let cpu = server.usage()?.cpu;
    let begun = Instant::now();
    enable(connection, &path, true).await?;
    wait("the backlog arrives", || lock(&arrivals).len() >= EVENTS).await?;
    let cpu = server.usage()?.cpu.saturating_sub(cpu);
    remove(connection, &endpoint).await?;
    let arrivals = lock(&arrivals);
    let last = arrivals.last().context("no arrival")?;
    Ok(Backlog {
        count: arrivals.len(),
        took: last.duration_since(begun),
        cpu,
    })
}

/// Waits until the endpoint has a delivery for each event.
async fn all_wait(connection: &mut Connection, endpoint: &str) -> Result<()> {
    let started = Instant::now();
    let list = format!("{endpoint}/deliveries?limit=1");
    loop {
        let page = connection.send(&Call::get(&list)).await?.expect(200)?;
        let total = page.pointer("/pagination/total").and_then(Value::as_u64);
        if total.context("a list without its total")? >= EVENTS as u64 {
            return Ok(());
        }
        ensure!(started.elapsed() < LIMIT, "the events are not fanned out");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The fast endpoints, and what arrives at them.
struct Fast {
    receiver: WebhookReceiver,
    endpoints: Vec<String>,
    arrivals: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl Fast {
    async fn add(connection: &mut Connection) -> Result<Self> {
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&arrivals);
        let receiver = WebhookReceiver::scripted(move |request| {
            if request.line.contains("/slow") {
                return Scripted::Slow(SLOW, 200);
            }
            let now = Instant::now();
            let session = request.json()["session_id"].clone();
            lock(&noted).push((session.as_str().unwrap_or_default().to_owned(), now));
            Scripted::Status(200)
        })
        .await;
        let mut endpoints = Vec::new();
        for n in 0..FAST {
            let url = receiver.url(&format!("/fast/{n}"));
            endpoints.push(add(connection, &url, true).await?);
        }
        Ok(Self {
            receiver,
            endpoints,
            arrivals,
        })
    }

    /// From each session's creation to the arrival of its event at each fast endpoint.
    async fn round(&self, connection: &mut Connection) -> Result<Latencies> {
        lock(&self.arrivals).clear();
        let mut begun = HashMap::new();
        for _ in 0..SESSIONS {
            let now = Instant::now();
            begun.insert(create(connection).await?, now);
            tokio::time::sleep(PAUSE.saturating_sub(now.elapsed())).await;
        }
        wait("all arrive at the fast ones", || {
            lock(&self.arrivals).len() >= SESSIONS * FAST
        })
        .await?;
        let mut latencies = Latencies::default();
        for (session, arrived) in lock(&self.arrivals).iter() {
            let begun = begun.get(session).context("an event of another session")?;
            latencies.add(arrived.duration_since(*begun));
        }
        Ok(latencies)
    }
}

/// The delays without and with a slow endpoint.
async fn delays(connection: &mut Connection) -> Result<(Latencies, Latencies)> {
    let fast = Fast::add(connection).await?;
    let (mut without, mut with) = (Latencies::default(), Latencies::default());
    for _ in 0..ROUNDS {
        without.merge(fast.round(connection).await?);
        let slow = add(connection, &fast.receiver.url("/slow"), true).await?;
        with.merge(fast.round(connection).await?);
        remove(connection, &slow).await?;
        // Its last answers are no part of the next round.
        tokio::time::sleep(SLOW + Duration::from_secs(1)).await;
    }
    for endpoint in &fast.endpoints {
        remove(connection, endpoint).await?;
    }
    Ok((without, with))
}

async fn enable(connection: &mut Connection, endpoint: &str, enabled: bool) -> Result<()> {
    let call = Call::patch(endpoint, &json!({"enabled": enabled}));
    connection.send(&call).await?.expect(200).map(drop)
}

async fn add(connection: &mut Connection, url: &str, enabled: bool) -> Result<String> {
    let body = json!({"url": url, "enabled": enabled, "enabled_events": ["session.created"]});
    let made = connection.send(&Call::post(ENDPOINTS, &body)).await?;
    id_of(&made.expect(201)?)
}

async fn remove(connection: &mut Connection, endpoint: &str) -> Result<()> {
    let call = Call::delete(format!("{ENDPOINTS}/{endpoint}"));
    connection.send(&call).await?.expect(200).map(drop)
}

async fn create(connection: &mut Connection) -> Result<String> {
    let call = Call::post("/api/v1/sessions", &Value::Object(serde_json::Map::new()));
    id_of(&connection.send(&call).await?.expect(201)?)
}

async fn wait(what: &str, holds: impl Fn() -> bool) -> Result<()> {
    let started = Instant::now();
    while !holds() {
        ensure!(started.elapsed() < LIMIT, "{what}: not within the limit");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
