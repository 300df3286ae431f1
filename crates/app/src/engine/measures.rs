//! The engine's metrics: names and what they mean. No data of people, no ids.

use verifa_core::time::Timestamp;

/// Jobs by kind and outcome: `done`, `gave_way` or `failed`.
pub(super) const JOBS_TOTAL: &str = "verifa_jobs_total";
/// Seconds that a check computed, by its name.
pub(super) const CHECK_SECONDS: &str = "verifa_check_seconds";
/// Retention windows that were ended.
pub(super) const RETENTION_STEPS_TOTAL: &str = "verifa_retention_steps_total";
/// How long the oldest due job has been waiting.
const JOBS_OVERDUE: &str = "verifa_jobs_overdue_seconds";

/// Tells the metrics recorder what the figures mean; called once by the binary.
pub fn describe_metrics() {
    metrics::describe_counter!(JOBS_TOTAL, "Jobs by kind and outcome");
    metrics::describe_histogram!(
        CHECK_SECONDS,
        metrics::Unit::Seconds,
        "Time that a check computed"
    );
    metrics::describe_counter!(RETENTION_STEPS_TOTAL, "Retention windows that were ended");
    metrics::describe_gauge!(
        JOBS_OVERDUE,
        metrics::Unit::Seconds,
        "How long the oldest due job has been waiting for a worker"
    );
    // Rules that look for an increase need the figure from the start.
    metrics::counter!(RETENTION_STEPS_TOTAL).increment(0);
    metrics::gauge!(JOBS_OVERDUE).set(0.0);
}

/// Notes how long the job that is due first has been waiting.
pub(super) fn tell_overdue(due: Option<Timestamp>, now: Timestamp) {
    let waiting = due.map_or(0.0, |due| now.since(due).as_secs_f64());
    metrics::gauge!(JOBS_OVERDUE).set(waiting);
}
