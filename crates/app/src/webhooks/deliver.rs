//! The deliverer: claims lanes that are due, works on them, and sleeps until woken.
//!
//! Nothing polls: the sealer's commits wake it, and the earliest due time does. A lane's claim is a
//! lease longer than the longest try, pushed on by each commit of its owner, so that another
//! process takes over what a dead one held.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use verifa_core::id::WebhookEndpointId;
use verifa_core::time::Timestamp;
use verifa_store::db::Commit;
use verifa_store::webhook_lanes::{self as lanes, Lane};

use super::board::Board;
use super::lane::{self, Held};
use crate::App;
use crate::error::AppError;

/// Looks at the table at least this often: for what no wake-up told.
const NET: Duration = crate::change::NO_NEED_TO_WAKE;
/// The wait after the database did not answer.
const PAUSE: Duration = Duration::from_secs(1);
/// The shortest wait: a due lane that another process is claiming right now must not make us spin.
const BREATH: Duration = Duration::from_millis(5);
/// Lanes that end within this time are followed by one look at the table.
const GATHER: Duration = Duration::from_millis(1);

/// Sends webhooks in the background of one process.
pub struct Deliverer {
    app: Arc<App>,
    owner: Uuid,
    board: Arc<Board>,
    held: Arc<Mutex<HashSet<Lane>>>,
}

impl Deliverer {
    /// A deliverer for this process.
    pub fn new(app: Arc<App>) -> Self {
        let owner = app.new_uuid();
        let board = Arc::new(Board::new(app.settings.webhooks));
        Self {
            app,
            owner,
            board,
            held: Arc::default(),
        }
    }

    /// Sends until told to stop; then lets what is under way finish for at most `grace` and gives
    /// the rest back.
    pub async fn run(self, stop: CancellationToken, grace: Duration) {
        let mut running = JoinSet::new();
        let mut wakes = self.app.db.wakes();
        while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            let nap = match self.round(&mut running).await {
                Ok(due) => due.map_or(NET, |due| due.since(self.app.clock.now()).min(NET)),
                Err(error) => {
                    tracing::warn!(error = %error, "claiming webhooks failed; trying again");
                    PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = wakes.woken() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {
                    tokio::time::sleep(GATHER).await;
                }
                () = tokio::time::sleep(nap.max(BREATH)) => {}
            }
        }
        let finished = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!(lanes = running.len(), "giving unfinished webhooks back");
        }
        running.shutdown().await;
        self.give_back().await;
    }

    /// Sends whatever is due by the clock, until nothing is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliver_due(&self) -> Result<(), AppError> {
        let mut running = JoinSet::new();
        loop {
            self.round(&mut running).await?;
            if running.join_next().await.is_none() {
                return Ok(());
            }
        }
    }

    /// Takes up what is due, as far as there is room; answers when the next lane is due that is
    /// not.
    async fn round(&self, running: &mut JoinSet<()>) -> Result<Option<Timestamp>, AppError> {
        let mut next: Option<Timestamp> = None;
        for (endpoint, due) in self.agenda().await? {
            let now = self.app.clock.now();
            if due > now {
                next = Some(next.map_or(due, |earliest| earliest.min(due)));
                continue;
            }
            // One without room is looked at again when one of its lanes ends.
            let room = self.board.room(endpoint);
            if room == 0 {
                continue;
            }
            let claimed = self.claim(endpoint, now, room).await?;
            if claimed.is_empty() {
                // Another process was first.
                next = Some(now);
            }
            self.board.begin(endpoint, claimed.len());
            for lane in claimed {
                running.spawn(self.task(lane));
            }
        }
        Ok(next)
    }

    /// Each endpoint with lanes, and when the first of them is due; those that wait longest first.
    async fn agenda(&self) -> Result<Vec<(WebhookEndpointId, Timestamp)>, AppError> {
        let mut agenda = Vec::new();
        for row in self.app.db.query(lanes::agenda()).await? {
            if let Some(due) = row.get::<Option<Timestamp>>(1)? {
                agenda.push((row.id(0)?, due));
            }
        }
        agenda.sort_by_key(|(_, due)| *due);
        Ok(agenda)
    }

    async fn claim(
        &self,
        endpoint: WebhookEndpointId,
        now: Timestamp,
        room: usize,
    ) -> Result<Vec<Lane>, AppError> {
        let lease = lane::lease(&self.app);
        let most = i64::try_from(room).unwrap_or(1);
        let claim = lanes::claim(endpoint, now, lease, self.owner, most);
        let rows = self.app.db.write(claim).await?;
        let claimed: Result<Vec<_>, _> = rows.iter().map(Lane::from_row).collect();
        Ok(claimed?)
    }

    fn task(&self, lane: Lane) -> impl Future<Output = ()> + use<> {
        let app = Arc::clone(&self.app);
        let held = Held::new(lane, Arc::clone(&self.board), Arc::clone(&self.held));
        async move {
            if let Err(error) = lane::work(&app, &held).await {
                tracing::warn!(error = %error, "a webhook could not be worked on; its lease runs out by itself");
            }
            held.let_go();
        }
    }

    /// The lanes that were cut off.
    fn left(&self) -> Vec<Lane> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.drain().collect()
    }

    /// Makes what was cut off due again at once.
    async fn give_back(&self) {
        for lane in self.left() {
            let mut commit = Commit::new();
            commit
                .push(lanes::release(&lane, self.app.clock.now()))
                .wake_jobs();
            if let Err(error) = self.app.db.commit(commit).await {
                tracing::debug!(error = %error, "a webhook could not be given back; its lease runs out by itself");
            }
        }
    }
}
