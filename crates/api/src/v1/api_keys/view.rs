//! The API key object (spec/resources.md, "API keys").

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use verifa_app::api_keys::MadeApiKey;
use verifa_core::id::{ApiKeyId, OrganizationId};
use verifa_core::tenant::Scope;
use verifa_core::time::Timestamp;
use verifa_store::api_keys::ApiKeyRecord;

use crate::mutation::Outcome;

/// What new keys come with.
const WARNING: &str = "The secret is shown this once. Keep it where only your servers can read it.";

impl Outcome for ApiKeyRecord {
    fn organization(&self) -> Option<OrganizationId> {
        Some(self.tenant.organization)
    }
}

impl Outcome for MadeApiKey {
    fn organization(&self) -> Option<OrganizationId> {
        self.record.organization()
    }
}

/// Declares a view with the fields of a key, then those of its own.
macro_rules! key_view {
    ($(#[$about:meta])* $name:ident { $($own:tt)* }) => {
        #[derive(Serialize, ToSchema)]
        $(#[$about])*
        pub struct $name {
            /// Its id.
            #[schema(value_type = String, example = "key_01kcd2fgpzeq7v5rk1yh3b6a9d")]
            id: ApiKeyId,
            /// `api-key`.
            #[serde(rename = "type")]
            #[schema(example = "api-key")]
            kind: &'static str,
            /// `live` or `sandbox`.
            #[schema(example = "live")]
            environment: &'static str,
            /// The beginning of the secret, to recognise it by.
            #[schema(example = "vk_live_7k2p")]
            key_prefix: String,
            /// Whether it works now.
            #[schema(example = true)]
            is_active: bool,
            /// Whether it is for browsers, and may only create sessions.
            #[schema(example = false)]
            is_publishable: bool,
            /// When it was made.
            #[schema(value_type = String, format = DateTime)]
            created_at: Timestamp,
            /// Short name.
            #[schema(example = "Shop server")]
            label: Option<String>,
            /// Free text.
            #[schema(example = json!(null))]
            note: Option<String>,
            /// What it may do.
            #[schema(example = json!(["sessions:read", "sessions:create"]))]
            scopes: Vec<&'static str>,
            /// The API version of calls that name none; null: the newest.
            #[schema(example = json!(null))]
            api_version: Option<String>,
            /// `snake`, `camel` or `kebab`, for calls that name none; null: snake.
            #[schema(example = json!(null))]
            default_key_inflection: Option<String>,
            /// Networks it may be used from; null: all.
            #[schema(example = json!(["203.0.113.0/24"]))]
            allowed_ips: Option<Vec<String>>,
            /// Origins of pages that may use a publishable key; null: all.
            #[schema(example = json!(null))]
            allowed_origins: Option<Vec<String>>,
            /// When it stops working; null: never by itself.
            #[schema(value_type = Option<String>, format = DateTime)]
            expires_at: Option<Timestamp>,
            /// When it was last used, to the minute; null: never.
            #[schema(value_type = Option<String>, format = DateTime)]
            last_used_at: Option<Timestamp>,
            $($own)*
        }
    };
}

key_view! {
    /// An API key.
    #[schema(as = ApiKey)]
    ApiKeyView {}
}

key_view! {
    /// A key just made.
    #[schema(as = NewApiKey)]
    MadeApiKeyView {
        /// The secret, this once.
        #[schema(example = "vk_live_…")]
        secret: String,
        /// What to do with it.
        warning: &'static str,
    }
}

impl ApiKeyView {
    /// A key as callers see it at `now`.
    pub fn of(record: &ApiKeyRecord, now: Timestamp) -> Self {
        let works = record.revoked_at.is_none() && record.expires_at.is_none_or(|end| end > now);
        Self {
            id: record.id,
            kind: "api-key",
            environment: record.tenant.environment.as_str(),
            key_prefix: record.key_prefix.clone(),
            is_active: works,
            is_publishable: record.publishable,
            created_at: record.created_at,
            label: record.label.clone(),
            note: record.note.clone(),
            scopes: record.scopes.iter().map(Scope::as_str).collect(),
            api_version: record.api_version.clone(),
            default_key_inflection: record.default_key_inflection.clone(),
            allowed_ips: list(record.allowed_ips.as_deref()),
            allowed_origins: list(record.allowed_origins.as_deref()),
            expires_at: record.expires_at,
            last_used_at: record.last_used_at,
        }
    }
}

impl MadeApiKeyView {
    /// A new key as its maker sees it.
    pub fn of(made: &MadeApiKey) -> Self {
        let key = ApiKeyView::of(&made.record, made.record.created_at);
        Self {
            id: key.id,
            kind: key.kind,
            environment: key.environment,
            key_prefix: key.key_prefix,
            is_active: key.is_active,
            is_publishable: key.is_publishable,
            created_at: key.created_at,
            label: key.label,
            note: key.note,
            scopes: key.scopes,
            api_version: key.api_version,
            default_key_inflection: key.default_key_inflection,
            allowed_ips: key.allowed_ips,
            allowed_origins: key.allowed_origins,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            secret: made.secret.reveal().to_owned(),
            warning: WARNING,
        }
    }
}

/// A stored list. One that can't be read allows nothing, and is shown so.
fn list<T: DeserializeOwned>(stored: Option<&str>) -> Option<Vec<T>> {
    stored.map(|text| serde_json::from_str(text).unwrap_or_default())
}
