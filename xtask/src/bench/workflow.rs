//! What the engine costs: time per workflow step beyond the check's own, and from a gate's
//! decision to the step after it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::latencies::{Latencies, milliseconds};
use super::page::Table;
use crate::client::{Call, Connection, block_on};
use crate::verifa::Installation;

/// Sessions per figure; a p99 wants some hundreds.
const SESSIONS: usize = 400;
/// A run without checks that compute takes milliseconds; one that takes this long hangs.
const RUN_LIMIT: Duration = Duration::from_secs(20);

pub(super) fn table() -> Table {
    Table::new(
        "Workflow",
        "One session after the other, no document. Step overhead: a run's time from its first \
         node to its end, divided by its nodes, all of which only look at stored values; it \
         includes each node's durable commit and the hand-over to the next. Gate to end: from \
         sending the decision to the first read that shows the session completed, polled on the \
         same connection, so with both requests' own time and the nodes after the gate.",
        &[
            "database", "what", "sessions", "p50 ms", "p99 ms", "worst ms",
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
        let steps = step_overhead(&mut connection)
            .await
            .context("step overhead")?;
        row(table, database, "step overhead", &steps);
        let gates = gate_to_end(&mut connection).await.context("gate to end")?;
        row(table, database, "gate decision to end of run", &gates);
        Ok(())
    })?;
    server.stop()
}

fn row(table: &mut Table, database: &str, what: &str, latencies: &Latencies) {
    table.row(&[
        database.to_owned(),
        what.to_owned(),
        latencies.count().to_string(),
        milliseconds(latencies.percentile(0.5)),
        milliseconds(latencies.percentile(0.99)),
        milliseconds(latencies.percentile(1.0)),
    ]);
}

async fn step_overhead(connection: &mut Connection) -> Result<Latencies> {
    let step = |policy: &str| {
        json!({"policy": policy, "on_fail": "continue", "on_skipped": "continue",
               "on_error": "continue"})
    };
    let workflow = create_workflow(
        connection,
        json!([
            step("document_expiration"),
            step("age_verification"),
            step("auto_approve")
        ]),
    )
    .await?;
    let mut latencies = Latencies::default();
    for _ in 0..SESSIONS {
        let session = create_session(connection, &workflow).await?;
        submit(connection, &session).await?;
        wait_for(connection, &session, |status| !is_running(status)).await?;
        let path = format!("/api/v1/sessions/{session}/workflow-run");
        let run = connection.send(&Call::get(path)).await?.expect(200)?;
        latencies.add(time_per_node(&run)?);
    }
    Ok(latencies)
}

/// The run's duration over the number of its nodes; the API gives whole milliseconds of the run.
fn time_per_node(run: &Value) -> Result<Duration> {
    let nodes = run
        .get("node_results")
        .and_then(Value::as_object)
        .context("no node_results")?;
    let total = run
        .get("duration_ms")
        .and_then(Value::as_f64)
        .context("no duration_ms")?;
    let own: f64 = nodes
        .values()
        .filter_map(|node| node.get("duration_ms").and_then(Value::as_f64))
        .sum();
    anyhow::ensure!(nodes.len() >= 4, "only {} nodes ran", nodes.len());
    Ok(Duration::from_secs_f64(
        (total - own).max(0.0) / 1000.0 / nodes.len() as f64,
    ))
}

async fn gate_to_end(connection: &mut Connection) -> Result<Latencies> {
    let workflow = create_workflow(
        connection,
        json!([
            {"id": "gate", "type": "external_gate", "config": {"timeout_minutes": 60}},
            {"id": "done", "policy": "auto_approve", "on_fail": "continue",
             "on_skipped": "continue"}
        ]),
    )
    .await?;
    let mut latencies = Latencies::default();
    for _ in 0..SESSIONS {
        let session = create_session(connection, &workflow).await?;
        submit(connection, &session).await?;
        wait_for(connection, &session, |status| status == "awaiting_external").await?;
        let path = format!("/api/v1/sessions/{session}/external-decision");
        let decision = Call::post(path, &json!({"decision": "continue"}));
        let sent = Instant::now();
        connection.send(&decision).await?.expect(200)?;
        wait_for(connection, &session, |status| !is_running(status)).await?;
        latencies.add(sent.elapsed());
    }
    Ok(latencies)
}

async fn create_workflow(connection: &mut Connection, steps: Value) -> Result<String> {
    let body = json!({
        "name": "benchmark",
        "steps": steps,
        "data_requirements": {"document": {"types": [], "required": false}, "selfie": false,
                              "liveness": "off"},
    });
    let created = connection
        .send(&Call::post("/api/v1/workflows", &body))
        .await?
        .expect(201)?;
    id_of(&created)
}

/// A new session on a workflow; its id.
pub(super) async fn create_session(connection: &mut Connection, workflow: &str) -> Result<String> {
    let body = json!({"workflow_id": workflow});
    let created = connection
        .send(&Call::post("/api/v1/sessions", &body))
        .await?
        .expect(201)?;
    id_of(&created)
}

pub(super) async fn submit(connection: &mut Connection, session: &str) -> Result<()> {
    let path = format!("/api/v1/sessions/{session}/submit");
    connection
        .send(&Call::post_empty(path))
        .await?
        .expect(200)
        .map(drop)
}

pub(super) fn id_of(object: &Value) -> Result<String> {
    Ok(object
        .get("id")
        .and_then(Value::as_str)
        .context("no id in the answer")?
        .to_owned())
}

/// Whether the engine still has work.
pub(super) fn is_running(status: &str) -> bool {
    matches!(status, "processing" | "awaiting_external")
}

/// Reads the session until its status is wanted. Failed, where that wasn't asked for, is an error.
pub(super) async fn wait_for(
    connection: &mut Connection,
    session: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<String> {
    let started = Instant::now();
    let call = Call::get(format!("/api/v1/sessions/{session}"));
    while started.elapsed() < RUN_LIMIT {
        let object = connection.send(&call).await?.expect(200)?;
        let status = object
            .get("status")
            .and_then(Value::as_str)
            .context("no status")?;
        anyhow::ensure!(status != "failed", "the session failed");
        if wanted(status) {
            return Ok(status.to_owned());
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    anyhow::bail!(
        "the session did not get on within {} s",
        RUN_LIMIT.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::time_per_node;

    #[test]
    fn overhead_leaves_out_the_checks_own_time() {
        let node = json!({"duration_ms": 1});
        let run = json!({"duration_ms": 12,
            "node_results": {"a": node, "b": node, "c": node, "d": node}});
        assert_eq!(time_per_node(&run).unwrap(), Duration::from_millis(2));
        assert!(time_per_node(&json!({"duration_ms": 1, "node_results": {}})).is_err());
    }
}
