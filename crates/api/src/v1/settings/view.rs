//! The settings object (spec/resources.md, "Organization, environments, settings").

use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::organizations::SettingsView as Loaded;
use verifa_core::id::{OrganizationId, WorkflowId};
use verifa_core::organization::{RetryScheduleName, SignalAction};
use verifa_core::time::Timestamp;

/// What an organization decides for itself, for the environment of the calling key.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    /// The organization.
    #[schema(value_type = String, example = "org_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: OrganizationId,
    /// Display name.
    #[schema(example = "My organization")]
    name: String,
    /// Short name, unique on the server.
    #[schema(example = "my-organization")]
    slug: String,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
    #[schema(example = "unlimited")]
    plan: String,
    /// The extracted fields that the API shows; null: all but `mrz`.
    #[schema(example = json!(null))]
    api_pii_fields: Option<Vec<String>>,
    /// Life of a signed document link, in seconds.
    #[schema(example = 300)]
    image_url_expiry_seconds: u32,
    /// Days from the terminal status until retention is over; null: never.
    #[schema(example = 365)]
    data_retention_days: Option<u32>,
    /// Days from the terminal status until the API shows no more personal data; null: never.
    #[schema(example = 90)]
    sensitive_data_retention_days: Option<u32>,
    /// Whether a session whose retention is over is redacted.
    #[schema(example = true)]
    auto_redact_on_retention_expiry: bool,
    /// Whether a decided case needs a second reviewer.
    #[schema(example = false)]
    dual_review: bool,
    /// Face comparison.
    face_match: FaceMatchView,
    /// What fraud signals do, by the signal's name: `ignore`, `score` or `block`; others score.
    #[schema(value_type = HashMap<String, String>, example = json!({"vpn_detected": "ignore"}))]
    fraud_signal_actions: IndexMap<String, SignalAction>,
    /// The workflow of sessions that name none.
    #[schema(value_type = String, example = "wfl_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    default_workflow_id: WorkflowId,
    /// How pages and mails look.
    branding: BrandingView,
    /// How mails are sent.
    email: EmailView,
    /// The capture pages.
    capture: CaptureView,
    /// What a person has to agree to.
    consent: ConsentView,
    /// How webhooks are delivered.
    webhooks: WebhooksView,
    /// Grows with each change, of either environment.
    #[schema(example = 1)]
    revision: i64,
    /// When the organization was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// Face comparison.
#[derive(Serialize, ToSchema)]
#[schema(as = FaceMatchSettings)]
pub struct FaceMatchView {
    /// The least similarity that passes, 0 to 1; null: the model's own.
    #[schema(example = json!(null))]
    threshold: Option<f64>,
}

/// How pages and mails look.
#[derive(Serialize, ToSchema)]
#[schema(as = Branding)]
pub struct BrandingView {
    /// The name that applicants read.
    #[schema(example = "Example Bank")]
    name: Option<String>,
    /// A PNG, JPEG or WebP picture as `data:` URL.
    #[schema(example = json!(null))]
    logo: Option<String>,
    /// Colours by role, each `#rrggbb`.
    #[schema(value_type = HashMap<String, String>, example = json!({"primary": "#0a4d8c"}))]
    colours: IndexMap<String, String>,
    /// Where the applicant finds help.
    #[schema(example = "https://bank.example/help")]
    support_url: Option<String>,
}

/// How mails are sent.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailSettings)]
pub struct EmailView {
    /// The sender's address; null: the server's.
    #[schema(example = "kyc@bank.example")]
    from: Option<String>,
    /// Always null: the server's configuration names the mail server.
    #[schema(example = json!(null))]
    smtp_url: Option<String>,
    /// Who hears of what goes wrong, such as a disabled webhook endpoint.
    #[schema(example = json!(["ops@bank.example"]))]
    admins: Vec<String>,
}

/// The capture pages.
#[derive(Serialize, ToSchema)]
#[schema(as = CaptureSettings)]
pub struct CaptureView {
    /// The languages on offer, best first; empty: all there are.
    #[schema(example = json!(["de", "en"]))]
    locales: Vec<String>,
    /// Life of a capture token in minutes; null: the server's.
    #[schema(example = 20)]
    token_minutes: Option<u32>,
}

/// What a person has to agree to.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentSettings)]
pub struct ConsentView {
    /// Whether a submission without a record of consent is refused.
    #[schema(example = false)]
    required: bool,
    /// Whether biometric checks are skipped without the person's explicit consent.
    #[schema(example = false)]
    biometric_required: bool,
    /// The version of the text that counts; null: any.
    #[schema(example = json!(null))]
    version: Option<String>,
}

/// How webhooks are delivered.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSettings)]
pub struct WebhooksView {
    /// `standard`: six tries in about three hours; `extended`: twelve over 76 hours.
    #[schema(value_type = String, example = "standard")]
    schedule: RetryScheduleName,
}

impl SettingsView {
    /// The settings as callers see them.
    pub fn of(loaded: &Loaded) -> Self {
        let record = &loaded.record;
        let settings = loaded.settings.clone();
        Self {
            id: record.id,
            name: record.name.clone(),
            slug: record.slug.clone(),
            plan: record.plan.clone(),
            api_pii_fields: settings.api_pii_fields,
            image_url_expiry_seconds: settings.image_url_expiry_seconds,
            data_retention_days: settings.data_retention_days,
            sensitive_data_retention_days: settings.sensitive_data_retention_days,
            auto_redact_on_retention_expiry: settings.auto_redact_on_retention_expiry,
            dual_review: settings.dual_review,
            face_match: FaceMatchView {
                threshold: settings.face_match.threshold,
            },
            fraud_signal_actions: settings.fraud_signal_actions,
            default_workflow_id: record.default_workflow_id,
            branding: BrandingView {
                name: settings.branding.name,
                logo: settings.branding.logo,
                colours: settings.branding.colours,
                support_url: settings.branding.support_url,
            },
            email: EmailView {
                from: settings.email.from,
                smtp_url: None,
                admins: settings.email.admins,
            },
            capture: CaptureView {
                locales: settings.capture.locales,
                token_minutes: settings.capture.token_minutes,
            },
            consent: ConsentView {
                required: settings.consent.required,
                biometric_required: settings.consent.biometric_required,
                version: settings.consent.version,
            },
            webhooks: WebhooksView {
                schedule: settings.webhooks.schedule,
            },
            revision: record.revision,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
