//! The bodies of the calls that make and change API keys, for the document. They are read by
//! `verifa_core::api_key`.

use utoipa::ToSchema;

/// What a key is made with; every field is optional.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct ApiKeyCreate {
    /// Short name, 1 to 255 characters.
    #[schema(example = "Shop server", min_length = 1, max_length = 255)]
    label: Option<String>,
    /// Free text, at most 2,000 characters.
    #[schema(example = json!(null), min_length = 1, max_length = 2_000)]
    note: Option<String>,
    /// What it may do; default: `sessions:read`, `sessions:create`, `sessions:write`,
    /// `verifications:read` and `identities:read`, those of them that the calling key holds; a key
    /// that holds none of them has to name some (422). A key can't grant a scope that it lacks
    /// (403).
    #[schema(example = json!(["sessions:read", "sessions:create"]))]
    scopes: Option<Vec<String>>,
    /// Whether it is for browsers, and may only create sessions.
    #[schema(example = false)]
    publishable: Option<bool>,
    /// `live` or `sandbox`: that of the calling key, which is the default.
    #[schema(example = json!(null))]
    environment: Option<String>,
    /// The API version of calls that name none, `YYYY-MM-DD`.
    #[schema(example = json!(null))]
    api_version: Option<String>,
    /// `snake`, `camel` or `kebab`.
    #[schema(example = json!(null))]
    default_key_inflection: Option<String>,
    /// CIDR blocks it may be used from, 1 to 100; null: all.
    #[schema(example = json!(null), min_items = 1, max_items = 100)]
    allowed_ips: Option<Vec<String>>,
    /// Origins of pages that may use a publishable key, 1 to 100; null: all.
    #[schema(example = json!(null), min_items = 1, max_items = 100)]
    allowed_origins: Option<Vec<String>>,
    /// When it stops working, in the future; null: never.
    #[schema(example = json!(null), format = DateTime)]
    expires_at: Option<String>,
}

/// What can change; absent fields stay, null empties them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct ApiKeyUpdate {
    /// Short name, 1 to 255 characters.
    #[schema(example = "Shop server", min_length = 1, max_length = 255)]
    label: Option<String>,
    /// Free text, at most 2,000 characters.
    #[schema(example = "Rotated each spring", min_length = 1, max_length = 2_000)]
    note: Option<String>,
    /// What it may do; new scopes must be held by the calling key (403).
    #[schema(example = json!(["sessions:read"]))]
    scopes: Option<Vec<String>>,
    /// The API version of calls that name none, `YYYY-MM-DD`.
    #[schema(example = "2026-01-01")]
    api_version: Option<String>,
    /// `snake`, `camel` or `kebab`.
    #[schema(example = "snake")]
    default_key_inflection: Option<String>,
    /// CIDR blocks it may be used from, 1 to 100; null: all.
    #[schema(example = json!(null), min_items = 1, max_items = 100)]
    allowed_ips: Option<Vec<String>>,
    /// Origins of pages that may use a publishable key, 1 to 100; null: all.
    #[schema(example = json!(null), min_items = 1, max_items = 100)]
    allowed_origins: Option<Vec<String>>,
    /// When it stops working, in the future; null: never.
    #[schema(example = json!(null), format = DateTime)]
    expires_at: Option<String>,
}
