//! An organization's settings (spec/resources.md, "Organization, environments, settings").
//!
//! Stored as one JSON text; a field that an older release did not know takes its default.

use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

/// Days that personal data stays readable after the terminal status, where nothing is set.
const SENSITIVE_DAYS: u32 = 90;
/// Days until a session is redacted, where nothing is set.
const RETENTION_DAYS: u32 = 365;
const SECONDS_OF_A_DAY: u64 = 86_400;
/// Life of a signed document link, in seconds, where nothing is set.
const IMAGE_URL_SECONDS: u32 = 300;

/// The extracted field that is shown only where it is named.
pub const ZONE: &str = "mrz";

/// The fields of a result's `extracted_data`, which a filter may name.
pub const EXTRACTED_FIELDS: &[&str] = &[
    "first_name",
    "middle_name",
    "last_name",
    "date_of_birth",
    "address",
    "document_number",
    "nationality",
    "gender",
    "ssn",
    "document_type",
    "document_expiration_date",
    "document_issuing_state",
    "document_issuing_country",
    "document_issue_date",
    ZONE,
];

vocabulary! {
    /// The rate-limit plan of an organization; what each allows is the server's configuration.
    Plan {
        /// A self-hosted organization: nothing is refused, headers show the ceiling.
        Unlimited = "unlimited",
        /// Free.
        Free = "free",
        /// Starter.
        Starter = "starter",
        /// Professional.
        Professional = "professional",
        /// Enterprise.
        Enterprise = "enterprise",
    }
}

vocabulary! {
    /// What a fraud signal does (spec/risk.md).
    SignalAction {
        /// Not counted, still recorded.
        Ignore = "ignore",
        /// Its weight is added to the score.
        Score = "score",
        /// The session is rejected whatever the score.
        Block = "block",
    }
}

vocabulary! {
    /// How often and how long a webhook is tried again.
    RetryScheduleName {
        /// Six tries within about three hours (F).
        Standard = "standard",
        /// Twelve tries over 76 hours (D).
        Extended = "extended",
    }
}

/// What an organization decides for itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationSettings {
    /// The extracted fields that the API shows; `None` shows all.
    pub api_pii_fields: Option<Vec<String>>,
    /// Life of a signed document link, in seconds.
    pub image_url_expiry_seconds: u32,
    /// Days from the terminal status until the session's retention is over; `None`: never.
    pub data_retention_days: Option<u32>,
    /// Days from the terminal status until the API shows no more personal data; `None`: never.
    pub sensitive_data_retention_days: Option<u32>,
    /// Whether a session whose retention is over is redacted.
    pub auto_redact_on_retention_expiry: bool,
    /// Whether an approved or rejected case needs a second reviewer.
    pub dual_review: bool,
    /// Face comparison.
    pub face_match: FaceMatchSettings,
    /// What each fraud signal does, by the signal's name; others score.
    pub fraud_signal_actions: IndexMap<String, SignalAction>,
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
}

impl Default for OrganizationSettings {
    fn default() -> Self {
        Self {
            api_pii_fields: None,
            image_url_expiry_seconds: IMAGE_URL_SECONDS,
            data_retention_days: Some(RETENTION_DAYS),
            sensitive_data_retention_days: Some(SENSITIVE_DAYS),
            auto_redact_on_retention_expiry: true,
            dual_review: false,
            face_match: FaceMatchSettings::default(),
            fraud_signal_actions: IndexMap::new(),
            branding: Branding::default(),
            email: EmailSettings::default(),
            capture: CaptureSettings::default(),
            consent: ConsentSettings::default(),
            webhooks: WebhookSettings::default(),
        }
    }
}

impl OrganizationSettings {
    /// Life of a signed document link.
    pub const fn image_url_life(&self) -> Duration {
        Duration::from_secs(self.image_url_expiry_seconds as u64)
    }

    /// How long personal data stays readable after the terminal status; `None`: for ever.
    pub fn sensitive_retention(&self) -> Option<Duration> {
        self.sensitive_data_retention_days.map(days)
    }

    /// How long a session is kept after its terminal status; `None`: for ever.
    pub fn full_retention(&self) -> Option<Duration> {
        self.data_retention_days.map(days)
    }

    /// Whether the API may show an extracted field. The zone's lines hold all the others, so they
    /// are shown only where the filter names them (spec/sessions.md, "Result object").
    pub fn shows(&self, field: &str) -> bool {
        match &self.api_pii_fields {
            Some(fields) => fields.iter().any(|shown| shown == field),
            None => field != ZONE,
        }
    }
}

fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * SECONDS_OF_A_DAY)
}

/// Face comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FaceMatchSettings {
    /// The least similarity that passes, 0 to 1; `None`: the model's own.
    pub threshold: Option<f64>,
}

/// How pages and mails look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// The name that applicants read.
    pub name: Option<String>,
    /// A logo as `data:` URL.
    pub logo: Option<String>,
    /// Colours by role, such as `primary`, each `#rrggbb`.
    pub colours: IndexMap<String, String>,
    /// Where the applicant finds help.
    pub support_url: Option<String>,
}

/// How mails are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailSettings {
    /// The sender's address; `None`: the server's.
    pub from: Option<String>,
    /// Who hears of what goes wrong, such as a disabled webhook endpoint.
    pub admins: Vec<String>,
}

/// The capture pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaptureSettings {
    /// The languages on offer, best first; empty: all there are.
    pub locales: Vec<String>,
    /// Life of a capture token in minutes; `None`: the server's.
    pub token_minutes: Option<u32>,
}

/// What a person has to agree to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentSettings {
    /// Whether a submission without a record of consent is refused.
    pub required: bool,
    /// Whether biometric checks need the person's explicit consent; without it they are skipped.
    pub biometric_required: bool,
    /// The version of the text that counts; `None`: any.
    pub version: Option<String>,
}

/// How webhooks are delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookSettings {
    /// How often and how long a delivery is tried.
    pub schedule: RetryScheduleName,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            schedule: RetryScheduleName::Standard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_the_default() {
        let settings: OrganizationSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(settings, OrganizationSettings::default());
        assert_eq!(settings.full_retention(), Some(days(365)));
        assert!(settings.shows("first_name"));
        assert!(!settings.shows(ZONE));
    }

    #[test]
    fn null_switches_a_window_off() {
        let text = r#"{"data_retention_days": null, "api_pii_fields": ["first_name"]}"#;
        let settings: OrganizationSettings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.full_retention(), None);
        assert!(settings.shows("first_name"));
        assert!(!settings.shows("ssn"));
    }
}
