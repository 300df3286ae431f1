//! Clients drive sessions through a gate while the server is killed under them. Each client repeats
//! what got no answer, with the same idempotency key, as a careful customer would; at the end every
//! session has its one right outcome and no key has made two.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::random::Choices;
use crate::client::{Answer, Call, Connection, block_on};
use crate::verifa::Installation;

/// Clients that work at once; each has one session in hand.
const CLIENTS: u64 = 4;
/// One call, repeated through restarts, must be answered within this time.
const CALL_LIMIT: Duration = Duration::from_mins(1);
/// A session whose server was killed goes on within 30 s (workflows.md); twice that is broken.
const SETTLE_LIMIT: Duration = Duration::from_mins(1);

/// Where a session must end, by the decision its client gives at the gate.
const OUTCOMES: [(&str, &str, Option<&str>); 3] = [
    ("continue", "completed", Some("approved")),
    ("reject", "completed", Some("rejected")),
    ("fail", "under_review", Some("needs_review")),
];

/// What a client remembers of a session it drove.
struct Driven {
    session: String,
    key: String,
    decision: &'static str,
}

pub(super) fn run(installation: &Installation, kills: u32, seed: u64) -> Result<()> {
    let server = installation.serve(None)?;
    let address = server.address();
    let workflow = block_on(create_workflow(address, installation.live_key()))?;
    let stop = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (stop, made, workflow) = (Arc::clone(&stop), Arc::clone(&made), workflow.clone());
            let key = installation.live_key().to_owned();
            thread::spawn(move || {
                block_on(client_loop(
                    address, &key, &workflow, client, seed, &stop, &made,
                ))
            })
        })
        .collect();

    let mut choices = Choices::from_seed(seed);
    let mut server = Some(server);
    for number in 0..kills {
        thread::sleep(Duration::from_millis(20 + choices.below(400)));
        server.take().context("no server")?.kill()?;
        server = Some(
            installation
                .serve_at(address, None)
                .with_context(|| format!("after kill {}", number + 1))?,
        );
    }
    stop.store(true, Ordering::Relaxed);
    let mut driven = Vec::new();
    for client in clients {
        match client.join() {
            Ok(sessions) => driven.extend(sessions?),
            Err(_) => bail!("a client panicked"),
        }
    }
    println!("{kills} kills, {} sessions driven", driven.len());
    block_on(verify(address, installation.live_key(), &driven))?;
    server.take().context("no server")?.stop()?;
    installation
        .run(&["audit", "verify"])
        .context("the audit chain")
}

async fn create_workflow(address: SocketAddr, key: &str) -> Result<String> {
    let body = json!({
        "name": "soak",
        "steps": [
            {"id": "before", "policy": "age_verification", "on_fail": "continue",
             "on_skipped": "continue"},
            {"id": "gate", "type": "external_gate", "config": {"timeout_minutes": 1440},
             "on_fail": "review"},
            {"id": "after", "policy": "document_expiration", "on_fail": "continue",
             "on_skipped": "continue"}
        ],
        "data_requirements": {"document": {"types": [], "required": false}, "selfie": false,
                              "liveness": "off"},
    });
    let mut connection = Connection::open(address, key).await?;
    let created = connection
        .send(&Call::post("/api/v1/workflows", &body))
        .await?
        .expect(201)?;
    Ok(created
        .get("id")
        .and_then(Value::as_str)
        .context("no workflow id")?
        .to_owned())
}

async fn client_loop(
    address: SocketAddr,
    key: &str,
    workflow: &str,
    client: u64,
    seed: u64,
    stop: &AtomicBool,
    made: &AtomicU64,
) -> Result<Vec<Driven>> {
    let mut choices = Choices::from_seed(seed.wrapping_add(client).wrapping_add(1));
    let mut driven = Vec::new();
    let mut line = Line {
        address,
        key,
        connection: None,
    };
    while !stop.load(Ordering::Relaxed) {
        let idempotency_key = format!("soak-{seed}-{client}-{}", driven.len());
        let (decision, ..) = choices.pick(&OUTCOMES).copied().context("no outcomes")?;
        let create = Call::post("/api/v1/sessions", &json!({"workflow_id": workflow}))
            .idempotent(&idempotency_key);
        let created = line.persist(&create).await?.expect(201)?;
        let session = created
            .get("id")
            .and_then(Value::as_str)
            .context("no id")?
            .to_owned();
        made.fetch_add(1, Ordering::Relaxed);
        let submit = Call::post_empty(format!("/api/v1/sessions/{session}/submit"))
            .idempotent(format!("{idempotency_key}-submit"));
        line.persist(&submit).await?.expect(200)?;
        line.wait_for(&session, "awaiting_external").await?;
        let decide = Call::post(
            format!("/api/v1/sessions/{session}/external-decision"),
            &json!({"decision": decision}),
        )
        .idempotent(format!("{idempotency_key}-decide"));
        line.persist(&decide).await?.expect(200)?;
        driven.push(Driven {
            session,
            key: idempotency_key,
            decision,
        });
    }
    Ok(driven)
}

/// A connection that is opened again whenever the server was killed under it.
struct Line<'a> {
    address: SocketAddr,
    key: &'a str,
    connection: Option<Connection>,
}

impl Line<'_> {
    /// Repeats a call until it gets an answer that isn't "not now" (503, or 409 while the first
    /// try is still being worked on).
    async fn persist(&mut self, call: &Call) -> Result<Answer> {
        let started = Instant::now();
        let mut last = String::from("no connection");
        while started.elapsed() < CALL_LIMIT {
            match self.attempt(call).await {
                Ok(answer) if answer.status.as_u16() == 503 => last = "503".into(),
                Ok(answer) if is_in_progress(&answer) => last = "409, in progress".into(),
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    last = format!("{error:#}");
                    self.connection = None;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{} {} was never answered: {last}", call.method, call.path)
    }

    async fn attempt(&mut self, call: &Call) -> Result<Answer> {
        if self.connection.is_none() {
            self.connection = Some(Connection::open(self.address, self.key).await?);
        }
        self.connection
            .as_mut()
            .context("no connection")?
            .send(call)
            .await
    }

    async fn wait_for(&mut self, session: &str, wanted: &str) -> Result<()> {
        let started = Instant::now();
        let call = Call::get(format!("/api/v1/sessions/{session}"));
        let mut status = String::new();
        while started.elapsed() < SETTLE_LIMIT {
            let object = self.persist(&call).await?.expect(200)?;
            status = object
                .get("status")
                .and_then(Value::as_str)
                .context("no status")?
                .to_owned();
            if status == wanted {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("session {session} is {status}, not {wanted}, after {SETTLE_LIMIT:?}")
    }
}

/// A 409 that asks to come back is about the idempotency key, not about the session.
fn is_in_progress(answer: &Answer) -> bool {
    answer.status.as_u16() == 409
        && answer.json().is_ok_and(|body| {
            body.get("detail")
                .and_then(Value::as_str)
                .is_some_and(|detail| detail.to_ascii_lowercase().contains("idempotency"))
        })
}

/// After the last restart: outcomes, and nothing doubled.
async fn verify(address: SocketAddr, key: &str, driven: &[Driven]) -> Result<()> {
    let mut line = Line {
        address,
        key,
        connection: None,
    };
    let mut session_of_key = BTreeMap::new();
    for one in driven {
        ensure!(
            session_of_key.insert(&one.key, &one.session).is_none(),
            "one client used a key twice"
        );
        let (_, status, result) = OUTCOMES
            .iter()
            .find(|(decision, ..)| *decision == one.decision)
            .context("unknown decision")?;
        line.wait_for(&one.session, status).await?;
        let path = format!("/api/v1/sessions/{}", one.session);
        let answer = line
            .persist(&Call::get(format!("{path}/result")))
            .await?
            .expect(200)?;
        let found = answer.get("status").and_then(Value::as_str);
        ensure!(
            found == *result,
            "{}: result {found:?}, not {result:?}",
            one.session
        );
        let run = line
            .persist(&Call::get(format!("{path}/workflow-run")))
            .await?
            .expect(200)?;
        let decisions = run
            .get("gate_decisions")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        ensure!(
            decisions == 1,
            "{}: {decisions} gate decisions",
            one.session
        );
        let checks = line
            .persist(&Call::get(format!("{path}/verifications")))
            .await?
            .expect(200)?;
        for check in checks
            .get("data")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let attempt = check.get("attempt_number").and_then(Value::as_u64);
            ensure!(
                attempt == Some(1),
                "{}: a check was recorded twice",
                one.session
            );
        }
    }
    let distinct: BTreeSet<_> = session_of_key.values().collect();
    ensure!(distinct.len() == driven.len(), "two keys share a session");
    let list = line
        .persist(&Call::get("/api/v1/sessions?limit=1"))
        .await?
        .expect(200)?;
    let total = list
        .pointer("/pagination/total")
        .and_then(Value::as_u64)
        .context("no total")?;
    ensure!(
        total == u64::try_from(driven.len())?,
        "{total} sessions exist, {} were asked for",
        driven.len()
    );
    println!(
        "all {} sessions have their one outcome; none exists twice",
        driven.len()
    );
    Ok(())
}
