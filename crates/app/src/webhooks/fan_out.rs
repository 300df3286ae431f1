//! Fan-out: one delivery for each endpoint that wants an event, in the commit that numbers it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;
use verifa_core::id::{DeliveryId, Id, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::webhook::{DeliveryStatus, EventFilter, wants};
use verifa_store::db::{Commit, Stmt};
use verifa_store::outbox::OutboxRecord;
use verifa_store::webhook_deliveries::{self as deliveries, DeliveryRecord};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes as lanes;

use crate::App;
use crate::error::AppError;

/// Most deliveries of one commit, so that nobody waits long behind it.
const ROOM: usize = 2_000;

/// An endpoint with its condition read.
pub(super) struct Subscriber {
    pub(super) record: WebhookEndpointRecord,
    /// None also where the stored one can't be read any more: then nothing is held back.
    filter: Option<EventFilter>,
}

impl Subscriber {
    pub(super) fn new(record: WebhookEndpointRecord) -> Self {
        let filter = record.event_filter_conditions.as_deref();
        Self {
            filter: filter.and_then(EventFilter::of_text),
            record,
        }
    }

    /// Which endpoint, at which revision.
    fn key(&self) -> (WebhookEndpointId, i64) {
        (self.record.id, self.record.revision)
    }

    /// Whether the endpoint wants the event, as far as its name says.
    fn listens_to(&self, event: &str) -> bool {
        wants(&self.record.enabled_events, event)
    }
}

/// Collects the deliveries of one commit.
pub(crate) struct FanOut<'a> {
    app: &'a App,
    now: Timestamp,
    subscribers: HashMap<Tenant, Vec<Subscriber>>,
    /// The endpoints that were judged, with the revisions they were judged by.
    judged: BTreeMap<WebhookEndpointId, i64>,
    statements: Vec<Stmt>,
    made: u32,
}

impl<'a> FanOut<'a> {
    /// Begins a commit's fan-out.
    pub(crate) fn new(app: &'a App) -> Self {
        Self {
            app,
            now: app.clock.now(),
            subscribers: HashMap::new(),
            judged: BTreeMap::new(),
            statements: Vec::new(),
            made: 0,
        }
    }

    /// Whether the commit is large enough.
    pub(crate) fn is_full(&self) -> bool {
        self.made as usize >= ROOM
    }

    /// Adds the deliveries of an event that gets the number `seq`.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn add(&mut self, event: &OutboxRecord, seq: i64) -> Result<(), AppError> {
        let tenant = event.tenant;
        if !self.subscribers.contains_key(&tenant) {
            let rows = self.app.db.query(endpoints::of_tenant(tenant)).await?;
            let found: Result<Vec<_>, _> = rows
                .iter()
                .map(|row| WebhookEndpointRecord::from_row(row).map(Subscriber::new))
                .collect();
            self.subscribers.insert(tenant, found?);
        }
        let subscribers = self.subscribers.get(&tenant).into_iter().flatten();
        let (listening, disabled): (Vec<&Subscriber>, Vec<&Subscriber>) = subscribers
            .filter(|subscriber| subscriber.listens_to(&event.event))
            .partition(|subscriber| subscriber.record.enabled);
        let wanted = wanted_by(self.app, &listening, event).await?;
        // A disabled one gets nothing, provided that it still is when the event gets its number:
        // from its enabling on, every event that is numbered is its own, and a recovery looks at
        // numbered ones only.
        let idle = disabled.iter().map(|subscriber| subscriber.key());
        self.judged.extend(wanted.iter().copied().chain(idle));
        for (endpoint, _) in wanted {
            self.push(endpoint, event, seq);
        }
        Ok(())
    }

    fn push(&mut self, endpoint: WebhookEndpointId, event: &OutboxRecord, seq: i64) {
        // Each its own microsecond, so that their ids sort in this order.
        let time = self.now.plus(Duration::from_micros(self.made.into()));
        self.made += 1;
        let record = new_delivery(self.app, endpoint, event, seq, time);
        self.statements.extend([
            deliveries::insert(&record),
            lanes::join(endpoint, record.lane, event.tenant, self.now),
        ]);
    }

    /// Puts everything into the commit, which then conflicts, with
    /// [`endpoints::UNCHANGED_LABEL`], if an endpoint was changed or deleted meanwhile.
    pub(crate) fn finish(self, commit: &mut Commit) {
        // Endpoints before lanes, here as in every commit, so that two can't wait for one another.
        commit.extend(
            self.judged
                .into_iter()
                .map(|(endpoint, revision)| endpoints::unchanged(endpoint, revision)),
        );
        if !self.statements.is_empty() {
            commit.extend(self.statements).wake_jobs();
        }
    }
}

/// Which of the listening endpoints want an event by its body too, with their revisions.
async fn wanted_by(
    app: &App,
    listening: &[&Subscriber],
    event: &OutboxRecord,
) -> Result<Vec<(WebhookEndpointId, i64)>, AppError> {
    let body = if listening
        .iter()
        .any(|subscriber| subscriber.filter.is_some())
    {
        let body = app.event_body(event.tenant, event.id).await?;
        body.map(Value::Object)
    } else {
        None
    };
    let holds = |subscriber: &&&Subscriber| match (&subscriber.filter, &body) {
        (Some(filter), Some(body)) => filter.holds(body),
        // A body that can't be read is the deliverer's to judge.
        _ => true,
    };
    let wanted = listening.iter().filter(holds);
    Ok(wanted.map(|subscriber| subscriber.key()).collect())
}

/// Whether one endpoint wants an event.
pub(super) async fn is_wanted(
    app: &App,
    subscriber: &Subscriber,
    event: &OutboxRecord,
) -> Result<bool, AppError> {
    if !subscriber.listens_to(&event.event) {
        return Ok(false);
    }
    Ok(!wanted_by(app, &[subscriber], event).await?.is_empty())
}

/// A delivery that was never tried.
pub(super) fn new_delivery(
    app: &App,
    endpoint_id: WebhookEndpointId,
    event: &OutboxRecord,
    seq: i64,
    now: Timestamp,
) -> DeliveryRecord {
    DeliveryRecord {
        id: DeliveryId::generate(now, &*app.random),
        endpoint_id,
        event_id: event.id,
        tenant: event.tenant,
        session_id: event.session_id,
        lane: lane_of(event),
        seq,
        event: event.event.clone(),
        status: DeliveryStatus::Pending,
        tries: 0,
        attempts: 0,
        next_attempt_at: None,
        created_at: now,
        completed_at: None,
    }
}

/// The lane of an event: that of its session, or one of its own.
pub(super) fn lane_of(event: &OutboxRecord) -> Uuid {
    event.session_id.map_or(event.id.uuid(), Id::uuid)
}
