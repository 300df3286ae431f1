//! The feed of events with each body as the server wrote it.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::types::GetWebhookFeedQuery;
use crate::{Client, Error};

/// Some events in their order. Deliberately without `Debug`: bodies may tell of people.
pub struct RawFeed {
    /// The events, oldest first.
    pub events: Vec<RawEvent>,
    /// For `after` of the next call.
    pub next_after: i64,
}

/// An event whose body is kept as it was written, to be forwarded or stored.
pub struct RawEvent {
    /// Its number.
    pub seq: i64,
    /// Its name; that of a newer server may be unknown here.
    pub event: String,
    /// Its id, the same as in the deliveries of this event.
    pub idempotency_key: String,
    /// Its body as a delivery has it: JSON, its fields in their order and its numbers as spelled.
    pub body: String,
}

/// A page as it comes.
#[derive(Deserialize)]
struct Page {
    data: Vec<Map<String, Value>>,
    next_after: i64,
}

impl Client {
    /// Read the feed of events, bodies and all.
    ///
    /// As [`Client::get_webhook_feed`], which reads only what every event has.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_webhook_feed_raw(
        &self,
        query: &GetWebhookFeedQuery,
    ) -> Result<RawFeed, Error> {
        let call = Call::new(Method::GET, "/api/v1/webhooks/feed", &[]).query(query)?;
        let page: Page = self.json(call).await?;
        let events = page.data.into_iter().map(|body| {
            let strange = || Error::Unexpected("an event of the feed is none".to_owned());
            event(body).ok_or_else(strange)
        });
        Ok(RawFeed {
            events: events.collect::<Result<_, _>>()?,
            next_after: page.next_after,
        })
    }
}

fn event(mut body: Map<String, Value>) -> Option<RawEvent> {
    let seq = body.shift_remove("seq")?.as_i64()?;
    let text = |name: &str| Some(body.get(name)?.as_str()?.to_owned());
    Some(RawEvent {
        seq,
        event: text("event")?,
        idempotency_key: text("idempotency_key")?,
        body: Value::Object(body).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_keeps_its_order_and_its_numbers() {
        let text = r#"{"seq":7,"event":"session.created","idempotency_key":"idk_1","zebra":1.50,
            "apple":null,"large":123456789012345678901234567890}"#;
        let read = event(serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!((read.seq, read.event.as_str()), (7, "session.created"));
        assert_eq!(read.idempotency_key, "idk_1");
        assert_eq!(
            read.body,
            r#"{"event":"session.created","idempotency_key":"idk_1","zebra":1.50,"apple":null,"large":123456789012345678901234567890}"#
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for text in [
            "{}",
            r#"{"seq":"7","event":"a","idempotency_key":"b"}"#,
            r#"{"seq":7,"event":"a"}"#,
        ] {
            assert!(
                event(serde_json::from_str(text).unwrap()).is_none(),
                "{text}"
            );
        }
    }
}
