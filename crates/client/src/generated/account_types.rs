// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `account`.

use super::types::Pagination;
use crate::pages::Page;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

/// What [`crate::Client::list_api_keys`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListApiKeysQuery {
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

impl Page for ApiKeyPage {
    type Item = ApiKey;

    fn parts(self) -> (Vec<ApiKey>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::list_audit_events`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListAuditEventsQuery {
    /// What happened, such as `session.created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The kind of thing it happened to, such as `session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The id of the thing it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// At or after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<String>,
    /// Before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<String>,
    /// The beginning of action, id of the thing, or actor. Searches the newest 10,000 events that
    /// fit the other filters; `created_before` moves it to older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
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

impl Page for AuditEventPage {
    type Item = AuditEvent;

    fn parts(self) -> (Vec<AuditEvent>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// An API key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: String,
    /// `api-key`.
    #[serde(rename = "type")]
    pub type_: String,
    /// `live` or `sandbox`.
    pub environment: String,
    /// The beginning of the secret, to recognise it by.
    pub key_prefix: String,
    /// Whether it works now.
    pub is_active: bool,
    /// Whether it is for browsers, and may only create sessions.
    pub is_publishable: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Short name.
    pub label: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The API version of calls that name none; null: the newest.
    pub api_version: Option<String>,
    /// `snake`, `camel` or `kebab`, for calls that name none; null: snake.
    pub default_key_inflection: Option<String>,
    /// Networks it may be used from; null: all.
    pub allowed_ips: Option<Vec<String>>,
    /// Origins of pages that may use a publishable key; null: all.
    pub allowed_origins: Option<Vec<String>>,
    /// When it stops working; null: never by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; null: never.
    pub last_used_at: Option<Timestamp>,
}

/// What a key is made with; every field is optional.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ApiKeyCreate {
    /// Short name, 1 to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Free text, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it may do; default: `sessions:read`, `sessions:create`, `sessions:write`,
    /// `verifications:read` and `identities:read`, those of them that the calling key holds; a key
    /// that holds none of them has to name some (422). A key can't grant a scope that it lacks
    /// (403).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Whether it is for browsers, and may only create sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishable: Option<bool>,
    /// `live` or `sandbox`: that of the calling key, which is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The API version of calls that name none, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `snake`, `camel` or `kebab`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_key_inflection: Option<String>,
    /// CIDR blocks it may be used from, 1 to 100; null: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_ips: Option<Vec<String>>,
    /// Origins of pages that may use a publishable key, 1 to 100; null: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// When it stops working, in the future; null: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyPage {
    /// Of the API.
    pub data: Vec<ApiKey>,
    /// Of the API.
    pub pagination: Pagination,
}

/// What can change; absent fields stay, null empties them.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ApiKeyUpdate {
    /// Short name, 1 to 255 characters.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub label: Option<Option<String>>,
    /// Free text, at most 2,000 characters.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub note: Option<Option<String>>,
    /// What it may do; new scopes must be held by the calling key (403).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub scopes: Option<Option<Vec<String>>>,
    /// The API version of calls that name none, `YYYY-MM-DD`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub api_version: Option<Option<String>>,
    /// `snake`, `camel` or `kebab`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub default_key_inflection: Option<Option<String>>,
    /// CIDR blocks it may be used from, 1 to 100; null: all.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub allowed_ips: Option<Option<Vec<String>>>,
    /// Origins of pages that may use a publishable key, 1 to 100; null: all.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub allowed_origins: Option<Option<Vec<String>>>,
    /// When it stops working, in the future; null: never.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub expires_at: Option<Option<Timestamp>>,
}

/// A signed statement of how far the audit chain had come. Kept elsewhere, it proves later that
/// nothing before it was changed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditCheckpoint {
    /// The number of the last event that it covers.
    pub sequence: i64,
    /// The chain's SHA-256 up to that event, in hexadecimal.
    pub hash: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The same in microseconds since 1970, as it is signed.
    pub signed_at_micros: i64,
    /// `ed25519`: over `verifa/1/audit-checkpoint`, a zero byte, the sequence in 8 bytes, the 32
    /// bytes of the hash, and the time in microseconds in 8 bytes, numbers in big-endian order.
    pub algorithm: String,
    /// The signature in hexadecimal.
    pub signature: String,
    /// The server's public key in hexadecimal.
    pub public_key: String,
}

/// One fact, without personal data.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Its id.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub type_: String,
    /// When.
    pub created_at: Timestamp,
    /// The kind of thing it happened to.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// Who: an API key's or admin token's id, `system` or `cli`.
    pub actor: String,
    /// Details.
    pub metadata: Map<String, Value>,
    /// Where the call came from; null for none, and once the session's data is deleted.
    pub ip_address: Option<String>,
    /// The call's method; null where no call caused it.
    pub request_method: Option<String>,
    /// The route's template, never the path.
    pub request_path: Option<String>,
    /// Its number in the chain of the whole server; null until it is sealed, a second at most.
    pub seq: Option<i64>,
    /// The chain's SHA-256 up to it, in hexadecimal; null until it is sealed.
    pub hash: Option<String>,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEventPage {
    /// Of the API.
    pub data: Vec<AuditEvent>,
    /// Of the API.
    pub pagination: Pagination,
}

/// How pages and mails look.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Branding {
    /// The name that applicants read.
    pub name: Option<String>,
    /// A PNG, JPEG or WebP picture as `data:` URL.
    pub logo: Option<String>,
    /// Colours by role, each `#rrggbb`.
    pub colours: BTreeMap<String, String>,
    /// Where the applicant finds help.
    pub support_url: Option<String>,
}

/// The capture pages.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaptureSettings {
    /// The languages on offer, best first; empty: all there are.
    pub locales: Vec<String>,
    /// Life of a capture token in minutes; null: the server's.
    pub token_minutes: Option<i64>,
}

/// What a person has to agree to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentSettings {
    /// Whether a submission without a record of consent is refused.
    pub required: bool,
    /// Whether biometric checks are skipped without the person's explicit consent.
    pub biometric_required: bool,
    /// The version of the text that counts; null: any.
    pub version: Option<String>,
}

/// Where a cursor page lies.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CursorPagination {
    /// Always null: a cursor page counts nothing.
    pub total: Option<i64>,
    /// As asked for.
    pub limit: i64,
    /// For `page[after]`; null on the last page.
    pub next_cursor: Option<String>,
    /// For `page[before]`; null on the first page.
    pub prev_cursor: Option<String>,
}

/// How mails are sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct EmailSettings {
    /// The sender's address; null: the server's.
    pub from: Option<String>,
    /// Always null: the server's configuration names the mail server.
    pub smtp_url: Option<String>,
    /// Who hears of what goes wrong, such as a disabled webhook endpoint.
    pub admins: Vec<String>,
}

/// Face comparison.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceMatchSettings {
    /// The least similarity that passes, 0 to 1; null: the model's own.
    pub threshold: Option<f64>,
}

/// One limit and where the caller stands in it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Allowed in a window; null: any number.
    pub limit: Option<i64>,
    /// Left in this window; null: any number.
    pub remaining: Option<i64>,
    /// Seconds until the window ends.
    pub reset_in_seconds: i64,
    /// Length of a window.
    pub window_seconds: i64,
}
