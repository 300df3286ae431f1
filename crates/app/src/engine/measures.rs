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
/// How long the webhook that is due first has been waiting.
const WEBHOOK_OVERDUE: &str = "verifa_webhook_overdue_seconds";
/// How long the oldest event without a number has been waiting for it.
const OUTBOX_UNSEALED: &str = "verifa_outbox_unsealed_seconds";

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
    metrics::describe_gauge!(
        WEBHOOK_OVERDUE,
        metrics::Unit::Seconds,
        "How long the webhook that is due first has been waiting to be sent"
    );
    metrics::describe_gauge!(
        OUTBOX_UNSEALED,
        metrics::Unit::Seconds,
        "How long the oldest webhook event without a number has been waiting for one"
    );
    // Rules that look for an increase need the figure from the start.
    metrics::counter!(RETENTION_STEPS_TOTAL).increment(0);
    for gauge in [JOBS_OVERDUE, WEBHOOK_OVERDUE, OUTBOX_UNSEALED] {
        metrics::gauge!(gauge).set(0.0);
    }
}

/// Notes how long the job that is due first has been waiting.
pub(super) fn tell_overdue(due: Option<Timestamp>, now: Timestamp) {
    metrics::gauge!(JOBS_OVERDUE).set(waiting(due, now));
}

/// Notes how long events have been waiting for their numbers, and webhooks to be sent.
pub(super) fn tell_standstill(unsealed: Option<Timestamp>, due: Option<Timestamp>, now: Timestamp) {
    metrics::gauge!(OUTBOX_UNSEALED).set(waiting(unsealed, now));
    metrics::gauge!(WEBHOOK_OVERDUE).set(waiting(due, now));
}

/// Seconds since `since`; 0 where there is nothing, or it is still to come.
fn waiting(since: Option<Timestamp>, now: Timestamp) -> f64 {
    since.map_or(0.0, |since| now.since(since).as_secs_f64())
}
