//! What `/readyz` asks, and how often: a stranger may poll it, and a probe writes to the disk.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use tokio::sync::Mutex;
use verifa_core::time::{Clock, Timestamp};

/// Longest time one probe may take.
const PROBE_LIMIT: Duration = Duration::from_secs(2);
/// How long it is believed that everything works.
const WORKING_KEPT: Duration = Duration::from_secs(5);
/// How long it is believed that something fails: shorter, so that what recovers is soon in use.
const FAILING_KEPT: Duration = Duration::from_secs(1);

/// One thing that the server needs to do its work.
pub trait Probe: Send + Sync {
    /// Its name, such as `database`.
    fn name(&self) -> &'static str;
    /// Whether the server can't work without it. What is not essential is told in the answer and
    /// refuses nothing: calls that do not need it go on.
    fn is_essential(&self) -> bool {
        true
    }
    /// Whether it works; the error goes to the log.
    fn check(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// What a probe found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probed {
    pub(crate) name: &'static str,
    pub(crate) ok: bool,
    pub(crate) is_essential: bool,
}

impl Probed {
    /// Whether the server can't work because of it.
    pub(crate) const fn is_missing(&self) -> bool {
        self.is_essential && !self.ok
    }
}

/// The findings of one round, and when they were complete.
struct Round {
    at: Timestamp,
    found: Arc<[Probed]>,
}

impl Round {
    fn holds_at(&self, now: Timestamp) -> bool {
        let kept = if self.found.iter().any(Probed::is_missing) {
            FAILING_KEPT
        } else {
            WORKING_KEPT
        };
        // A clock that went back makes it worthless too.
        self.at <= now && now < self.at.plus(kept)
    }
}

/// The probes, asked by one caller at a time; the others share what it found.
pub(crate) struct Probes {
    probes: Arc<[Box<dyn Probe>]>,
    last: Arc<Mutex<Option<Round>>>,
}

impl Probes {
    pub(crate) fn new(probes: Vec<Box<dyn Probe>>) -> Self {
        Self {
            probes: probes.into(),
            last: Arc::default(),
        }
    }

    /// What the probes found just now, or a few seconds ago.
    ///
    /// `None` when the round broke off, which is a fault of the program.
    pub(crate) async fn ask(&self, clock: &Arc<dyn Clock>) -> Option<Arc<[Probed]>> {
        let mut last = Arc::clone(&self.last).lock_owned().await;
        if let Some(round) = last.as_ref().filter(|round| round.holds_at(clock.now())) {
            return Some(Arc::clone(&round.found));
        }
        let (probes, clock) = (Arc::clone(&self.probes), Arc::clone(clock));
        // A task of its own: a caller who hangs up must not make the next one begin again.
        let round = tokio::spawn(async move {
            let found: Arc<[Probed]> = join_all(probes.iter().map(|probe| ask(&**probe)))
                .await
                .into();
            *last = Some(Round {
                at: clock.now(),
                found: Arc::clone(&found),
            });
            found
        });
        round.await.ok()
    }
}

async fn ask(probe: &dyn Probe) -> Probed {
    let outcome = tokio::time::timeout(PROBE_LIMIT, probe.check()).await;
    let outcome = outcome.unwrap_or_else(|_| Err("no answer within 2 seconds".to_owned()));
    if let Err(cause) = &outcome {
        tracing::warn!(probe = probe.name(), cause, "not ready");
    }
    Probed {
        name: probe.name(),
        ok: outcome.is_ok(),
        is_essential: probe.is_essential(),
    }
}
