//! Closed-loop load: so many connections, each sending its next request when the last was answered,
//! bounded in time and in number.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::latencies::Latencies;
use crate::client::{Answer, Call, Connection};

/// No figure needs more; a runaway loop must not fill the disk.
const MOST_REQUESTS: u64 = 2_000_000;

/// How hard and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) duration: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) latencies: Latencies,
    pub(crate) elapsed: Duration,
    /// What each worker kept of the answers.
    pub(crate) kept: Vec<String>,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.count() as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

/// Sends `call(n)` for n = 0, 1, 2 … until the time is over. An answer with another status than
/// the expected one is an error: a rate of refusals is no rate.
pub(crate) async fn drive(
    address: SocketAddr,
    key: &str,
    load: Load,
    expected_status: u16,
    call: impl Fn(u64) -> Call + Send + Sync + 'static,
    keep: impl Fn(&Answer) -> Option<String> + Send + Sync + 'static,
) -> Result<Outcome> {
    let next = Arc::new(AtomicU64::new(0));
    let call = Arc::new(call);
    let keep = Arc::new(keep);
    let started = Instant::now();
    let mut workers = Vec::new();
    for _ in 0..load.connections {
        let mut connection = Connection::open(address, key).await?;
        let (next, call, keep) = (Arc::clone(&next), Arc::clone(&call), Arc::clone(&keep));
        workers.push(tokio::spawn(async move {
            let mut latencies = Latencies::default();
            let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
            let mut kept = Vec::new();
            while started.elapsed() < load.duration {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= MOST_REQUESTS {
                    break;
                }
                let request = call(number);
                let sent = Instant::now();
                let answer = connection.send(&request).await?;
                latencies.add(sent.elapsed());
                *statuses.entry(answer.status.as_u16()).or_default() += 1;
                kept.extend(keep(&answer));
            }
            Ok::<_, anyhow::Error>((latencies, statuses, kept))
        }));
    }
    let mut outcome = Outcome {
        latencies: Latencies::default(),
        elapsed: Duration::ZERO,
        kept: Vec::new(),
    };
    for worker in workers {
        let (latencies, statuses, kept) = worker.await.context("a worker panicked")??;
        ensure!(
            statuses.keys().all(|status| *status == expected_status),
            "expected only {expected_status}, got {statuses:?}"
        );
        outcome.latencies.merge(latencies);
        outcome.kept.extend(kept);
    }
    outcome.elapsed = started.elapsed();
    Ok(outcome)
}
