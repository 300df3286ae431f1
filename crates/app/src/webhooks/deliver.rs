//! The deliverer: claims lanes that are due, works on them, and sleeps until woken.
//!
//! Nothing polls: the sealer's commits wake it, and the earliest due time does. A lane's claim is a
//! lease longer than the longest try, pushed on by each commit of its owner, so that another
//! process takes over what a dead one held.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use verifa_core::id::WebhookEndpointId;
use verifa_core::time::Timestamp;
use verifa_store::db::Commit;
use verifa_store::webhook_lanes::{self as lanes, Lane};

use super::desk::{Claim, Desk, Held};
use super::lane;
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
    desk: Arc<Desk>,
}

impl Deliverer {
    /// A deliverer for this process.
    pub fn new(app: Arc<App>) -> Self {
        let desk = Arc::new(Desk::new(app.settings.webhooks));
        Self { app, desk }
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
        self.desk.board.close();
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
    /// not. All endpoints are claimed from together, so that the database makes them durable
    /// together.
    async fn round(&self, running: &mut JoinSet<()>) -> Result<Option<Timestamp>, AppError> {
        self.settle(running).await?;
        let now = self.app.clock.now();
        let (mut due, mut next) = (Vec::new(), None);
        for (endpoint, at) in self.agenda().await? {
            if at > now {
                // The agenda is in order.
                next = Some(at);
                break;
            }
            due.push(endpoint);
        }
        // One without room is looked at again when a lane ends.
        let (shares, is_full) = self.desk.board.share(&due);
        let claims = shares.into_iter().map(|(endpoint, room)| {
            let claim = Claim::new(&self.app, endpoint);
            async move { (claim, room, self.claim(claim, now, room).await) }
        });
        let mut fault = None;
        for (claim, room, claimed) in join_all(claims).await {
            let endpoint = claim.endpoint;
            match claimed {
                Ok(claimed) => {
                    let unused = room.saturating_sub(claimed.len());
                    self.desk.board.end(endpoint, unused);
                    // Another process was first, or others can have the room.
                    if claimed.is_empty() || (is_full && unused > 0) {
                        next = Some(now);
                    }
                    for lane in claimed {
                        running.spawn(self.slot(lane));
                    }
                }
                Err(error) => {
                    self.desk.board.end(endpoint, room);
                    self.desk.doubt([claim]);
                    fault = Some(error);
                }
            }
        }
        fault.map_or(Ok(next), Err)
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
        claim: Claim,
        now: Timestamp,
        room: usize,
    ) -> Result<Vec<Lane>, AppError> {
        let most = i64::try_from(room).unwrap_or(1);
        let rows = self.app.db.write(claim.of(&self.app, now, most)).await?;
        let claimed: Result<Vec<_>, _> = rows.iter().map(Lane::from_row).collect();
        Ok(claimed?)
    }

    /// Takes up what claims took whose answer was lost.
    async fn settle(&self, running: &mut JoinSet<()>) -> Result<(), AppError> {
        while let Some(claim) = self.desk.next_doubt() {
            let taken = lanes::claimed_by(claim.endpoint, claim.name);
            let rows = match self.app.db.query(taken).await {
                Ok(rows) => rows,
                Err(error) => {
                    self.desk.doubt([claim]);
                    return Err(error.into());
                }
            };
            for row in &rows {
                let lane = Lane::from_row(row)?;
                self.desk.board.begin(claim.endpoint);
                running.spawn(self.slot(lane));
            }
        }
        Ok(())
    }

    /// Works on a lane, and on those of the same endpoint that its commits hand over.
    fn slot(&self, lane: Lane) -> impl Future<Output = ()> + use<> {
        let app = Arc::clone(&self.app);
        let mut held = Held::new(lane, Arc::clone(&self.desk));
        async move {
            loop {
                let passed = match lane::work(&app, &held).await {
                    Ok(passed) => passed,
                    Err(error) => {
                        tracing::warn!(error = %error, "a webhook could not be worked on");
                        lane::give_up(&app, &held.lane, &error).await;
                        None
                    }
                };
                held.let_go();
                let Some(lane) = passed else { return };
                // Counted before the former one is not.
                held.desk.board.begin(lane.endpoint_id);
                held = Held::new(lane, Arc::clone(&held.desk));
            }
        }
    }

    /// Makes what was cut off due again at once.
    async fn give_back(&self) {
        let now = self.app.clock.now();
        for lane in self.desk.left() {
            let mut commit = Commit::new();
            commit.push(lanes::release(&lane, now, now)).wake_jobs();
            if let Err(error) = self.app.db.commit(commit).await {
                tracing::debug!(error = %error, "a webhook could not be given back; its lease runs out by itself");
            }
        }
    }
}
