//! `[worker]`: workflows and background jobs.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::Deserialize;

use super::problem::Report;
use super::text;

/// How jobs are run.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worker {
    /// Whether `serve` runs jobs too.
    pub(crate) in_process: bool,
    /// Threads for checks, 0 for one a processor; see [`Worker::threads`].
    pub(crate) check_threads: usize,
    /// Jobs held at once.
    pub(crate) jobs_at_once: usize,
    /// When another worker takes over.
    #[serde(rename = "lease_seconds", deserialize_with = "text::seconds")]
    pub(crate) lease: Duration,
    /// Limit of one attempt of one check.
    #[serde(rename = "check_timeout_seconds", deserialize_with = "text::seconds")]
    pub(crate) check_timeout: Duration,
}

impl Worker {
    /// Threads for checks, at least 1.
    pub(crate) fn threads(&self) -> usize {
        match self.check_threads {
            0 => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            threads => threads,
        }
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        report.range("worker.check_threads", self.check_threads, &(0..=256));
        report.range("worker.jobs_at_once", self.jobs_at_once, &(1..=1024));
        // Two thirds of it are left before each renewal: more than the clocks may differ.
        report.seconds("worker.lease_seconds", self.lease, &(10..=300));
        report.seconds(
            "worker.check_timeout_seconds",
            self.check_timeout,
            &(1..=600),
        );
    }
}
