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
use crate::verifa::Installation;

/// Events of the throughput figure.
const EVENTS: usize = 5_000;
/// Fast endpoints of the other figure: an environment has at most 50, and one is the slow one.
const FAST: usize = 49;
/// Sessions whose event goes to each of them, and the pause between two.
const SESSIONS: usize = 80;
const PAUSE: Duration = Duration::from_millis(100);
/// As long as a receiver may take and still succeed.
const SLOW: Duration = Duration::from_secs(29);
/// All of it arrives within this, or nothing is measured.
const LIMIT: Duration = Duration::from_mins(3);

const ENDPOINTS: &str = "/api/v1/webhooks/endpoints";

pub(super) fn table() -> Table {
    Table::new(
        "Webhooks",
        "To a receiver on loopback, without TLS. Deliveries a second: events that came while the \
         endpoint was disabled, from the first that arrives after `recover` to the last; every \
         delivery is a signed POST and one durable commit, at most 8 under way at once. Delay: \
         from the request that creates a session to the arrival of `session.created` at each of \
         49 fast endpoints, ten sessions a second, without and with one more endpoint that takes \
         29 s for each answer; the sealer's 200 ms for gathering are part of it.",
        &[
            "database",
            "what",
            "deliveries",
            "per second",
            "p50 ms",
            "p99 ms",
            "server CPU",
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
        let before = server.usage()?.cpu;
        let (count, took) = throughput(&mut connection).await.context("throughput")?;
        let cpu = server.usage()?.cpu.saturating_sub(before);
        table.row(&[
            database.to_owned(),
            "backlog to one receiver".to_owned(),
            count.to_string(),
            format!("{:.0}", count as f64 / took.as_secs_f64()),
            String::new(),
            String::new(),
            format!("{:.2}", cpu.as_secs_f64() / took.as_secs_f64()),
        ]);
        for (what, slow) in [
            ("49 fast endpoints", false),
            ("the same and a slow one", true),
        ] {
            let delays = delays(&mut connection, slow).await.context(what)?;
            table.row(&[
                database.to_owned(),
                what.to_owned(),
                delays.count().to_string(),
                String::new(),
                milliseconds(delays.percentile(0.5)),
                milliseconds(delays.percentile(0.99)),
                String::new(),
            ]);
        }
        Ok(())
    })?;
    server.stop()
}

/// Delivers a backlog; how many, and how long it took from the first to the last.
async fn throughput(connection: &mut Connection) -> Result<(usize, Duration)> {
    let arrivals = Arc::new(Mutex::new(Vec::<Instant>::new()));
    let noted = Arc::clone(&arrivals);
    let receiver = WebhookReceiver::scripted(move |_| {
        lock(&noted).push(Instant::now());
        Scripted::Status(200)
    })
    .await;
    let endpoint = add(connection, &receiver.url("/hook"), false).await?;
    let since = "2020-01-01T00:00:00Z";
    for _ in 0..EVENTS {
        create(connection).await?;
    }
    // Numbered is what `recover` finds.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let path = format!("{ENDPOINTS}/{endpoint}");
    let enable = Call::patch(&path, &json!({"enabled": true}));
    connection.send(&enable).await?.expect(200)?;
    let recover = Call::post(format!("{path}/recover"), &json!({"since": since}));
    connection.send(&recover).await?.expect(202)?;
    wait("the backlog arrives", || lock(&arrivals).len() >= EVENTS).await?;
    remove(connection, &endpoint).await?;
    let arrivals = lock(&arrivals);
    let (first, last) = arrivals
        .first()
        .zip(arrivals.last())
        .context("no arrival")?;
    Ok((arrivals.len(), last.duration_since(*first)))
}

/// From a session's creation to the arrival of its event at each fast endpoint.
async fn delays(connection: &mut Connection, with_slow: bool) -> Result<Latencies> {
    let arrivals = Arc::new(Mutex::new(Vec::<(String, Instant)>::new()));
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
        endpoints.push(add(connection, &receiver.url(&format!("/fast/{n}")), true).await?);
    }
    if with_slow {
        endpoints.push(add(connection, &receiver.url("/slow"), true).await?);
    }
    let mut begun = HashMap::new();
    for _ in 0..SESSIONS {
        let now = Instant::now();
        begun.insert(create(connection).await?, now);
        tokio::time::sleep(PAUSE.saturating_sub(now.elapsed())).await;
    }
    let wanted = SESSIONS * FAST;
    wait("all arrive at the fast ones", || {
        lock(&arrivals).len() >= wanted
    })
    .await?;
    for endpoint in &endpoints {
        remove(connection, endpoint).await?;
    }
    let mut latencies = Latencies::default();
    for (session, arrived) in lock(&arrivals).iter() {
        let begun = begun.get(session).context("an event of another session")?;
        latencies.add(arrived.duration_since(*begun));
    }
    Ok(latencies)
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
