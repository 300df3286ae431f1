//! Measured times and their percentiles; every single one is kept, nothing is binned.

use std::time::Duration;

#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies {
    microseconds: Vec<u64>,
}

impl Latencies {
    pub(crate) fn add(&mut self, time: Duration) {
        self.microseconds
            .push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.microseconds.extend(other.microseconds);
    }

    pub(crate) fn count(&self) -> usize {
        self.microseconds.len()
    }

    /// The smallest time that `share` of all were not longer than (nearest rank); zero when empty.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let mut sorted = self.microseconds.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        Duration::from_micros(sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0))
    }
}

/// A time in milliseconds, as the tables show it.
pub(crate) fn milliseconds(time: Duration) -> String {
    let value = time.as_secs_f64() * 1000.0;
    if value < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Latencies, milliseconds};

    #[test]
    fn percentiles_are_nearest_rank() {
        let mut latencies = Latencies::default();
        for microseconds in (1..=100).rev() {
            latencies.add(Duration::from_micros(microseconds));
        }
        assert_eq!(latencies.percentile(0.5), Duration::from_micros(50));
        assert_eq!(latencies.percentile(0.99), Duration::from_micros(99));
        assert_eq!(latencies.percentile(1.0), Duration::from_micros(100));
        assert_eq!(Latencies::default().percentile(0.5), Duration::ZERO);
    }

    #[test]
    fn small_times_keep_two_decimals() {
        assert_eq!(milliseconds(Duration::from_micros(1234)), "1.23");
        assert_eq!(milliseconds(Duration::from_millis(412)), "412");
    }
}
