//! What an organization is called, and what it decides for itself.

mod change;
mod fields;
mod name;
pub mod settings;

pub use change::{SettingsChange, read_change};
pub use name::{MAXIMUM_NAME, MAXIMUM_SLUG, check_name, check_slug, slug_of};
pub use settings::{
    Branding, CaptureSettings, ConsentSettings, EXTRACTED_FIELDS, EmailSettings, FaceMatchSettings,
    OrganizationSettings, Plan, RetryScheduleName, SignalAction, WebhookSettings, ZONE,
};
