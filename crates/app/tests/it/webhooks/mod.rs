//! Webhooks from the fact to the receiver, with the clock in the test's hands.

mod asked;
mod endings;
mod fairness;
mod fan_out;
mod faults;
mod forgetting;
mod outage;
mod recovery;
mod rescue;
mod signatures;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use verifa_app::engine::Sealer;
use verifa_app::sessions::CreateSession;
use verifa_app::webhooks::{Deliverer, Endpoint};
use verifa_app::{Change, Decided};
use verifa_core::change::Change as Field;
use verifa_core::id::{SessionId, WebhookEndpointId};
use verifa_core::session::WebhookEvent;
use verifa_core::webhook::EndpointChanges;
use verifa_store::db::Stmt;
use verifa_testkit::{Received, WebhookReceiver};

use crate::harness::Bench;

/// An application, one receiver with an endpoint that hears only of links (whose events the tests
/// tell as they like), and what delivers.
pub(crate) struct Hooks {
    pub(crate) bench: Bench,
    pub(crate) receiver: WebhookReceiver,
    pub(crate) endpoint: WebhookEndpointId,
    pub(crate) secret: String,
    pub(crate) deliverer: Deliverer,
}

/// The event that the tests tell.
pub(crate) const EVENT: WebhookEvent = WebhookEvent::SessionLinkGenerated;

impl Hooks {
    pub(crate) async fn new() -> Self {
        Self::with_timeout(Duration::from_secs(10)).await
    }

    pub(crate) async fn with_timeout(timeout: Duration) -> Self {
        let bench = Bench::with_webhook_timeout(timeout).await;
        let receiver = WebhookReceiver::start().await;
        let made = add_endpoint(&bench, &receiver, EndpointChanges::default()).await;
        let deliverer = Deliverer::new(Arc::clone(&bench.app));
        Self {
            endpoint: made.record.id,
            secret: made.secret.unwrap().reveal().to_owned(),
            bench,
            receiver,
            deliverer,
        }
    }

    /// Tells an event of a session, its number in the body.
    pub(crate) async fn tell(&self, session: SessionId, n: usize) {
        tell(&self.bench, session, n).await;
    }

    pub(crate) async fn session(&self) -> SessionId {
        self.bench.session(CreateSession::default()).await
    }

    /// Numbers and fans out what was told.
    pub(crate) async fn seal(&self) {
        let sealer = Sealer::new(Arc::clone(&self.bench.app));
        sealer.seal_all().await.unwrap();
    }

    /// Fans out and sends whatever is due.
    pub(crate) async fn deliver(&self) {
        self.seal().await;
        self.deliverer.deliver_due().await.unwrap();
    }

    /// Lets time pass and sends whatever has become due.
    pub(crate) async fn pass(&self, time: Duration) {
        self.bench.pass(time).await;
        self.deliver().await;
    }

    /// Sets the organization's schedule of tries.
    pub(crate) async fn schedule(&self, name: &str) {
        self.settings(&json!({"webhooks": {"schedule": name}}))
            .await;
    }

    /// Sets the organization's settings.
    pub(crate) async fn settings(&self, settings: &Value) {
        let settings = settings.to_string();
        let sql = "UPDATE organizations SET settings = ?1";
        let set = Stmt::new("test", sql, vec![settings.into()]);
        self.bench.app.db.write(set).await.unwrap();
    }

    pub(crate) async fn change(&self, changes: &EndpointChanges) {
        let bench = &self.bench;
        let changed =
            bench
                .app
                .update_webhook_endpoint(&bench.actor, bench.tenant, self.endpoint, changes);
        bench.apply(changed.await).await;
    }

    pub(crate) async fn enable(&self) {
        self.set_enabled(true).await;
    }

    pub(crate) async fn disable(&self) {
        self.set_enabled(false).await;
    }

    async fn set_enabled(&self, enabled: bool) {
        self.change(&EndpointChanges {
            enabled: Some(enabled),
            ..EndpointChanges::default()
        })
        .await;
    }

    /// Whether the endpoint is enabled, and why not.
    pub(crate) async fn standing(&self) -> String {
        let sql = "SELECT enabled, disabled_reason FROM webhook_endpoints";
        self.bench.rows(sql).await.join("; ")
    }

    /// How many deliveries there are of each status.
    pub(crate) async fn statuses(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for status in self
            .bench
            .rows("SELECT status FROM webhook_deliveries")
            .await
        {
            *counts.entry(status).or_default() += 1;
        }
        counts
    }

    pub(crate) async fn lanes(&self) -> String {
        let count = self.bench.rows("SELECT COUNT(*) FROM webhook_lanes").await;
        count.join("")
    }
}

/// Makes an endpoint for a receiver.
pub(crate) async fn add_endpoint(
    bench: &Bench,
    receiver: &WebhookReceiver,
    changes: EndpointChanges,
) -> Endpoint {
    let command = EndpointChanges {
        url: Some(receiver.url("/hook")),
        enabled_events: match changes.enabled_events {
            Field::Keep => Field::Set(vec![EVENT.as_str().to_owned()]),
            given => given,
        },
        ..changes
    };
    let made: Result<Decided<Endpoint>, _> = bench
        .app
        .create_webhook_endpoint(&bench.actor, bench.tenant, &command)
        .await;
    bench.apply(made).await
}

/// Tells an event of a session, as later than whatever was told of it before.
pub(crate) async fn tell(bench: &Bench, session: SessionId, n: usize) {
    let loaded = bench.app.session(bench.tenant, session).await.unwrap();
    let mut change = Change::begin(&bench.app, &bench.actor);
    let mut fields = Map::new();
    fields.insert("session_id".to_owned(), json!(session));
    fields.insert("status".to_owned(), json!("pending"));
    fields.insert("n".to_owned(), json!(n));
    change.tell(EVENT, Some(session), loaded.sealing().unwrap(), fields);
    bench.app.apply(change.into_commit()).await.unwrap();
}

/// The numbers that a receiver took, by session, in the order of their coming.
pub(crate) fn taken(received: &[Received]) -> HashMap<String, Vec<u64>> {
    let mut taken: HashMap<String, Vec<u64>> = HashMap::new();
    for request in received.iter().filter(|request| request.was_taken()) {
        let body = request.json();
        let session = body["session_id"].as_str().unwrap().to_owned();
        taken
            .entry(session)
            .or_default()
            .push(body["n"].as_u64().unwrap());
    }
    taken
}

/// A deliverer in the background.
pub(crate) fn run(bench: &Bench) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let stop = CancellationToken::new();
    let deliverer = Deliverer::new(Arc::clone(&bench.app));
    let task = tokio::spawn(deliverer.run(stop.clone(), Duration::from_secs(5)));
    (stop, task)
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..4_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}
