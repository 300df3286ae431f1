//! The feed, read page by page.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::StatusCode;
use serde_json::{Map, Value};
use url::Url;
use verifa_core::id::EventId;

use super::position::Start;

/// How long a call may stay while nothing happens.
pub(super) const WAIT: Duration = Duration::from_secs(20);
/// The longest a call may take beyond its wait.
const ANSWER: Duration = Duration::from_secs(15);
/// Events of one page.
const LIMIT: &str = "100";

/// Reads the feed of one environment.
pub(super) struct Feed {
    http: reqwest::Client,
    url: Url,
    key: String,
}

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
    /// No answer, or one that asks to come again.
    Away(String),
    /// An answer that is none of the feed's.
    Other(anyhow::Error),
}

impl Feed {
    /// The feed of the environment that `key` opens.
    pub(super) fn new(server: &Url, key: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(WAIT + ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let base = server.as_str().trim_end_matches('/');
        let url = format!("{base}/api/v1/webhooks/feed");
        Ok(Self {
            http,
            url: Url::parse(&url).context("--server is no base URL")?,
            key: key.to_owned(),
        })
    }

    /// The events behind `start`; while there are none, waits for up to `wait`.
    pub(super) async fn after(&self, start: Start, wait: Duration) -> Result<Page, FeedFault> {
        let request = self
            .http
            .get(self.url.clone())
            .header("x-api-key", &self.key)
            // The body is forwarded as an endpoint without settings of its own would get it.
            .header("key-inflection", "snake")
            .query(&[("after", start.to_string()), ("limit", LIMIT.to_owned())])
            .query(&[("wait", wait.as_secs())]);
        // The cause names the address, which the caller gave, and nothing of the call.
        let away = |error: reqwest::Error| FeedFault::Away(error.without_url().to_string());
        let answer = request.send().await.map_err(away)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(away)?;
        let detail = || detail(&body).unwrap_or_else(|| status.to_string());
        match status {
            StatusCode::OK => read(&body).map_err(FeedFault::Other),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(FeedFault::Refused(detail())),
            StatusCode::TOO_MANY_REQUESTS => Err(FeedFault::Away(detail())),
            _ if status.is_server_error() => Err(FeedFault::Away(detail())),
            _ => Err(FeedFault::Other(anyhow!("the server answers {}", detail()))),
        }
    }
}

/// The sentence of a refusal.
fn detail(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("detail")?.as_str()?.to_owned())
}

fn read(body: &[u8]) -> anyhow::Result<Page> {
    let strange = "the server's answer is no page of the feed";
    let page: Value = serde_json::from_slice(body).context(strange)?;
    let data = page.get("data").and_then(Value::as_array);
    let events = data.context(strange)?.iter().map(|item| {
        let item = item.as_object().context(strange)?;
        event(item).context(strange)
    });
    Ok(Page {
        events: events.collect::<anyhow::Result<_>>()?,
        next_after: page
            .get("next_after")
            .and_then(Value::as_i64)
            .context(strange)?,
    })
}

fn event(item: &Map<String, Value>) -> Option<Event> {
    let text = |name: &str| item.get(name)?.as_str();
    let mut body = item.clone();
    let seq = body.shift_remove("seq")?.as_i64()?;
    Some(Event {
        seq,
        name: text("event")?.to_owned(),
        id: text("idempotency_key")?.parse().ok()?,
        body: Value::Object(body).to_string().into_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_and_its_bodies_keep_their_order() {
        let text = r#"{"data":[{"seq":7,"event":"session.created",
            "idempotency_key":"idk_01kcd2fgpzeq7v5rk1yh3b6a9d","zebra":1.50,"apple":null}],
            "next_after":7}"#;
        let page = read(text.as_bytes()).unwrap();
        assert_eq!(page.next_after, 7);
        let event = &page.events[0];
        assert_eq!((event.seq, event.name.as_str()), (7, "session.created"));
        assert_eq!(
            String::from_utf8(event.body.clone()).unwrap(),
            r#"{"event":"session.created","idempotency_key":"idk_01kcd2fgpzeq7v5rk1yh3b6a9d","zebra":1.50,"apple":null}"#
        );
    }

    #[test]
    fn other_answers_are_no_page() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"data":[1],"next_after":1}"#,
            r#"{"data":[]}"#,
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(detail(br#"{"detail":"No."}"#).as_deref(), Some("No."));
        assert_eq!(detail(b"<html>"), None);
    }
}
