//! How many webhooks are under way, and to whom: a slow or dead endpoint must not delay others.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use verifa_core::id::WebhookEndpointId;

use crate::settings::WebhookBounds;

/// An endpoint whose last try took longer counts as slow.
const SLOW: Duration = Duration::from_secs(5);

/// What this process knows of an endpoint.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    under_way: usize,
    failing: bool,
    slow: bool,
}

impl Standing {
    const fn is_troubled(self) -> bool {
        self.failing || self.slow
    }

    /// Nothing that a new entry would not say too.
    const fn is_ordinary(self) -> bool {
        self.under_way == 0 && !self.is_troubled()
    }
}

/// The lanes under way of one process.
pub(super) struct Board {
    bounds: WebhookBounds,
    standings: Mutex<HashMap<WebhookEndpointId, Standing>>,
}

impl Board {
    pub(super) fn new(bounds: WebhookBounds) -> Self {
        Self {
            bounds,
            standings: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WebhookEndpointId, Standing>> {
        self.standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more lanes of an endpoint may be under way: within its own bound, within that of
    /// all, and for one that fails or is slow within half of that.
    pub(super) fn room(&self, endpoint: WebhookEndpointId) -> usize {
        let standings = self.lock();
        let standing = standings.get(&endpoint).copied().unwrap_or_default();
        let own = if standing.failing {
            1
        } else {
            self.bounds.per_endpoint
        };
        let all: usize = standings.values().map(|other| other.under_way).sum();
        let mut room = own
            .saturating_sub(standing.under_way)
            .min(self.bounds.at_once.saturating_sub(all));
        if standing.is_troubled() {
            let troubled = standings.values().filter(|other| other.is_troubled());
            let under_way: usize = troubled.map(|other| other.under_way).sum();
            room = room.min((self.bounds.at_once / 2).saturating_sub(under_way));
        }
        room
    }

    /// Notes that lanes of an endpoint are under way.
    pub(super) fn begin(&self, endpoint: WebhookEndpointId, lanes: usize) {
        self.lock().entry(endpoint).or_default().under_way += lanes;
    }

    /// Notes that a lane is not any more.
    pub(super) fn end(&self, endpoint: WebhookEndpointId) {
        let mut standings = self.lock();
        if let Some(standing) = standings.get_mut(&endpoint) {
            standing.under_way = standing.under_way.saturating_sub(1);
            if standing.is_ordinary() {
                standings.remove(&endpoint);
            }
        }
    }

    /// Notes how the last try went.
    pub(super) fn note(&self, endpoint: WebhookEndpointId, failed: bool, duration: Duration) {
        let mut standings = self.lock();
        let standing = standings.entry(endpoint).or_default();
        standing.failing = failed;
        standing.slow = duration > SLOW;
    }
}

#[cfg(test)]
mod tests {
    use verifa_core::id::Id;

    use super::*;

    fn endpoint(n: u128) -> WebhookEndpointId {
        WebhookEndpointId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn board() -> Board {
        Board::new(WebhookBounds {
            at_once: 20,
            per_endpoint: 8,
        })
    }

    #[test]
    fn an_endpoint_has_its_own_bound_and_all_have_one_together() {
        let board = board();
        assert_eq!(board.room(endpoint(1)), 8);
        board.begin(endpoint(1), 8);
        board.begin(endpoint(2), 7);
        assert_eq!(board.room(endpoint(1)), 0);
        assert_eq!(board.room(endpoint(2)), 1);
        assert_eq!(board.room(endpoint(3)), 5);
        board.end(endpoint(1));
        assert_eq!(board.room(endpoint(1)), 1);
        assert_eq!(board.room(endpoint(3)), 6);
    }

    #[test]
    fn one_that_fails_is_asked_one_at_a_time() {
        let board = board();
        let short = Duration::from_millis(1);
        board.note(endpoint(1), true, short);
        assert_eq!(board.room(endpoint(1)), 1);
        board.begin(endpoint(1), 1);
        assert_eq!(board.room(endpoint(1)), 0);
        board.note(endpoint(1), false, short);
        assert_eq!(board.room(endpoint(1)), 7);
    }

    #[test]
    fn all_that_are_slow_get_half() {
        let board = board();
        for n in 0..20 {
            board.note(endpoint(n), false, Duration::from_secs(29));
            let room = board.room(endpoint(n));
            board.begin(endpoint(n), room);
        }
        assert_eq!(board.room(endpoint(0)), 0);
        assert_eq!(board.room(endpoint(99)), 8, "half is left to the others");
    }

    #[test]
    fn what_is_ordinary_is_forgotten() {
        let board = board();
        board.begin(endpoint(1), 2);
        board.note(endpoint(1), false, Duration::ZERO);
        board.end(endpoint(1));
        board.end(endpoint(1));
        assert!(board.lock().is_empty());
    }
}
