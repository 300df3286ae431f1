//! The pull form of webhooks: every event of a tenant by its number, without gaps.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;
use verifa_core::tenant::Tenant;
use verifa_store::outbox::{self, EventBody, OutboxRecord};
use verifa_store::sequence_heads::{self, Head};

use super::bodies::open_body;
use crate::App;
use crate::error::AppError;

/// A waiting reader looks at least this often: a wake may have gone to another process.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A waiting reader looks no oftener, however many commits wake it.
const REST: Duration = Duration::from_millis(100);

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedStart {
    /// Behind this number; 0 for the beginning.
    After(i64),
    /// Behind the newest event.
    Latest,
}

/// An event by its number. Deliberately without `Debug`: the body may tell of a person.
pub struct FeedEvent {
    /// Its number.
    pub seq: i64,
    /// Its body, as a delivery has it.
    pub body: Map<String, Value>,
}

/// The sequence whose head is the number of the newest event that was forgotten because it was old.
pub(crate) fn forgotten_sequence(tenant: Tenant) -> String {
    format!("forgotten:{}:{}", tenant.organization, tenant.environment)
}

/// Some events in their order.
pub struct FeedPage {
    /// The events.
    pub events: Vec<FeedEvent>,
    /// Where the next page begins.
    pub next_after: i64,
}

impl App {
    /// Up to `limit` events behind `start`. While there are none, waits for up to `wait`, or until
    /// `gives_up` says so. From the beginning means from the first event behind all that was
    /// forgotten: of older ones some may be kept, but not without gaps.
    ///
    /// # Errors
    /// Gone when an event behind a number other than 0 was forgotten;
    /// [`AppError::AheadOfFeed`] where the feed ends before `start`; when the database fails.
    pub async fn feed(
        &self,
        tenant: Tenant,
        start: FeedStart,
        limit: i64,
        wait: Duration,
        gives_up: impl Fn() -> bool,
    ) -> Result<FeedPage, AppError> {
        let deadline = Instant::now() + wait;
        let mut wakes = self.db.wakes();
        let from_beginning = start == FeedStart::After(0);
        let mut after = match start {
            FeedStart::After(0) => self.forgotten_event(tenant).await?,
            FeedStart::After(seq) => seq,
            FeedStart::Latest => self.feed_head(tenant).await?,
        };
        let mut is_checked = false;
        loop {
            let events = self.feed_events(tenant, after, limit).await?;
            if events.is_empty() && !is_checked {
                self.expect_known(tenant, after).await?;
                is_checked = true;
            }
            if !events.is_empty() || Instant::now() >= deadline || gives_up() {
                let next_after = events.last().map_or(after, |event| event.seq);
                let many = i64::try_from(events.len()).unwrap_or(i64::MAX);
                // Numbers have no gaps, so that a page without one needs no further look.
                let is_whole = many > 0 && next_after.saturating_sub(after) == many;
                if !is_whole {
                    let forgotten = self.forgotten_event(tenant).await?;
                    if forgotten > after && !from_beginning {
                        return Err(FORGOTTEN);
                    }
                    // Just now: it begins behind that.
                    if forgotten > after {
                        after = forgotten;
                        continue;
                    }
                }
                return Ok(FeedPage { events, next_after });
            }
            let look = (Instant::now() + LOOK_AGAIN).min(deadline);
            tokio::select! {
                () = tokio::time::sleep_until(look) => {}
                () = wakes.woken() => tokio::time::sleep(REST).await,
            }
        }
    }

    /// The number of the newest event that was forgotten; 0 while none was.
    async fn forgotten_event(&self, tenant: Tenant) -> Result<i64, AppError> {
        let head = sequence_heads::get(&forgotten_sequence(tenant));
        let row = self.db.query_opt(head).await?;
        let head = row.as_ref().map(Head::from_row).transpose()?;
        Ok(head.map_or(0, |head| head.seq))
    }

    /// The number of a tenant's newest numbered event; 0 before the first.
    pub(super) async fn feed_head(&self, tenant: Tenant) -> Result<i64, AppError> {
        let head = sequence_heads::get(&feed_sequence(tenant));
        let row = self.db.query_opt(head).await?;
        Ok(row.map_or(Ok(0), |row| Head::from_row(&row).map(|head| head.seq))?)
    }

    /// Who stands behind the end would be told nothing until the feed has come there again.
    async fn expect_known(&self, tenant: Tenant, after: i64) -> Result<(), AppError> {
        let head = self.feed_head(tenant).await?;
        if after > head {
            return Err(AppError::AheadOfFeed(head));
        }
        Ok(())
    }

    async fn feed_events(
        &self,
        tenant: Tenant,
        after: i64,
        limit: i64,
    ) -> Result<Vec<FeedEvent>, AppError> {
        let rows = self.db.query(outbox::feed(tenant, after, limit)).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let organization = self.organization_key(tenant).await?;
        rows.iter()
            .map(|row| {
                let record = EventBody::from_row(row)?;
                let seq = record.event.seq;
                let body = open_body(&organization, &record);
                Ok(FeedEvent {
                    seq: seq.ok_or(AppError::Internal("an event of the feed has no number"))?,
                    body: body.unwrap_or_else(|| remains(&record.event)),
                })
            })
            .collect()
    }
}

const FORGOTTEN: AppError = AppError::Gone(
    "Events behind this number have been deleted because of their age. \
     Go on with `after=0`, the oldest that is kept, or `after=latest`.",
);
/// The name of the sequence that numbers a tenant's events.
pub(crate) fn feed_sequence(tenant: Tenant) -> String {
    format!("feed:{}:{}", tenant.organization, tenant.environment)
}

/// What is left of an event whose body is gone: it still has its number in the feed.
fn remains(event: &OutboxRecord) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("event".to_owned(), json!(event.event));
    body.insert("idempotency_key".to_owned(), json!(event.id));
    body.insert("created_at".to_owned(), json!(event.created_at));
    body.insert("session_id".to_owned(), json!(event.session_id));
    body
}
