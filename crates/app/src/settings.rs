//! What the operator configured, as the use cases need it.

use std::time::Duration;

/// Settings of a running server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of capture, document and report URLs, without a slash at the end.
    pub public_url: String,
    /// Life of a capture token, in minutes, where the caller names none.
    pub token_minutes: i64,
    /// Whether organizations choose their plan themselves; else only the operator does.
    pub plan_by_organization: bool,
    /// Most bytes of an uploaded image.
    pub upload_bytes: u64,
    /// How long a claimed job is ours without a heartbeat; heartbeats come three times as often.
    /// More than 7.5 s, so that clocks which differ by 5 s take nothing from its owner.
    pub lease: Duration,
    /// Jobs that one process works on at a time, besides those in the compute queue.
    pub worker_slots: usize,
    /// Checks that compute at a time, and jobs of the compute queue that one process holds.
    pub check_threads: usize,
    /// The longest a check may take.
    pub check_timeout: Duration,
    /// How webhooks are sent.
    pub webhooks: WebhookBounds,
    /// How long an event is kept with its deliveries, from its making and from the last delivery's
    /// end. Longer than any schedule of tries.
    pub keep_deliveries: Duration,
    /// How long a mail is kept that was sent, dropped or given up.
    pub keep_mails: Duration,
}

/// How many webhooks one process sends at a time.
#[derive(Debug, Clone, Copy)]
pub struct WebhookBounds {
    /// To all endpoints together. Endpoints that fail or are slow get at most half of it.
    pub at_once: usize,
    /// To one endpoint. An endpoint whose last try failed gets one at a time, and half of these
    /// where that took long.
    pub per_endpoint: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            token_minutes: 20,
            plan_by_organization: true,
            upload_bytes: 10 * 1024 * 1024,
            lease: Duration::from_secs(18),
            worker_slots: 16,
            check_threads: 2,
            check_timeout: Duration::from_mins(1),
            webhooks: WebhookBounds {
                at_once: 256,
                per_endpoint: 8,
            },
            keep_deliveries: Duration::from_hours(90 * 24),
            keep_mails: Duration::from_hours(30 * 24),
        }
    }
}
