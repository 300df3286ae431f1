//! Waiting for what will happen, with an end.

use std::time::{Duration, Instant};

/// A session whose worker died goes on within 30 s (spec/workflows.md, "Engine rules"); anything
/// else that a test waits for is much sooner.
pub const SETTLE_LIMIT: Duration = Duration::from_secs(45);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is an answer; panics when [`SETTLE_LIMIT`] is over.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(SETTLE_LIMIT, what, look).await
}

/// Looks until there is an answer; panics when `limit` is over.
pub async fn within<T>(limit: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            started.elapsed() < limit,
            "waited {limit:?} in vain: {what}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
