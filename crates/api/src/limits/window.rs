//! Fixed windows per key in a map of bounded size.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use verifa_core::time::Timestamp;

const SHARDS: usize = 16;

/// Where a caller stands in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Calls allowed in a window.
    pub limit: u32,
    /// Calls left in this one.
    pub remaining: u32,
    /// When the window ends.
    pub resets_at: Timestamp,
    /// Whether this very call is over the limit.
    pub exceeded: bool,
}

impl Standing {
    /// The end of the window in Unix seconds, rounded up.
    pub fn reset_unix_seconds(&self) -> i64 {
        self.resets_at.as_micros().div_ceil_to(1_000_000)
    }

    /// Whole seconds until the window ends, at least one.
    pub fn seconds_left(&self, now: Timestamp) -> u64 {
        let left = self.resets_at.since(now);
        (left.as_secs() + u64::from(left.subsec_nanos() > 0)).max(1)
    }
}

/// `i64::div_ceil` is not stable.
trait DivCeilTo {
    fn div_ceil_to(self, by: i64) -> i64;
}
impl DivCeilTo for i64 {
    fn div_ceil_to(self, by: i64) -> i64 {
        self.div_euclid(by) + i64::from(self.rem_euclid(by) > 0)
    }
}

#[derive(Clone, Copy)]
struct Window {
    ends_at: Timestamp,
    used: u32,
}

struct Shard<K> {
    windows: HashMap<K, Window>,
    // Shared by the keys that find the shard full of running windows, so that a flood of
    // addresses can cost neither memory nor the limit.
    overflow: Window,
}

/// Counts per key; a window starts with the first call of its key.
pub struct Windows<K> {
    shards: Vec<Mutex<Shard<K>>>,
    hasher: RandomState,
    shard_capacity: usize,
    length: Duration,
}

impl<K: Hash + Eq + Clone> Windows<K> {
    /// Windows of `length` for at most `capacity` keys at a time.
    pub fn new(capacity: usize, length: Duration) -> Self {
        let idle = Window {
            ends_at: Timestamp::from_micros(0),
            used: 0,
        };
        let shards = (0..SHARDS)
            .map(|_| {
                Mutex::new(Shard {
                    windows: HashMap::new(),
                    overflow: idle,
                })
            })
            .collect();
        Self {
            shards,
            hasher: RandomState::new(),
            shard_capacity: capacity.div_ceil(SHARDS).max(1),
            length,
        }
    }

    fn with_shard<T>(&self, key: &K, act: impl FnOnce(&mut Shard<K>) -> T) -> Option<T> {
        let index = self.hasher.hash_one(key) as usize % SHARDS;
        let shard = self.shards.get(index)?;
        Some(act(&mut shard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)))
    }

    /// Counts one call of `key` and tells where it stands.
    pub fn count(&self, key: K, limit: u32, now: Timestamp) -> Standing {
        let ends_at = now.plus(self.length);
        let counted = self.with_shard(&key.clone(), |shard| {
            if shard.windows.len() >= self.shard_capacity && !shard.windows.contains_key(&key) {
                shard.windows.retain(|_, window| window.ends_at > now);
            }
            let window =
                if shard.windows.len() < self.shard_capacity || shard.windows.contains_key(&key) {
                    shard
                        .windows
                        .entry(key)
                        .or_insert(Window { ends_at, used: 0 })
                } else {
                    &mut shard.overflow
                };
            // A clock that went back must not freeze a window far in the future.
            if window.ends_at <= now || window.ends_at > ends_at {
                *window = Window { ends_at, used: 0 };
            }
            let exceeded = window.used >= limit;
            if !exceeded {
                window.used += 1;
            }
            Standing {
                limit,
                remaining: limit.saturating_sub(window.used),
                resets_at: window.ends_at,
                exceeded,
            }
        });
        counted.unwrap_or_else(|| self.untouched(limit, now))
    }

    /// Where `key` stands, without counting.
    pub fn peek(&self, key: &K, limit: u32, now: Timestamp) -> Standing {
        let window = self
            .with_shard(key, |shard| shard.windows.get(key).copied())
            .flatten()
            .filter(|window| window.ends_at > now);
        match window {
            Some(window) => Standing {
                limit,
                remaining: limit.saturating_sub(window.used),
                resets_at: window.ends_at,
                exceeded: false,
            },
            None => self.untouched(limit, now),
        }
    }

    /// A standing that no call has touched.
    pub fn untouched(&self, limit: u32, now: Timestamp) -> Standing {
        Standing {
            limit,
            remaining: limit,
            resets_at: now.plus(self.length),
            exceeded: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_window_counts_down_refuses_and_starts_anew() {
        let windows = Windows::new(100, Duration::from_mins(1));
        let first = windows.count("a", 2, at(100));
        assert_eq!((first.remaining, first.exceeded), (1, false));
        assert_eq!(first.reset_unix_seconds(), 160);
        assert_eq!(windows.count("a", 2, at(130)).remaining, 0);
        let refused = windows.count("a", 2, at(150));
        assert!(refused.exceeded);
        assert_eq!(refused.seconds_left(at(150)), 10);
        assert_eq!(refused.seconds_left(Timestamp::from_micros(159_999_999)), 1);
        assert!(!windows.count("b", 2, at(150)).exceeded);
        assert_eq!(windows.peek(&"a", 2, at(150)).remaining, 0);
        assert_eq!(windows.count("a", 2, at(160)).remaining, 1);
    }

    #[test]
    fn memory_is_bounded_and_the_overflow_is_limited() {
        let windows = Windows::new(16, Duration::from_mins(1));
        let refused = (0..10_000)
            .filter(|key| windows.count(*key, 3, at(1)).exceeded)
            .count();
        let kept: usize = windows
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().windows.len())
            .sum();
        assert!(kept <= 16, "{kept}");
        // 16 keys of their own and 16 shared windows of three calls: all others are refused.
        assert!(refused >= 10_000 - 16 - 16 * 3, "{refused}");
    }

    #[test]
    fn expired_keys_make_room() {
        let windows = Windows::new(16, Duration::from_mins(1));
        for key in 0..1000 {
            windows.count(key, 1, at(1));
        }
        assert!(!windows.count(5000, 1, at(100)).exceeded);
        assert_eq!(windows.peek(&5000, 1, at(100)).remaining, 0);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_lock_anybody_out() {
        let windows = Windows::new(16, Duration::from_mins(1));
        windows.count("a", 1, at(10_000));
        assert!(!windows.count("a", 1, at(100)).exceeded);
    }
}
