//! Sessions created and read per second.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::Options;
use super::latencies::milliseconds;
use super::load::{Load, Outcome, drive};
use super::page::Table;
use crate::client::{Call, block_on};
use crate::verifa::{Installation, Server, Usage, usage_of};

pub(super) fn table() -> Table {
    Table::new(
        "Requests",
        "Closed loop on keep-alive connections. Rate limits are off (a self-hosted organization's \
         default). `server` and `load` are CPU-seconds per second of the run: what each took of \
         the machine (PostgreSQL's own processes come on top).",
        &[
            "database",
            "request",
            "connections",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "server CPU",
            "load CPU",
        ],
    )
}

pub(super) fn measure(
    installation: &Installation,
    database: &str,
    options: &Options,
    table: &mut Table,
) -> Result<()> {
    let server = installation.serve(None)?;
    let key = installation.live_key();
    let mut sessions = Vec::new();
    for &connections in &options.connections {
        let load = Load {
            connections,
            duration: Duration::from_secs(options.seconds),
        };
        let (created, shares) = shared(&server, || {
            block_on(drive(
                server.address(),
                key,
                load,
                201,
                |_| Call::post("/api/v1/sessions", &json!({})),
                |answer| Some(answer.json().ok()?.get("id")?.as_str()?.to_owned()),
            ))
        })?;
        row(
            table,
            database,
            "create session",
            connections,
            &created,
            shares,
        );
        sessions.extend(created.kept);
    }
    let sessions = Arc::new(sessions);
    let count = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
    anyhow::ensure!(count > 0, "no session was created");
    for &connections in &options.connections {
        let load = Load {
            connections,
            duration: Duration::from_secs(options.seconds),
        };
        let ids = Arc::clone(&sessions);
        let (read, shares) = shared(&server, || {
            block_on(drive(
                server.address(),
                key,
                load,
                200,
                move |number| {
                    // A fixed stride visits them in no order of their making.
                    let index = usize::try_from(number.wrapping_mul(7919) % count).unwrap_or(0);
                    let id = ids.get(index).map_or("", String::as_str);
                    Call::get(format!("/api/v1/sessions/{id}"))
                },
                |_| None,
            ))
        })?;
        row(table, database, "get session", connections, &read, shares);
    }
    server.stop().context("after the load")
}

/// Runs a load and tells which share of the run's time server and generator computed.
fn shared(server: &Server, load: impl FnOnce() -> Result<Outcome>) -> Result<(Outcome, [f64; 2])> {
    let before = [server.usage()?, usage_of("self")?];
    let outcome = load()?;
    let after = [server.usage()?, usage_of("self")?];
    let seconds = outcome.elapsed.as_secs_f64().max(f64::EPSILON);
    let share =
        |before: Usage, after: Usage| after.cpu.saturating_sub(before.cpu).as_secs_f64() / seconds;
    let ([server_before, own_before], [server_after, own_after]) = (before, after);
    Ok((
        outcome,
        [
            share(server_before, server_after),
            share(own_before, own_after),
        ],
    ))
}

fn row(
    table: &mut Table,
    database: &str,
    request: &str,
    connections: usize,
    outcome: &Outcome,
    [server, load]: [f64; 2],
) {
    table.row(&[
        database.to_owned(),
        request.to_owned(),
        connections.to_string(),
        format!("{:.0}", outcome.per_second()),
        milliseconds(outcome.latencies.percentile(0.5)),
        milliseconds(outcome.latencies.percentile(0.99)),
        format!("{server:.2}"),
        format!("{load:.2}"),
    ]);
}
