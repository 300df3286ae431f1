//! `[webhooks]`: how events are sent (spec/resources.md, "Webhooks").

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use verifa_app::settings::WebhookBounds;
use verifa_webhooks::{Sender, SenderSettings, SystemResolver};

use super::problem::Report;
use super::text;

/// Where webhooks may go and how many at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhooks {
    /// Hosts of the operator's own network.
    #[serde(deserialize_with = "text::list")]
    pub(crate) allowed_hosts: Vec<String>,
    /// The whole time of one try.
    #[serde(rename = "timeout_seconds", deserialize_with = "text::seconds")]
    pub(crate) timeout: Duration,
    /// Under way at once.
    pub(crate) at_once: usize,
    /// Under way to one endpoint at once.
    pub(crate) per_endpoint: usize,
    /// How long events are kept with their deliveries.
    #[serde(rename = "keep_deliveries_days", deserialize_with = "text::days")]
    pub(crate) keep_deliveries: Duration,
}

impl Webhooks {
    /// How many are sent at a time.
    pub(crate) const fn bounds(&self) -> WebhookBounds {
        WebhookBounds {
            at_once: self.at_once,
            per_endpoint: self.per_endpoint,
        }
    }

    /// What sends them.
    pub(crate) fn sender(&self) -> Sender {
        let settings = SenderSettings {
            allowed_hosts: self.allowed_hosts.clone(),
            timeout: self.timeout,
            // Endpoints may share a host.
            idle_connections: self.at_once,
        };
        Sender::new(&settings, Arc::new(SystemResolver))
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        report.seconds("webhooks.timeout_seconds", self.timeout, &(1..=30));
        report.range("webhooks.at_once", self.at_once, &(2..=4096));
        report.range("webhooks.per_endpoint", self.per_endpoint, &(1..=256));
        // The longest schedule of tries takes 76 hours.
        report.days(
            "webhooks.keep_deliveries_days",
            self.keep_deliveries,
            &(7..=3_650),
        );
        if self.per_endpoint > self.at_once / 2 {
            report.problem(
                "webhooks.per_endpoint",
                "is more than half of webhooks.at_once",
                "one endpoint must not use up what is there for all: lower it, or raise at_once",
            );
        }
        let malformed = |host: &String| host.is_empty() || host.contains(['/', '@', '*', ' ']);
        if self.allowed_hosts.iter().any(malformed) {
            report.problem(
                "webhooks.allowed_hosts",
                "holds something that is no host",
                "hosts are written as in \"hooks.internal\" or \"127.0.0.1:9000\"",
            );
        }
    }
}
