//! What one process's deliverer has before it: the lanes that it holds, and claims in doubt.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use uuid::Uuid;
use verifa_core::id::WebhookEndpointId;
use verifa_core::time::Timestamp;
use verifa_store::db::Stmt;
use verifa_store::webhook_lanes::{self as lanes, Lane};

use super::board::Board;
use crate::App;
use crate::settings::WebhookBounds;

/// Beyond a try: for the commits around it.
const MARGIN: Duration = Duration::from_secs(15);

/// How long a lane is ours without a commit: longer than any try.
pub(crate) fn lease(app: &App) -> Duration {
    app.webhooks.timeout() + MARGIN
}

/// One claim of an endpoint's due lanes. Each has a name of its own, by which is found what it took
/// when the database's answer was lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) endpoint: WebhookEndpointId,
    pub(super) name: Uuid,
}

impl Claim {
    pub(super) fn new(app: &App, endpoint: WebhookEndpointId) -> Self {
        Self {
            endpoint,
            name: app.new_uuid(),
        }
    }

    /// The statement that takes up to `most` lanes.
    pub(super) fn of(&self, app: &App, now: Timestamp, most: i64) -> Stmt {
        lanes::claim(self.endpoint, now, lease(app), self.name, most)
    }
}

/// The desk of one process's deliverer.
pub(super) struct Desk {
    pub(super) board: Board,
    held: Mutex<HashSet<Lane>>,
    doubts: Mutex<Vec<Claim>>,
}

impl Desk {
    pub(super) fn new(bounds: WebhookBounds) -> Self {
        Self {
            board: Board::new(bounds),
            held: Mutex::default(),
            doubts: Mutex::default(),
        }
    }

    /// Notes a claim of which nobody knows whether it happened.
    pub(super) fn doubt(&self, claim: impl IntoIterator<Item = Claim>) {
        lock(&self.doubts).extend(claim);
    }

    /// Takes one such claim, to find out.
    pub(super) fn next_doubt(&self) -> Option<Claim> {
        lock(&self.doubts).pop()
    }

    /// Takes the lanes that were cut off.
    pub(super) fn left(&self) -> Vec<Lane> {
        lock(&self.held).drain().collect()
    }
}

/// A lane that this process works on. Dropped, it leaves the board; only what is let go needs not
/// be given back.
pub(super) struct Held {
    pub(super) lane: Lane,
    pub(super) desk: Arc<Desk>,
}

impl Held {
    /// A lane just claimed, which the board counts already.
    pub(super) fn new(lane: Lane, desk: Arc<Desk>) -> Self {
        lock(&desk.held).insert(lane);
        Self { lane, desk }
    }

    /// Notes that nothing of the lane is under way any more.
    pub(super) fn let_go(&self) {
        lock(&self.desk.held).remove(&self.lane);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.desk.board.end(self.lane.endpoint_id, 1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
