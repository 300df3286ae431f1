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
    /// Its trouble just ended: it has room that no round has shared yet.
    relieved: bool,
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

/// What is known of all endpoints, and sums over it.
#[derive(Default)]
struct Tally {
    standings: HashMap<WebhookEndpointId, Standing>,
    /// Lanes under way to all of them.
    all: usize,
    /// Of these, to endpoints that fail or are slow.
    troubled: usize,
    closed: bool,
}

impl Tally {
    fn of(&self, endpoint: WebhookEndpointId) -> Standing {
        self.standings.get(&endpoint).copied().unwrap_or_default()
    }

    /// Changes what is known of an endpoint.
    fn change(&mut self, endpoint: WebhookEndpointId, with: impl FnOnce(&mut Standing)) {
        let before = self.of(endpoint);
        let mut after = before;
        with(&mut after);
        let troubled = |standing: Standing| {
            if standing.is_troubled() {
                standing.under_way
            } else {
                0
            }
        };
        self.all = (self.all + after.under_way).saturating_sub(before.under_way);
        self.troubled = (self.troubled + troubled(after)).saturating_sub(troubled(before));
        if after.is_ordinary() {
            self.standings.remove(&endpoint);
        } else {
            self.standings.insert(endpoint, after);
        }
    }

    fn begin(&mut self, endpoint: WebhookEndpointId) {
        self.change(endpoint, |standing| standing.under_way += 1);
    }
}

/// The lanes under way of one process.
pub(super) struct Board {
    bounds: WebhookBounds,
    tally: Mutex<Tally>,
}

impl Board {
    pub(super) fn new(bounds: WebhookBounds) -> Self {
        Self {
            bounds,
            tally: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more lanes of an endpoint may be under way: within its own bound, within that of
    /// all, and for one that fails or is slow within half of that. One that refuses at once is asked
    /// one at a time; one that fails by its slowness in more lanes, as otherwise the tries of the
    /// one would put off those of the others for hours.
    fn room(&self, tally: &Tally, endpoint: WebhookEndpointId) -> usize {
        let standing = tally.of(endpoint);
        let own = match (standing.failing, standing.slow) {
            (false, _) => self.bounds.per_endpoint,
            (true, true) => self.bounds.per_endpoint.div_ceil(2),
            (true, false) => 1,
        };
        let mut room = own
            .saturating_sub(standing.under_way)
            .min(self.bounds.at_once.saturating_sub(tally.all));
        if standing.is_troubled() {
            room = room.min((self.bounds.at_once / 2).saturating_sub(tally.troubled));
        }
        room
    }

    /// Shares the room among endpoints that have something due, and notes the shares as under way:
    /// whoever has least under way is served first, and among equals the one named first. Answers
    /// the endpoints with a share, and whether the room of all is used up.
    pub(super) fn share(
        &self,
        due: &[WebhookEndpointId],
    ) -> (Vec<(WebhookEndpointId, usize)>, bool) {
        let mut tally = self.lock();
        let mut shares: Vec<_> = due.iter().map(|endpoint| (*endpoint, 0)).collect();
        for endpoint in due {
            tally.change(*endpoint, |standing| standing.relieved = false);
        }
        for level in 0..self.bounds.per_endpoint {
            for (endpoint, share) in &mut shares {
                if tally.all >= self.bounds.at_once {
                    break;
                }
                let lowest = tally.of(*endpoint).under_way <= level;
                if lowest && self.room(&tally, *endpoint) > 0 {
                    tally.begin(*endpoint);
                    *share += 1;
                }
            }
        }
        shares.retain(|(_, share)| *share > 0);
        (shares, tally.all >= self.bounds.at_once)
    }

    /// Whether a lane that ends may be followed by another of its endpoint at once: nobody waits
    /// for its room, and no room of its own waits for a round.
    pub(super) fn goes_on(&self, endpoint: WebhookEndpointId) -> bool {
        let tally = self.lock();
        let standing = tally.of(endpoint);
        !tally.closed
            && tally.all < self.bounds.at_once
            && standing.under_way <= self.bounds.per_endpoint
            && !standing.is_troubled()
            && !standing.relieved
    }

    /// Lets no lane be followed by another any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
    }

    /// Notes that one more lane of an endpoint is under way.
    pub(super) fn begin(&self, endpoint: WebhookEndpointId) {
        self.lock().begin(endpoint);
    }

    /// Notes that lanes of an endpoint are not under way any more.
    pub(super) fn end(&self, endpoint: WebhookEndpointId, lanes: usize) {
        self.lock().change(endpoint, |standing| {
            standing.under_way = standing.under_way.saturating_sub(lanes);
        });
    }

    /// Notes how the last try went.
    pub(super) fn note(&self, endpoint: WebhookEndpointId, failed: bool, duration: Duration) {
        self.lock().change(endpoint, |standing| {
            let was_troubled = standing.is_troubled();
            standing.failing = failed;
            standing.slow = duration > SLOW;
            standing.relieved = !standing.is_troubled() && (was_troubled || standing.relieved);
        });
    }
}

#[cfg(test)]
mod tests {
    use verifa_core::id::Id;

    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    fn endpoint(n: u128) -> WebhookEndpointId {
        WebhookEndpointId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn board() -> Board {
        Board::new(WebhookBounds {
            at_once: 20,
            per_endpoint: 8,
        })
    }

    impl Board {
        /// The share of each of these endpoints.
        fn shared(&self, due: &[u128]) -> Vec<(u128, usize)> {
            let due: Vec<_> = due.iter().map(|n| endpoint(*n)).collect();
            let (shares, _) = self.share(&due);
            let number = |id: WebhookEndpointId| id.uuid().as_u128();
            shares.into_iter().map(|(id, n)| (number(id), n)).collect()
        }
    }

    #[test]
    fn an_endpoint_has_its_own_bound_and_all_have_one_together() {
        let board = board();
        assert_eq!(board.shared(&[1]), [(1, 8)]);
        assert_eq!(board.shared(&[1]), []);
        assert_eq!(board.shared(&[2]), [(2, 8)]);
        assert_eq!(board.shared(&[3]), [(3, 4)]);
        assert_eq!(board.shared(&[4]), []);
        board.end(endpoint(1), 1);
        assert_eq!(board.shared(&[4]), [(4, 1)]);
    }

    #[test]
    fn a_full_board_serves_those_with_the_least_under_way_first() {
        let board = board();
        let (_, is_full) = board.share(&[endpoint(1), endpoint(2)]);
        assert!(!is_full);
        assert_eq!(board.shared(&[3, 4, 5]), [(3, 2), (4, 1), (5, 1)]);
        assert!(!board.goes_on(endpoint(1)), "others wait");
        // The oldest backlog is named first, and another has none under way.
        board.end(endpoint(1), 1);
        assert_eq!(board.shared(&[1, 2, 6]), [(6, 1)]);
        board.end(endpoint(2), 3);
        assert_eq!(board.shared(&[1, 2, 6]), [(6, 3)]);
    }

    #[test]
    fn one_that_fails_is_asked_one_at_a_time() {
        let board = board();
        board.note(endpoint(1), true, SHORT);
        assert_eq!(board.shared(&[1]), [(1, 1)]);
        assert_eq!(board.shared(&[1]), []);
        assert!(!board.goes_on(endpoint(1)));
        board.note(endpoint(1), false, SHORT);
        assert!(!board.goes_on(endpoint(1)), "its room is to be shared");
        assert_eq!(board.shared(&[1]), [(1, 7)]);
        assert!(board.goes_on(endpoint(1)));
    }

    #[test]
    fn one_that_hangs_is_asked_in_half_of_its_lanes() {
        let board = board();
        board.note(endpoint(1), true, Duration::from_secs(30));
        assert_eq!(board.shared(&[1]), [(1, 4)]);
        assert_eq!(board.shared(&[1]), []);
        assert!(!board.goes_on(endpoint(1)));
    }

    #[test]
    fn all_that_are_slow_get_half() {
        let board = board();
        for n in 0..20 {
            board.note(endpoint(n), false, Duration::from_secs(29));
        }
        let all: Vec<u128> = (0..20).collect();
        assert_eq!(board.shared(&all).len(), 10);
        assert_eq!(board.shared(&[19]), []);
        assert_eq!(board.shared(&[99]), [(99, 8)], "half is left to the others");
    }

    #[test]
    fn what_is_ordinary_is_forgotten() {
        let board = board();
        assert_eq!(board.shared(&[1]), [(1, 8)]);
        board.note(endpoint(1), true, Duration::ZERO);
        board.note(endpoint(1), false, Duration::ZERO);
        board.end(endpoint(1), 8);
        board.end(endpoint(1), 1);
        let tally = board.lock();
        assert!(tally.standings.is_empty());
        assert_eq!((tally.all, tally.troubled), (0, 0));
    }

    #[test]
    fn nothing_follows_after_the_close() {
        let board = board();
        board.begin(endpoint(1));
        assert!(board.goes_on(endpoint(1)));
        board.close();
        assert!(!board.goes_on(endpoint(1)));
    }
}
