//! Fills an organization with sessions and compares reading before and after: pages at any depth,
//! single reads, a start, and memory.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::bench::latencies::{Latencies, milliseconds};
use crate::client::{Call, Connection, block_on};
use crate::verifa::Installation;

/// Connections that create at once.
const CLIENTS: u64 = 32;
/// A page of 100 by cursor must not take longer, however many sessions lie before it.
const PAGE_LIMIT: Duration = Duration::from_millis(250);
/// Pages followed from the newest on.
const PAGES: usize = 10_000;
/// Requests per figure of a page; a p99 wants some hundreds.
const REQUESTS: usize = 500;
/// The newest hundred by cursor, and the same by offset with their total.
const FIRST_BY_CURSOR: &str = "/api/v1/sessions?page%5Bsize%5D=100";
const FIRST_BY_OFFSET: &str = "/api/v1/sessions?limit=100";

pub(super) fn run(installation: &Installation, count: u64) -> Result<()> {
    let server = installation.serve(None)?;
    let address = server.address();
    let key = installation.live_key().to_owned();
    let started = Instant::now();
    block_on(async {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let key = key.clone();
                let share = count / CLIENTS + u64::from(client < count % CLIENTS);
                tokio::spawn(async move {
                    let mut connection = Connection::open(address, &key).await?;
                    for number in 0..share {
                        let reference =
                            json!({"external_ref": format!("volume-{client}-{number}")});
                        connection
                            .send(&Call::post("/api/v1/sessions", &reference))
                            .await?
                            .expect(201)?;
                    }
                    Ok::<_, anyhow::Error>(())
                })
            })
            .collect();
        for client in clients {
            client.await.context("a client panicked")??;
        }
        Ok(())
    })?;
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{count} sessions in {seconds:.1} s, {:.0} a second",
        count as f64 / seconds
    );
    block_on(async {
        let mut connection = Connection::open(address, &key).await?;
        let last = read_pages(&mut connection, count).await?;
        time_page(&mut connection, "first page by cursor", FIRST_BY_CURSOR).await?;
        time_page(&mut connection, "last followed page by cursor", &last).await?;
        time_page(
            &mut connection,
            "first page by offset, with its total",
            FIRST_BY_OFFSET,
        )
        .await
    })?;
    println!(
        "resident memory: {} MB",
        server.usage()?.resident_bytes / 1_000_000
    );
    server.stop()?;
    let server = installation.serve(None)?;
    println!(
        "start with {count} sessions: {} ms",
        server.start_up().as_millis()
    );
    server.stop()?;
    installation
        .run(&["audit", "verify"])
        .context("the audit chain")
}

/// Asks for one page again and again and prints how long its answers take.
async fn time_page(connection: &mut Connection, what: &str, path: &str) -> Result<()> {
    let mut latencies = Latencies::default();
    for _ in 0..REQUESTS {
        let asked = Instant::now();
        connection.send(&Call::get(path)).await?.expect(200)?;
        latencies.add(asked.elapsed());
    }
    println!(
        "{what}: p50 {} ms, p99 {} ms",
        milliseconds(latencies.percentile(0.5)),
        milliseconds(latencies.percentile(0.99))
    );
    Ok(())
}

/// Follows the cursor; no session twice, none left out, no page slow. Answers the last page's path.
async fn read_pages(connection: &mut Connection, count: u64) -> Result<String> {
    let mut seen = BTreeSet::new();
    let mut slowest = Duration::ZERO;
    let mut path = FIRST_BY_CURSOR.to_owned();
    let mut followed = 0;
    while followed < PAGES {
        followed += 1;
        let asked = Instant::now();
        let page = connection.send(&Call::get(&path)).await?.expect(200)?;
        slowest = slowest.max(asked.elapsed());
        for object in page
            .get("data")
            .and_then(Value::as_array)
            .context("no data")?
        {
            let id = object.get("id").and_then(Value::as_str).context("no id")?;
            ensure!(seen.insert(id.to_owned()), "session {id} is on two pages");
        }
        match page
            .pointer("/pagination/next_cursor")
            .and_then(Value::as_str)
        {
            Some(cursor) if followed < PAGES => {
                path = format!("/api/v1/sessions?page%5Bsize%5D=100&page%5Bafter%5D={cursor}");
            }
            _ => break,
        }
    }
    let expected = count.min(u64::try_from(PAGES)?.saturating_mul(100));
    ensure!(
        u64::try_from(seen.len())? == expected,
        "{} of {expected} sessions",
        seen.len()
    );
    println!(
        "{} sessions on {followed} pages by cursor, slowest page {} ms",
        seen.len(),
        slowest.as_millis()
    );
    ensure!(slowest < PAGE_LIMIT, "a page took {slowest:?}");
    Ok(path)
}
