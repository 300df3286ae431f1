//! The feed, read page by page.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use url::Url;
use verifa_client::types::GetWebhookFeedQuery;
use verifa_client::{Client, Error, RawEvent, Retries};
use verifa_core::id::EventId;

use super::position::Start;

/// How long a call may stay while nothing happens, in seconds.
const WAIT: i64 = 20;
/// The longest a call may take.
const ANSWER: Duration = Duration::from_secs(35);
/// Events of one page.
const LIMIT: i64 = 100;

/// Reads the feed of one environment.
pub(super) struct Feed(Client);

/// An event of the feed.
pub(super) struct Event {
    /// Its number.
    pub(super) seq: i64,
    /// Its name; that of a newer server may be unknown here.
    pub(super) name: String,
    /// Its id.
    pub(super) id: EventId,
    /// Its body, as a delivery has it.
    pub(super) body: Vec<u8>,
}

/// Some events in their order.
pub(super) struct Page {
    pub(super) events: Vec<Event>,
    pub(super) next_after: i64,
}

/// Why there is no page.
pub(super) enum FeedFault {
    /// The key is unknown or may not.
    Refused(String),
    /// The server's feed ends before the place.
    Lost(String),
    /// The server has forgotten what comes behind the place.
    Forgotten(String),
    /// No answer, or one that asks to come again.
    Away(String),
    /// An answer that is none of the feed's.
    Other(anyhow::Error),
}

impl Feed {
    /// The feed of the environment that `key` opens.
    pub(super) fn new(server: &Url, key: &str) -> anyhow::Result<Self> {
        let client = Client::builder(server.as_str())
            .key(key)
            .timeout(ANSWER)
            // Who waits is told so.
            .retries(Retries::NONE)
            .build();
        Ok(Self(client.context("--server or --api-key can't be used")?))
    }

    /// The events behind `start` that are there.
    pub(super) async fn now(&self, start: Start) -> Result<Page, FeedFault> {
        self.read(start, 0).await
    }

    /// The events behind `start`; while there are none, waits for some time.
    pub(super) async fn next(&self, start: Start) -> Result<Page, FeedFault> {
        self.read(start, WAIT).await
    }

    async fn read(&self, start: Start, wait: i64) -> Result<Page, FeedFault> {
        let query = GetWebhookFeedQuery {
            after: Some(start.to_string()),
            limit: Some(LIMIT),
            wait: Some(wait),
        };
        let page = self.0.get_webhook_feed_raw(&query).await.map_err(fault)?;
        let events = page.events.into_iter().map(event);
        Ok(Page {
            events: events
                .collect::<anyhow::Result<_>>()
                .map_err(FeedFault::Other)?,
            next_after: page.next_after,
        })
    }
}

fn event(raw: RawEvent) -> anyhow::Result<Event> {
    let id = raw.idempotency_key.parse().ok();
    Ok(Event {
        seq: raw.seq,
        name: raw.event,
        id: id.context("an event of the server has no id")?,
        body: raw.body.into_bytes(),
    })
}

fn fault(error: Error) -> FeedFault {
    match error {
        Error::Refused(refusal) => match refusal.status_code {
            401 | 403 => FeedFault::Refused(refusal.detail),
            409 => FeedFault::Lost(refusal.detail),
            410 => FeedFault::Forgotten(refusal.detail),
            429 | 500.. => FeedFault::Away(refusal.detail),
            _ => FeedFault::Other(anyhow!("the server answers {refusal}")),
        },
        Error::Connection(cause) => FeedFault::Away(cause.to_string()),
        other => FeedFault::Other(other.into()),
    }
}
