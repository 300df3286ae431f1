//! Sending again what an endpoint missed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;
use verifa_core::id::WebhookEndpointId;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::db::{Commit, DbError, Stmt};
use verifa_store::outbox::{self, Recoverable};
use verifa_store::webhook_deliveries as deliveries;
use verifa_store::webhook_endpoints as endpoints;
use verifa_store::webhook_lanes as lanes;

use super::endpoints::audit;
use super::fan_out::{Subscriber, is_wanted, lane_of, new_delivery};
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// Most deliveries that one call puts into line, and most events that it looks at.
const MOST_QUEUED: usize = 10_000;
const MOST_LOOKED_AT: usize = 100_000;
/// How long one call looks on: well below the limit of a request.
const LONGEST: Duration = Duration::from_secs(20);
/// Events of one commit, so that nobody waits long behind it.
const AT_ONCE: u16 = 250;
/// How long lanes are held back at most: longer than any call.
const HELD_BACK: Duration = Duration::from_secs(90);
/// How often a commit is made anew because the endpoint or a delivery changed meanwhile.
const REVISIONS: usize = 8;
/// Events are numbered about in the order of their time: never this much apart.
const DISORDER: Duration = Duration::from_mins(5);

/// What a recovery put into line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// Deliveries that are sent again, or for the first time.
    pub queued: usize,
    /// Where the next call goes on, by the feed's numbers; `None`: every event that has a number
    /// was looked at.
    pub next_after: Option<i64>,
}

impl App {
    /// Puts into line what an endpoint failed to take of the events since a time, and what came
    /// while it was disabled: each event that it wants once, in the order of the sessions. Events
    /// from before the endpoint was made are not its own. Whatever is numbered while the endpoint
    /// is enabled reaches it without this.
    ///
    /// A disabled endpoint may recover too: nothing is sent before it is enabled, then what was
    /// missed goes first.
    ///
    /// Recoveries are written in several commits, each of which stands by itself. One call is
    /// bounded in number and time; the next goes on behind `after`, a number of the feed.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn recover_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
        since: Timestamp,
        after: Option<i64>,
    ) -> Result<Decided<Recovered>, AppError> {
        let record = self.endpoint_record(tenant, id).await?;
        let since = since.max(record.created_at);
        let first = self.number_before(tenant, since.minus(DISORDER)).await?;
        let mut recovery = Recovery {
            app: self,
            subscriber: Subscriber::new(record),
            since,
            held_until: self.clock.now().plus(HELD_BACK),
            after: first.max(after.unwrap_or(0)),
            looked_at: 0,
            queued: 0,
        };
        let ended = recovery.run().await;
        recovery.let_run().await?;
        let is_complete = ended?;
        let organization = self.organization_key(tenant).await?;
        let mut change = Change::begin(self, actor);
        // That everything is in line holds for the endpoint as it was.
        change.push(recovery.unchanged());
        let facts = json!({ "queued": recovery.queued, "is_complete": is_complete });
        audit(&mut change, &organization, "recovered", id, &facts);
        Ok(Decided {
            commit: change.into_commit(),
            answer: Recovered {
                id,
                queued: recovery.queued,
                next_after: (!is_complete).then_some(recovery.after),
            },
            session: None,
        })
    }

    /// The number behind which the events from `time` on are: found by halves, as numbers grow
    /// with time.
    async fn number_before(&self, tenant: Tenant, time: Timestamp) -> Result<i64, AppError> {
        let mut before = 0_i64;
        let mut from = self.feed_head(tenant).await?.saturating_add(1);
        while from.saturating_sub(before) > 1 {
            let middle = before.midpoint(from);
            let row = self
                .db
                .query_opt(outbox::from_number(tenant, middle))
                .await?;
            match row {
                Some(row) if row.get::<Timestamp>(1)? < time => before = row.get(0)?,
                _ => from = middle,
            }
        }
        Ok(before)
    }
}

/// A recovery under way.
struct Recovery<'a> {
    app: &'a App,
    subscriber: Subscriber,
    since: Timestamp,
    /// Until when its lanes are held back, a time of its own.
    held_until: Timestamp,
    /// The number of the last event that was dealt with.
    after: i64,
    looked_at: usize,
    queued: usize,
}

impl Recovery<'_> {
    /// Goes on until every event was looked at, which it answers, or a bound is reached.
    async fn run(&mut self) -> Result<bool, AppError> {
        let ends = Instant::now() + LONGEST;
        let mut lost = 0;
        while self.queued < MOST_QUEUED && self.looked_at < MOST_LOOKED_AT && Instant::now() < ends
        {
            match self.page().await {
                Ok(true) => return Ok(true),
                Ok(false) => lost = 0,
                Err(AppError::Database(DbError::Conflict { .. })) if lost < REVISIONS => {
                    lost += 1;
                    let endpoint = &self.subscriber.record;
                    let record = self
                        .app
                        .endpoint_record(endpoint.tenant, endpoint.id)
                        .await?;
                    self.subscriber = Subscriber::new(record);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Puts into line what is missing of the next events; whether they were the last.
    async fn page(&mut self) -> Result<bool, AppError> {
        let endpoint = &self.subscriber.record;
        let next = outbox::recoverable(endpoint.tenant, endpoint.id, self.after, AT_ONCE.into());
        let rows = self.app.db.query(next).await?;
        let mut after = self.after;
        let mut statements = Vec::new();
        let mut woken = BTreeSet::new();
        for row in &rows {
            let found = Recoverable::from_row(row)?;
            after = found.seq;
            if let Some(statement) = self.put(&found, statements.len()).await? {
                statements.push(statement);
                woken.insert(lane_of(&found.event));
            }
        }
        let queued = statements.len();
        if queued > 0 {
            let mut commit = Commit::new();
            // Endpoints before deliveries before lanes, here as in every commit.
            commit.push(self.unchanged()).extend(statements);
            commit.extend(woken.into_iter().map(|lane| self.hold_back(lane)));
            self.app.db.commit(commit).await?;
        }
        self.after = after;
        self.queued += queued;
        self.looked_at += rows.len();
        Ok(rows.len() < usize::from(AT_ONCE))
    }

    /// What makes an event's delivery pending, where it is missing. `n`: how many did so before.
    async fn put(&self, found: &Recoverable, n: usize) -> Result<Option<Stmt>, AppError> {
        let event = &found.event;
        if event.created_at < self.since {
            return Ok(None);
        }
        match found.delivery {
            Some((id, DeliveryStatus::Failed)) => {
                Ok(Some(deliveries::revive(id, DeliveryStatus::Failed)))
            }
            None if is_wanted(self.app, &self.subscriber, event).await? => {
                let n = u64::try_from(n).unwrap_or(u64::MAX);
                // Each its own microsecond, so that their ids sort in this order.
                let time = self.app.clock.now().plus(Duration::from_micros(n));
                let id = self.subscriber.record.id;
                let record = new_delivery(self.app, id, event, found.seq, time);
                Ok(Some(deliveries::insert(&record)))
            }
            // It is on its way, or arrived; or the endpoint does not listen to it.
            _ => Ok(None),
        }
    }

    fn unchanged(&self) -> Stmt {
        let endpoint = &self.subscriber.record;
        endpoints::unchanged(endpoint.id, endpoint.revision)
    }

    fn hold_back(&self, lane: Uuid) -> Stmt {
        let endpoint = &self.subscriber.record;
        let now = self.app.clock.now();
        lanes::hold_back(endpoint.id, lane, endpoint.tenant, now, self.held_until)
    }

    /// Lets everything that was put into line be sent, now that it is in its order.
    async fn let_run(&self) -> Result<(), AppError> {
        let id = self.subscriber.record.id;
        let mut commit = Commit::new();
        commit
            .push(lanes::let_run(id, self.held_until, self.app.clock.now()))
            .wake_jobs();
        self.app.db.commit(commit).await.map_err(Into::into)
    }
}
