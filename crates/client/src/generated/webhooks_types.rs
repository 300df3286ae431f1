// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `webhooks`.

use super::types::Pagination;
use crate::pages::Page;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// What [`crate::Client::list_webhook_endpoints`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListWebhookEndpointsQuery {
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

impl Page for WebhookEndpointPage {
    type Item = WebhookEndpoint;

    fn parts(self) -> (Vec<WebhookEndpoint>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::list_webhook_deliveries`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListWebhookDeliveriesQuery {
    /// Made at or after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_from: Option<String>,
    /// Made at or before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_to: Option<String>,
    /// Only this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// Only this status: `pending`, `succeeded` or `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

/// What [`crate::Client::get_webhook_feed`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct GetWebhookFeedQuery {
    /// `next_after` of the page before; 0, the default, for the beginning; `latest` for what comes
    /// from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Most events, 1 to 100; default 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Seconds to wait while there is no event, 0 to 25; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<i64>,
}

/// A webhook endpoint.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// Short name.
    pub label: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// `live` or `sandbox`: that of the key which made it.
    pub environment: String,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why the server disabled it: `receiver_gone`, `deliveries_given_up`, `failing_too_long`; null
    /// where it didn't.
    pub disabled_reason: Option<String>,
    /// The events that are sent; empty or `["*"]`: all.
    pub enabled_events: Vec<String>,
    /// The signing secret, `whsec_…`: in the answers that make it, and always in the sandbox; else
    /// null.
    pub secret: Option<String>,
    /// Until when the secret before the last rotation signs too.
    pub former_secret_until: Option<Timestamp>,
    /// The public key of the `v1a` signatures, for receivers that hold no secret.
    pub public_key: String,
    /// Paths that are left out of bodies.
    pub attribute_blocklist: Vec<String>,
    /// The condition that a body has to fulfil.
    pub event_filter_conditions: Value,
    /// The API version of bodies; null: the newest.
    pub api_version: Option<String>,
    /// How field names are written; null: `snake`.
    pub key_inflection: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What an endpoint may have; absent fields stay, null stands for the default.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpointCreate {
    /// Where to send, at most 2,048 characters: https to a public address. The operator may allow
    /// hosts by name, then over http too.
    pub url: String,
    /// Short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether events are sent; default true. Enabling again sends what waited, and forgets
    /// failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Names of events; null, the empty list and `["*"]` mean all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_events: Option<Vec<String>>,
    /// Paths that are left out of bodies, in snake case, such as `result.extracted_data.ssn`; at
    /// most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute_blocklist: Option<Vec<String>>,
    /// Only events whose body fulfils this condition are sent; the grammar of a workflow's
    /// conditions, over paths within the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_filter_conditions: Option<Value>,
    /// The API version of bodies, a date; null: the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// How field names are written: `snake`, `camel` or `kebab`; null: `snake`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_inflection: Option<String>,
}

/// A deleted endpoint.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpointDeleted {
    /// The endpoint.
    pub id: String,
    /// True.
    pub deleted: bool,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpointPage {
    /// Of the API.
    pub data: Vec<WebhookEndpoint>,
    /// Of the API.
    pub pagination: Pagination,
}

/// What came of a test event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpointTested {
    /// Whether the receiver answered with a 2xx.
    pub success: bool,
    /// Its status, if it answered.
    pub http_status: Option<i64>,
    /// Why it failed, as in the tries of a delivery; null on success.
    pub error: Option<String>,
    /// Where it was sent.
    pub url: String,
}

/// What an endpoint may have; absent fields stay, null stands for the default.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct WebhookEndpointUpdate {
    /// Where to send, at most 2,048 characters: https to a public address. The operator may allow
    /// hosts by name, then over http too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Short name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub label: Option<Option<String>>,
    /// Free text.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub description: Option<Option<String>>,
    /// Whether events are sent; default true. Enabling again sends what waited, and forgets
    /// failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Names of events; null, the empty list and `["*"]` mean all.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub enabled_events: Option<Option<Vec<String>>>,
    /// Paths that are left out of bodies, in snake case, such as `result.extracted_data.ssn`; at
    /// most 100.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub attribute_blocklist: Option<Option<Vec<String>>>,
    /// Only events whose body fulfils this condition are sent; the grammar of a workflow's
    /// conditions, over paths within the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_filter_conditions: Option<Value>,
    /// The API version of bodies, a date; null: the newest.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub api_version: Option<Option<String>>,
    /// How field names are written: `snake`, `camel` or `kebab`; null: `snake`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub key_inflection: Option<Option<String>>,
}

/// An event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEventType {
    /// Its name.
    pub event: String,
    /// When it is sent.
    pub description: String,
    /// Whether this release sends it.
    pub is_sent: bool,
}

/// Every event that an endpoint can subscribe to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEventTypes {
    /// The events.
    pub data: Vec<WebhookEventType>,
}

/// Events in their order.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookFeed {
    /// The events, oldest first.
    pub data: Vec<WebhookFeedEvent>,
    /// For `after` of the next call; as asked for where there was no event.
    pub next_after: i64,
}

/// One event of the feed, for the document.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookFeedEvent {
    /// Its number: one more than that of the event before.
    pub seq: i64,
    /// Its name; the further fields are those of the event's body.
    pub event: String,
    /// The same as in the deliveries of this event.
    pub idempotency_key: String,
    /// When the fact was.
    pub created_at: String,
}

/// From when on to recover.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookRecovery {
    /// Events from this time on.
    pub since: Timestamp,
    /// `next_after` of the call before, where that did not come to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}

/// What was put into line.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookRecoveryAccepted {
    /// The endpoint.
    pub id: String,
    /// Deliveries that are sent again, or for the first time.
    pub queued: i64,
    /// Whether every event up to now was looked at.
    pub is_complete: bool,
    /// If not: `after` of the call that goes on.
    pub next_after: Option<i64>,
}

/// How the former secret ends.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct WebhookSecretRotation {
    /// Hours that the former secret signs too, 0 to 72; default 0: it is dead at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_hours: Option<i64>,
}
