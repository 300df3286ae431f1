//! The body of the call that changes settings, for the document. It is read by
//! `verifa_core::organization::read_change`.

use std::collections::HashMap;

use utoipa::ToSchema;

/// What can change; absent fields stay, null gives a field's default or switches it off.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct SettingsUpdate {
    /// Display name, 1 to 200 characters; not null. Live keys only.
    #[schema(example = "Example Bank", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`; not null. Servers whose
    /// operator chooses the plans refuse a change (403). Live keys only.
    #[schema(example = "unlimited")]
    plan: Option<String>,
    /// Names of extracted fields that the API shows; null: all but `mrz`.
    #[schema(example = json!(["first_name", "last_name", "date_of_birth"]))]
    api_pii_fields: Option<Vec<String>>,
    /// 30 to 86400.
    #[schema(minimum = 30, maximum = 86_400, example = 300)]
    image_url_expiry_seconds: Option<u32>,
    /// Days, at least 1; null: never.
    #[schema(minimum = 1, maximum = 36_500, example = 365)]
    data_retention_days: Option<u32>,
    /// Days, at least 1 and not above `data_retention_days`; null: never.
    #[schema(minimum = 1, maximum = 36_500, example = 90)]
    sensitive_data_retention_days: Option<u32>,
    /// Whether a session whose retention is over is redacted.
    #[schema(example = true)]
    auto_redact_on_retention_expiry: Option<bool>,
    /// Whether a decided case needs a second reviewer.
    #[schema(example = false)]
    dual_review: Option<bool>,
    /// Face comparison.
    #[schema(inline)]
    face_match: Option<FaceMatchUpdate>,
    /// `ignore`, `score` or `block` by the signal's name; takes the place of the former map.
    #[schema(example = json!({"vpn_detected": "ignore"}))]
    fraud_signal_actions: Option<HashMap<String, String>>,
    /// An active workflow of the organization; not null. Live keys only.
    #[schema(example = "wfl_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    default_workflow_id: Option<String>,
    /// How pages and mails look.
    #[schema(inline)]
    branding: Option<BrandingUpdate>,
    /// How mails are sent.
    #[schema(inline)]
    email: Option<EmailUpdate>,
    /// The capture pages.
    #[schema(inline)]
    capture: Option<CaptureUpdate>,
    /// What a person has to agree to.
    #[schema(inline)]
    consent: Option<ConsentUpdate>,
    /// How webhooks are delivered.
    #[schema(inline)]
    webhooks: Option<WebhooksUpdate>,
    /// The revision that you read; another one is refused (409).
    #[schema(minimum = 0, example = json!(null))]
    revision: Option<i64>,
}

/// Face comparison.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct FaceMatchUpdate {
    /// 0 to 1; null: the model's own.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f64>,
}

/// How pages and mails look.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct BrandingUpdate {
    /// The name that applicants read.
    #[schema(example = "Example Bank", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// A PNG, JPEG or WebP picture as `data:` URL in base64, at most 128 KiB.
    logo: Option<String>,
    /// `#rrggbb` by role; takes the place of the former map.
    colours: Option<HashMap<String, String>>,
    /// https, or http on localhost.
    support_url: Option<String>,
}

/// How mails are sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct EmailUpdate {
    /// The sender's address; null: the server's.
    from: Option<String>,
    /// At most 20 addresses.
    #[schema(max_items = 20)]
    admins: Option<Vec<String>>,
}

/// The capture pages.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct CaptureUpdate {
    /// Language tags, best first.
    #[schema(max_items = 50)]
    locales: Option<Vec<String>>,
    /// 1 to 43200; null: the server's.
    #[schema(minimum = 1, maximum = 43_200)]
    token_minutes: Option<u32>,
}

/// What a person has to agree to.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct ConsentUpdate {
    /// Whether a submission without a record of consent is refused.
    required: Option<bool>,
    /// Whether biometric checks are skipped without the person's explicit consent.
    biometric_required: Option<bool>,
    /// The version of the text that counts; null: any.
    #[schema(min_length = 1, max_length = 64)]
    version: Option<String>,
}

/// How webhooks are delivered.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct WebhooksUpdate {
    /// `standard` or `extended`.
    schedule: Option<String>,
}
