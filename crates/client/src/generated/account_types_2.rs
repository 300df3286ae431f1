// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `account`.

use super::types::{
    Branding, CaptureSettings, ConsentSettings, CursorPagination, EmailSettings, FaceMatchSettings,
    Limit,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A key just made.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NewApiKey {
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
    /// The secret, this once.
    pub secret: String,
    /// What to do with it.
    pub warning: String,
}

/// Where an offset page lies.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OffsetPagination {
    /// Entries of the whole list; null where they are too many to count on a call's time.
    pub total: Option<i64>,
    /// As asked for.
    pub limit: i64,
    /// As asked for.
    pub offset: i64,
}

/// Where a page lies in its list.
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Pagination {
    /// Where an offset page lies.
    Offset(OffsetPagination),
    /// Where a cursor page lies.
    Cursor(CursorPagination),
}

impl<'de> Deserialize<'de> for Pagination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Ok(found) = serde_json::from_value(value.clone()) {
            return Ok(Self::Offset(found));
        }
        if let Ok(found) = serde_json::from_value(value.clone()) {
            return Ok(Self::Cursor(found));
        }
        Err(serde::de::Error::custom("fits none of the types"))
    }
}

/// What may be made.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Quotas {
    /// Verifications a day.
    pub verification_creation: Limit,
    /// API keys a minute.
    pub key_creation: Limit,
}

/// Where the calling key's organization stands.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLimits {
    /// Calls a minute.
    pub rate_limit: Limit,
    /// What may be made.
    pub quotas: Quotas,
    /// The organization's plan.
    pub plan: String,
    /// `live` or `sandbox`.
    pub environment: String,
}

/// What an organization signs external references with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceSecret {
    /// Whose it is, in both environments.
    pub organization: String,
    /// The new secret, shown this once.
    pub secret: String,
}

/// What an organization decides for itself, for the environment of the calling key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The organization.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Short name, unique on the server.
    pub slug: String,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
    pub plan: String,
    /// The extracted fields that the API shows; null: all but `mrz`.
    pub api_pii_fields: Option<Vec<String>>,
    /// Life of a signed document link, in seconds.
    pub image_url_expiry_seconds: i64,
    /// Days from the terminal status until retention is over; null: never.
    pub data_retention_days: Option<i64>,
    /// Days from the terminal status until the API shows no more personal data; null: never.
    pub sensitive_data_retention_days: Option<i64>,
    /// Whether a session whose retention is over is redacted.
    pub auto_redact_on_retention_expiry: bool,
    /// Whether a decided case needs a second reviewer.
    pub dual_review: bool,
    /// Face comparison.
    pub face_match: FaceMatchSettings,
    /// What fraud signals do, by the signal's name: `ignore`, `score` or `block`; others score.
    pub fraud_signal_actions: BTreeMap<String, String>,
    /// The workflow of sessions that name none.
    pub default_workflow_id: String,
    /// How pages and mails look.
    pub branding: Branding,
    /// How mails are sent.
    pub email: EmailSettings,
    /// The capture pages.
    pub capture: CaptureSettings,
    /// What a person has to agree to.
    pub consent: ConsentSettings,
    /// How webhooks are delivered.
    pub webhooks: WebhookSettings,
    /// Grows with each change, of either environment.
    pub revision: i64,
    /// When the organization was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What can change; absent fields stay, null gives a field's default or switches it off.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdate {
    /// Display name, 1 to 200 characters; not null. Live keys only.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub name: Option<Option<String>>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`; not null. Servers whose
    /// operator chooses the plans refuse a change (403). Live keys only.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub plan: Option<Option<String>>,
    /// Names of extracted fields that the API shows; null: all but `mrz`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub api_pii_fields: Option<Option<Vec<String>>>,
    /// 30 to 86400.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub image_url_expiry_seconds: Option<Option<i64>>,
    /// Days, at least 1; null: never.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub data_retention_days: Option<Option<i64>>,
    /// Days, at least 1 and not above `data_retention_days`; null: never.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub sensitive_data_retention_days: Option<Option<i64>>,
    /// Whether a session whose retention is over is redacted.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub auto_redact_on_retention_expiry: Option<Option<bool>>,
    /// Whether a decided case needs a second reviewer.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub dual_review: Option<Option<bool>>,
    /// Face comparison.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub face_match: Option<Option<SettingsUpdateFaceMatch>>,
    /// `ignore`, `score` or `block` by the signal's name; takes the place of the former map.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub fraud_signal_actions: Option<Option<BTreeMap<String, String>>>,
    /// An active workflow of the organization; not null. Live keys only.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub default_workflow_id: Option<Option<String>>,
    /// How pages and mails look.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub branding: Option<Option<SettingsUpdateBranding>>,
    /// How mails are sent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub email: Option<Option<SettingsUpdateEmail>>,
    /// The capture pages.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub capture: Option<Option<SettingsUpdateCapture>>,
    /// What a person has to agree to.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub consent: Option<Option<SettingsUpdateConsent>>,
    /// How webhooks are delivered.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub webhooks: Option<Option<SettingsUpdateWebhooks>>,
    /// The revision that you read; another one is refused (409).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub revision: Option<Option<i64>>,
}

/// How pages and mails look.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdateBranding {
    /// The name that applicants read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A PNG, JPEG or WebP picture as `data:` URL in base64, at most 128 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// `#rrggbb` by role; takes the place of the former map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colours: Option<BTreeMap<String, String>>,
    /// https, or http on localhost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
}

/// The capture pages.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdateCapture {
    /// Language tags, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locales: Option<Vec<String>>,
    /// 1 to 43200; null: the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_minutes: Option<i64>,
}

/// What a person has to agree to.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdateConsent {
    /// Whether a submission without a record of consent is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether biometric checks are skipped without the person's explicit consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biometric_required: Option<bool>,
    /// The version of the text that counts; null: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// How mails are sent.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdateEmail {
    /// The sender's address; null: the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// At most 20 addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admins: Option<Vec<String>>,
}

/// Face comparison.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdateFaceMatch {
    /// 0 to 1; null: the model's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

/// How webhooks are delivered.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SettingsUpdateWebhooks {
    /// `standard` or `extended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
}

/// How webhooks are delivered.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookSettings {
    /// `standard`: six tries in about three hours; `extended`: twelve over 76 hours.
    pub schedule: String,
}
